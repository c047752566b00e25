import type { Clock } from './clock.ts';
import type { Device, MediaWishes } from './own-devices.ts';
import type { OwnInfo, ParticipantInfo } from './participant.ts';
import type { Token } from './token/jwt.ts';

/** Which room to join, and as whom. */
export interface JoinRequest {
  readonly room: string;
  readonly identity: string | undefined;
  /** The name shown to the others. Default: the identity. */
  readonly name?: string | undefined;
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

/**
 * Why we wait: for the host; for a person who lets us in from the lobby; for our own person, who has to type the room's
 * password, or to press a button on the vendor's page before the room.
 */
export type WaitReason = 'host' | 'lobby' | 'password' | 'prejoin';

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
  /** What we say of ourselves now. */
  readonly me: OwnInfo;
  /** Whether this join was in the room, or waited at its door, before this attempt. */
  readonly isReconnect: boolean;
  /** Aborts when the attempt ends. */
  readonly signal: AbortSignal;
  /** The session's time. Use it in place of the globals, so that tests can turn it. */
  readonly clock: Clock;

  /** As `join.getToken` of `prepare`, for further authentications of the same attempt. */
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

  /** We are in the room, for the first time or again. `id` is our own id there, where the vendor has one. */
  connected(vendor: Vendor, id?: string): void;
  /** A person must do something. The join timeout stands still. */
  waiting(reason: WaitReason, vendor?: Vendor): void;
  /** The vendor lost the connection and restores it itself; `connected` follows within the deadline, which starts anew. */
  reconnecting(): void;
  /** A part of the attempt failed, such as one subscription, and the adapter tries that part again. Told as `attemptFailed`. */
  retrying(error: Error, participantId?: string): void;

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
  participants(list: readonly ParticipantInfo[]): void;
  /** This participant is in the room. What is not said of one who is known stays as it was. */
  participantJoined(participant: ParticipantInfo): void;
  /** Something of a participant changed. It counts only for one who is known. */
  participantUpdated(participant: ParticipantInfo): void;
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
  /**
   * These participants speak now, and no others, with our own id where it is us. Without any such call the session measures
   * the tracks, where it has `connections`.
   */
  speakers(ids: readonly string[]): void;
  /** A message came from this participant. */
  message(from: string, data: unknown): void;
  /** The vendor's own page shares our screen now, or no longer. */
  screenShared(on: boolean): void;
  /** The devices that can be chosen, where the vendor has them. */
  devices(list: readonly Device[]): void;
  /** Where the media flow now, for the session's measurements. `list` is called again and again. */
  connections(list: () => readonly RTCPeerConnection[]): void;
  /** The person muted or unmuted in the vendor's own interface. It is the wish from now on. */
  muted(device: 'microphone' | 'camera', muted: boolean): void;
  /**
   * The vendor, not the session, is about to publish this track in place of an own one, such as at its own method for another
   * device. The wishes hold for it from now on. The next attempt opens the session's own again.
   *
   * @param deviceId - the browser's id of its device, which the session takes next time. Default: the one before
   */
  publishes(track: MediaStreamTrack, deviceId?: string): void;

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
