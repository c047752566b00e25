import type { Clock } from './clock.ts';
import type { Token } from './token/jwt.ts';

/**
 * One vendor's way into a room. An adapter is a function in anybody's package that returns this object; the core knows
 * none by name. `room-session/testing` has the contract suite that every adapter passes, `docs/custom-adapter.md` the
 * way to write one.
 *
 * A session calls `connect` once per join and `disconnect` after each of them, also after a `connect` that failed or
 * is still under way. One adapter belongs to one session.
 */
export interface RoomAdapter<Vendor = unknown> {
  /** For messages, such as `ant-media`. */
  readonly name: string;
  /** The vendor's own object while connected: the escape hatch. It may be another one after a reconnect. */
  readonly vendor: Vendor | undefined;
  /** True where each authentication uses up its token: the session then refreshes nothing ahead of time. */
  readonly oneTimeTokens?: boolean;
  /**
   * Joins the room; resolves when in it. Prepares what it can before its first `getToken()`, and sends nothing to the
   * backend before that resolves. Rejects with a `RoomSessionError`; ends promptly when `context.signal` aborts.
   */
  connect(context: ConnectContext): Promise<void>;
  /** Takes a fresh token for authentications that the vendor starts by itself from a stored copy. */
  updateToken?(token: Token): void | Promise<void>;
  /** Leaves and frees everything. Safe at any time, and twice. */
  disconnect(): void | Promise<void>;
  /**
   * Throws a `TokenError` with code `token_mismatch` when a claim does not fit this join; called for each new token
   * before anybody gets it.
   */
  checkToken?(token: Token, join: JoinRequest): void;
  /** Turns the own microphone on or off. An absent method is an absent capability. */
  setMicrophone?(on: boolean): void | Promise<void>;
  /** Turns the own camera on or off. An absent method is an absent capability. */
  setCamera?(on: boolean): void | Promise<void>;
  /** Removes a participant, where the token's claims allow it. */
  kick?(participantId: string): Promise<void>;
}

/** Which room to join, and as whom. */
export interface JoinRequest {
  readonly room: string;
  readonly identity: string | undefined;
}

/** What an adapter has while it is connected. */
export interface ConnectContext extends JoinRequest {
  /** Aborts on `leave()`, on the join timeout and when the caller's signal does. */
  readonly signal: AbortSignal;
  /** The session's time; use it in place of the globals so that tests can turn it. */
  readonly clock: Clock;
  /**
   * A token that is valid now, to be asked for right before each authentication. `undefined`: join as a guest.
   * Waits while the endpoint fails; rejects with `token_denied` when that is final, and with the signal's reason.
   */
  getToken(request?: AdapterTokenRequest): Promise<Token | undefined>;
  /** Tells the session what happened. Without effect once this connection is over. */
  report(report: AdapterReport): void;
}

/** What kind of token an adapter needs. */
export interface AdapterTokenRequest {
  /** The backend refused this token: get another one. Many such reports of one token are one request. */
  readonly rejected?: Token | undefined;
  /** A token that nobody was given before, for one-time tokens. */
  readonly fresh?: boolean | undefined;
  /** Gives up waiting when it aborts, in addition to the connection's own signal. */
  readonly signal?: AbortSignal | undefined;
}

/** Why a connection ended that nobody asked to leave. */
export type EndReason = 'removed' | 'ended' | 'lost' | 'denied';

/** Somebody else in the room. `id` is the vendor's id of that participant. */
export interface Participant {
  readonly id: string;
  readonly name?: string | undefined;
}

/** What an adapter tells its session. */
export type AdapterReport =
  | { readonly type: 'waiting'; readonly reason: 'host' | 'lobby' }
  /** A try failed and another follows: so that a join that runs out of time can say why. */
  | { readonly type: 'retrying'; readonly error: Error }
  | { readonly type: 'reconnecting' }
  | { readonly type: 'connected' }
  | { readonly type: 'disconnected'; readonly reason: EndReason; readonly error?: unknown }
  | { readonly type: 'participantJoined' | 'participantLeft'; readonly participant: Participant }
  | ({ readonly type: 'trackAdded' | 'trackRemoved' } & ParticipantTrack);

/** A track of a participant, in a stream that holds the tracks of that participant only. */
export interface ParticipantTrack {
  readonly participantId: string;
  readonly track: MediaStreamTrack;
  readonly stream: MediaStream;
}
