import type { RoomAdapter } from '../adapter.ts';
import type { Clock } from '../clock.ts';

/** What a backend may be unable to do in a test, by the name of the stage's member. */
export type ContractCapability = 'reject' | 'drop' | 'silence' | 'participantJoins' | 'participantLeaves';

/**
 * What the contract suite needs of an adapter's tests: the adapter, and its backend, real or fake, as something that can
 * be observed and told to misbehave. {@link webSocketStage} makes one for a backend that is reached by a websocket.
 */
export interface ContractStage {
  /** A new one for each stage. */
  readonly adapter: RoomAdapter;
  /** The room that the suite joins. */
  readonly room: string;
  /** Who joins. Default: none. */
  readonly identity?: string | undefined;
  /** The session's clock. A `FakeClock` makes the suite fast. */
  readonly clock: Clock;
  /** Lets `ms` milliseconds pass for session, adapter and backend: `clock.advance(ms)`, or a real wait. */
  pass(ms: number): Promise<void>;
  /** The `count`-th token of the room, from 1, one that the backend takes. Default: an opaque text. */
  makeToken?(count: number): string | Promise<string>;
  /** How often the backend was reached so far, by anything: connections, requests, script or frame loads. */
  contacts(): number;
  /** The tokens that the backend got so far, oldest first. */
  tokens(): readonly string[];
  /** What is open now and must be closed after `leave()`, by name: sockets, peer connections, elements, timers. */
  open(): readonly string[];
  /** From now on the backend rejects the tokens for which `isRejected` returns true. */
  reject?(isRejected: (token: string) => boolean): void;
  /** Cuts the connection, as a network does that fails for a moment. A new connection works. */
  drop?(): void | Promise<void>;
  /** While `isSilent`, the backend takes connections and what comes in on them, and answers nothing. */
  silence?(isSilent: boolean): void;
  /** Another participant joins, with a track where the vendor has them, and is in the room until `participantLeaves`. */
  participantJoins?(): void | Promise<void>;
  /** The participant from `participantJoins` leaves. */
  participantLeaves?(): void | Promise<void>;
  /** Called at the end of each check. */
  dispose?(): void | Promise<void>;
}
