import type { Clock } from './clock.ts';
import type { AdapterTokenRequest, ConnectAttempt, JoinRequest } from './connect-attempt.ts';
import type { DeviceKind, LocalMediaOptions } from './own-devices.ts';
import type { OutgoingMessage, OwnInfo } from './participant.ts';
import type { Token } from './token/jwt.ts';

export type {
  AdapterTokenRequest,
  ConnectAttempt,
  EndReason,
  JoinRequest,
  LostDetails,
  WaitReason,
} from './connect-attempt.ts';
export type { DeviceKind } from './own-devices.ts';
export type {
  Message,
  Metadata,
  OutgoingMessage,
  OwnInfo,
  Participant,
  ParticipantInfo,
  ParticipantTrack,
} from './participant.ts';

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
  /** The peer connections that are open now, for reports and `mediaSilent`. Called while connected only. */
  connections?(vendor: Vendor): readonly RTCPeerConnection[];
  /** Turns the microphone on or off. Called while connected only. An absent method is an absent capability. */
  setMicrophone?(vendor: Vendor, on: boolean): void | Promise<void>;
  /** Turns the camera on or off. Called while connected only. An absent method is an absent capability. */
  setCamera?(vendor: Vendor, on: boolean): void | Promise<void>;
  /**
   * Tells the others what we say of ourselves: name, metadata, whether microphone and camera are on. Called when connected,
   * and at each change while connected. Newcomers are the adapter's affair; `attempt.me` has the newest. An absent method is
   * an absent capability.
   */
  announce?(vendor: Vendor, me: OwnInfo, attempt: ConnectAttempt<Vendor>): void | Promise<void>;
  /**
   * Sends a message to one participant, or to all others. Called while connected only.
   *
   * @throws a `RoomSessionError` `connect_failed` where it could not be sent
   */
  send?(vendor: Vendor, message: OutgoingMessage, attempt: ConnectAttempt<Vendor>): void | Promise<void>;
  /** The longest message that the backend carries, in bytes of UTF-8 of its JSON. Default 60 000. */
  readonly messageLimit?: number | undefined;
  /**
   * Uses another device, where the vendor has the devices. Called while connected only; `deviceId` is one of
   * `attempt.devices`.
   */
  setDevice?(
    vendor: Vendor,
    kind: DeviceKind,
    deviceId: string,
    attempt: ConnectAttempt<Vendor>,
  ): void | Promise<void>;
  /** Shares the screen, or ends that, where the vendor has the devices. Called while connected only. */
  shareScreen?(vendor: Vendor, on: boolean): void | Promise<void>;
  /** Removes a participant, where the token's claims allow it. Called while connected only. */
  kick?(vendor: Vendor, participantId: string, attempt: ConnectAttempt<Vendor>): void | Promise<void>;
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
