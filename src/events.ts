import type { EndReason, Participant, ParticipantTrack } from './adapter.ts';
import type { WakeReason } from './clock.ts';
import type { TokenError } from './errors.ts';
import type { TokenReason } from './token/source.ts';

/**
 * Where a session stands. `connecting` until `join` settles; `waiting` while somebody else must let us in;
 * `reconnecting` while a room that we were in is being got back.
 */
export type ConnectionState = 'disconnected' | 'connecting' | 'waiting' | 'connected' | 'reconnecting';

/** A change of state. */
export interface StateChange {
  readonly state: ConnectionState;
  readonly previous: ConnectionState;
  /**
   * For `disconnected`: `left` (by `leave()` or the caller's signal), `failed` (the join did), `denied` (the token or
   * the person was refused), `removed`, `ended` (the room was), `lost` (not to be got back in time). For `waiting`:
   * whom for.
   */
  readonly reason?: EndReason | 'left' | 'failed' | 'host' | 'lobby' | undefined;
  /** What went wrong, where something did. */
  readonly error?: Error | undefined;
}

/** The events of a `RoomSession`, by name. No event carries a token. */
export interface RoomSessionEvents {
  stateChanged: StateChange;
  /** A try to get into the room failed, at a join or a reconnect, and another follows. */
  attemptFailed: { readonly error: Error };
  participantJoined: Participant;
  participantLeft: Participant;
  trackAdded: ParticipantTrack;
  trackRemoved: ParticipantTrack;
  /** A token arrived: when it ends (ms since the epoch, server's clock), why it was asked for, how many requests it took. */
  tokenRefreshed: { readonly expiresAt: number; readonly reason: TokenReason; readonly attempts: number };
  /** A request for a token failed; `retryAt` in ms since the epoch by the local clock, `undefined` where it is final. */
  tokenRefreshFailed: {
    readonly error: TokenError;
    readonly attempt: number;
    readonly retryAt: number | undefined;
    readonly final: boolean;
  };
  /** The token ended before another came; the room goes on until its server asks for one. */
  tokenExpired: { readonly room: string };
  /** The local clock is off by this many ms, ahead where positive. Tokens are not affected; other code may be. */
  clockSkew: { readonly ms: number };
  /** The machine or the page woke, or the network is back: what was overdue is done now. */
  woke: { readonly reason: WakeReason };
}
