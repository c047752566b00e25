import type { RoomAdapter } from '../adapter.ts';
import type { Clock } from '../clock.ts';

/** What a backend cannot be made to do in a test, by the name of the stage's member. */
export type ContractCapability = 'refuse' | 'drop' | 'somebodyJoins' | 'somebodyLeaves';

/**
 * What the contract suite needs of a vendor's tests: an adapter that was never used, and its backend, real or fake, as
 * something that can be looked at and told to misbehave.
 */
export interface ContractStage {
  /** A new one for each stage. */
  readonly adapter: RoomAdapter;
  readonly room: string;
  /** Handed to `connect`. Default: none. */
  readonly identity?: string | undefined;
  /** Handed to `connect`; a `FakeClock` makes the suite fast. */
  readonly clock: Clock;
  /** Lets `ms` pass for adapter and backend: `clock.advance(ms)`, or a real wait. */
  pass(ms: number): Promise<void>;
  /** The `count`-th token (from 1) of a room, one that the backend takes. Default: an opaque text. */
  makeToken?(count: number): string | Promise<string>;
  /** How often the backend was reached so far, by anything: connections, requests, script or frame loads. */
  contacts(): number;
  /** The tokens that the backend got so far, oldest first. */
  tokens(): readonly string[];
  /** What is open now and must not be after `disconnect`, by name: sockets, peer connections, elements, timers. */
  open(): readonly string[];
  /** From now on the backend refuses the tokens for which `refused` says yes. */
  refuse?(refused: (token: string) => boolean): void;
  /** Cuts the connection, as a network does that fails for a moment. */
  drop?(): void | Promise<void>;
  /** Somebody else joins the room, with a track where the vendor has them. */
  somebodyJoins?(): void | Promise<void>;
  /** The one from `somebodyJoins` leaves. */
  somebodyLeaves?(): void | Promise<void>;
  /** Called at the end of each check. */
  dispose?(): void | Promise<void>;
}
