import type { Clock } from './clock.ts';
import type { LocalMediaOptions, MediaWishes } from './local-media.ts';
import type { Token } from './token/jwt.ts';

/**
 * One vendor's way into a room. An adapter makes one attempt to be in the room; the session does everything else: the
 * token before it, the pauses between attempts, the limits, the list of participants, the local media and the clean-up.
 *
 * An adapter is a function in any package that returns this object. `room-session/testing` has the contract suite that
 * every adapter passes, `docs/custom-adapter.md` shows how to write one.
 *
 * @typeParam Vendor - the vendor's own object, which apps get as `session.vendor`
 * @typeParam Prepared - what `prepare` hands to each `connect` of the same join
 */
export interface RoomAdapter<Vendor = unknown, Prepared = unknown> {
  /** For messages, such as `ant-media`. */
  readonly name: string;
  /** True where each authentication uses up its token. Each attempt then gets a fresh one, and none is refreshed ahead. Default false. */
  readonly oneTimeTokens?: boolean | undefined;
  /**
   * Present where the session's own camera and microphone are published. The session opens, mutes and frees them, and
   * hands them to each attempt as `localStream`.
   */
  readonly localMedia?: LocalMediaOptions | undefined;
  /** What to check when the backend rejects a new token too; it ends the error's message. Default: secret, claims and lifetime. */
  readonly tokenAdvice?: string | undefined;
  /** How long a connection must last until the pauses start from the shortest again, in ms. Default 5 000. */
  readonly stableMs?: number | undefined;
  /**
   * How long after `connected` the backend may take to name the participants again, in ms. Who was there before and is not
   * named by then has left. Default 2 000.
   */
  readonly participantsWithinMs?: number | undefined;
  /**
   * Gets ready for the attempts of one join, beside the first token: loads the vendor's library. It sends nothing to the
   * backend before `join.getToken()` resolves. What it throws ends the join.
   */
  prepare?(join: JoinContext): Prepared | Promise<Prepared>;
  /**
   * Starts one attempt to be in the room, and says through `attempt` how it goes. What it throws, or rejects with, ends
   * the attempt: see {@link ConnectAttempt.failed}.
   */
  connect(attempt: ConnectAttempt<Vendor>, prepared: Prepared): void | Promise<void>;
  /**
   * Looks at each new token before it is used.
   *
   * @throws a `TokenError` with code `token_mismatch` where a claim does not fit this join
   */
  checkToken?(token: Token, join: JoinRequest): void;
  /** Turns the microphone on or off. Called while connected only. An absent method is an absent capability. */
  setMicrophone?(vendor: Vendor, on: boolean): void | Promise<void>;
  /** Turns the camera on or off. Called while connected only. An absent method is an absent capability. */
  setCamera?(vendor: Vendor, on: boolean): void | Promise<void>;
  /** Removes a participant, where the token's claims allow it. Called while connected only. */
  kick?(vendor: Vendor, participantId: string, attempt: ConnectAttempt<Vendor>): void | Promise<void>;
}

/** Which room to join, and as whom. */
export interface JoinRequest {
  readonly room: string;
  readonly identity: string | undefined;
}

/** What an adapter asks of the session while a join is under way. */
export interface JoinContext extends JoinRequest {
  /** Aborts when the join ends: by `leave()`, the join timeout, the caller's signal or the end of the room. */
  readonly signal: AbortSignal;
  /** The session's time. Use it in place of the globals, so that tests can turn it. */
  readonly clock: Clock;
  /**
   * A token that is valid now, `undefined` for a guest. Ask right before each authentication. It waits while the endpoint
   * fails.
   *
   * @throws `TokenError` with `token_denied` when that is final; the signal's reason when it aborts
   */
  getToken(request?: AdapterTokenRequest): Promise<Token | undefined>;
  /** Starts to open camera and microphone now. Without it the session opens them after `prepare`. */
  openMedia(): void;
  /** Publishes this stream in place of one that the session opens. The session never stops its tracks. */
  useMedia(stream: MediaStream): void;
  /** The room is over, also between two attempts. Before the first `connected` the join fails with `error`. */
  ended(reason: 'removed' | 'ended', error?: Error): void;
  /** Calls `cleanUp` once when the join has ended, after the attempt's own. `leave()` waits for its promise. */
  onEnd(cleanUp: () => unknown): void;
}

/** What kind of token an adapter needs. */
export interface AdapterTokenRequest {
  /**
   * The backend rejected this token: get another one. Many such reports of one token are one request. Before `connected`,
   * a second token that is rejected too ends the attempt with `connect_denied`.
   */
  readonly rejected?: Token | undefined;
  /** A token that was not handed out before. Default: the adapter's `oneTimeTokens`. */
  readonly fresh?: boolean | undefined;
  /** Gives up waiting when it aborts, in addition to the attempt's own signal. */
  readonly signal?: AbortSignal | undefined;
  /** The backend's own word for the rejection, for the error. */
  readonly vendorCode?: string | undefined;
}

/** Why we wait: for the host, or for a person who lets us in from the lobby. */
export type WaitReason = 'host' | 'lobby';

/** Why a room ended without `leave()`. */
export type EndReason = 'removed' | 'ended' | 'lost' | 'denied';

/** One attempt to be in the room. Each call after its end is ignored. The methods need no `this`. */
export interface ConnectAttempt<Vendor = unknown> extends JoinRequest {
  /** A token that was valid when the attempt started, `undefined` for a guest. */
  readonly token: Token | undefined;
  /** The stream to publish; `undefined` where there is none. */
  readonly localStream: MediaStream | undefined;
  /** The wishes for microphone and camera, by `setMicrophone`, `setCamera` or {@link ConnectAttempt.muted}. */
  readonly wishes: MediaWishes;
  /** Whether this join was in the room, or waited at its door, before this attempt. */
  readonly isReconnect: boolean;
  /** Aborts when the attempt ends. */
  readonly signal: AbortSignal;
  /** The session's time. Use it in place of the globals, so that tests can turn it. */
  readonly clock: Clock;

  /** As {@link JoinContext.getToken}, for further authentications of the same attempt. */
  getToken(request?: AdapterTokenRequest): Promise<Token | undefined>;
  /** Calls `listener` with each new token during the attempt, for vendors that authenticate from a copy of their own. */
  onToken(listener: (token: Token) => void): void;
  /**
   * Sets the attempt's deadline anew: `limitMs` from now. It ends with `connected` and `waiting`. Without `limitMs` there
   * is none. At the start it is the session's `attemptTimeoutMs`.
   *
   * @param problem - what did not happen, for the message. Default "did not let us in"
   * @param advice - what to do, as the message's last sentence
   */
  setDeadline(limitMs: number | undefined, problem?: string, advice?: string): void;
  /** The backend answered. Without it, three attempts that fail in a row end a join as unreachable. */
  reached(): void;
  /** The backend took a token, and further authentications follow before `connected`. */
  accepted(): void;

  /** We are in the room, for the first time or again. */
  connected(vendor: Vendor): void;
  /** A person must let us in. The join timeout stands still. */
  waiting(reason: WaitReason, vendor?: Vendor): void;
  /** The vendor lost the connection and restores it itself; `connected` follows within the deadline, which starts anew. */
  reconnecting(): void;
  /** A part of the attempt failed, such as one subscription, and the adapter tries that part again. Told as `attemptFailed`. */
  retrying(error: Error): void;

  /**
   * The backend rejected `attempt.token`. The session gets another one and tries again, once.
   *
   * @param why - the backend's own text, for the message
   */
  rejected(vendorCode?: string, why?: string): void;
  /** The attempt failed or the connection is lost; another attempt may help. `problem` is a short sentence without its dot. */
  lost(problem: string, details?: LostDetails): void;
  /** The backend says no, whatever the token. The room is over. */
  denied(error: Error): void;
  /** The room is over, and another attempt does not help. */
  ended(reason: 'removed' | 'ended', error?: Error): void;
  /**
   * Ends the attempt by the kind of `error`. A denial is `denied`; any other error with one of our codes is final, but
   * `connect_failed` and `connect_timeout`; those and errors of others are `lost`.
   */
  failed(error: unknown): void;

  /** All participants who are in the room now. Those who are not named have left. */
  participants(list: readonly Participant[]): void;
  participantJoined(participant: Participant): void;
  participantLeft(id: string): void;
  /** Every participant who is here was named since `connected`. Those of an earlier attempt who were not have left. */
  participantsComplete(): void;
  /** All tracks of this participant now. The session makes one stream of them, which stays over reconnects. */
  tracks(participantId: string, tracks: readonly MediaStreamTrack[]): void;
  /**
   * All tracks now of which it is not known whose they are, such as sound that goes to the ones who speak. They are told
   * with the room's name as `participantId`, which is no participant, in one stream.
   */
  roomTracks(tracks: readonly MediaStreamTrack[]): void;
  /** The person muted or unmuted in the vendor's own interface. It is the wish from now on. */
  muted(device: 'microphone' | 'camera', muted: boolean): void;

  /**
   * Calls `cleanUp` once when the attempt has ended; the place to free sockets, elements and listeners. `retryInMs` is the
   * pause before the next attempt in ms, `undefined` where none follows. The next attempt and `leave()` wait for its
   * promise, 5 s at most.
   */
  onEnd(cleanUp: (retryInMs: number | undefined) => unknown): void;
}

/** What {@link ConnectAttempt.lost} may say besides the problem. */
export interface LostDetails {
  /** The backend's or browser's own word for it. */
  readonly vendorCode?: string | undefined;
  /** The error underneath. */
  readonly cause?: unknown;
  /** The pause before the next attempt in ms, half of it random, where the adapter knows better. Default: they grow up to 10 s. */
  readonly pauseMs?: number | undefined;
}

/** Another person in the room. `id` is the vendor's id of that participant. */
export interface Participant {
  readonly id: string;
  /** What that person's own app has given as `identity`, where the backend tells it beside the id. The backend has not checked it. */
  readonly identity?: string | undefined;
  readonly name?: string | undefined;
}

/**
 * A track of a participant, in a stream that holds the tracks of that participant only. Where it is not known whose it is,
 * `participantId` is the room's name.
 */
export interface ParticipantTrack {
  readonly participantId: string;
  readonly track: MediaStreamTrack;
  readonly stream: MediaStream;
}
