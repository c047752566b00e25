import type { EndReason, Message, Participant, ParticipantTrack, WaitReason } from './adapter.ts';
import type { WakeReason } from './clock.ts';
import type { RoomSessionError, TokenError } from './errors.ts';
import type { Device, DeviceLost, LocalDevice } from './own-devices.ts';
import type { TokenReason } from './token/source.ts';

/**
 * Where a session stands. It is `connecting` until `join` settles, `waiting` while a person must let us in, and
 * `reconnecting` from a lost connection until we are in the room again.
 */
export type ConnectionState = 'disconnected' | 'connecting' | 'waiting' | 'connected' | 'reconnecting';

/**
 * Why a session is `disconnected`.
 *
 * - `left`: by `leave()` or the caller's signal.
 * - `failed`: the join did not succeed.
 * - `denied`: the token or the person was refused.
 * - `removed`: a moderator removed us.
 * - `ended`: the room is over.
 * - `lost`: the room was not reached again within `reconnectLimitMs`.
 */
export type DisconnectReason = EndReason | 'left' | 'failed';

/** A change of state. `reason` and `error` are there only where the state has them. */
export type StateChange = {
  /** The state before this one. */
  readonly previous: ConnectionState;
} & (
  | {
      readonly state: 'connecting' | 'connected' | 'reconnecting';
      readonly reason?: undefined;
      readonly error?: undefined;
    }
  | {
      readonly state: 'waiting';
      /** Whom we wait for. */
      readonly reason: WaitReason;
      readonly error?: undefined;
    }
  | {
      readonly state: 'disconnected';
      readonly reason: DisconnectReason;
      /** What went wrong, where something did. */
      readonly error?: RoomSessionError | undefined;
    }
);

/**
 * Why a participant, or oneself, is not heard though the microphone is on.
 *
 * - `ended`: the track has ended.
 * - `systemMuted`: the system muted the own microphone.
 * - `replaced`: the own microphone is another one now, and what is sent is not it.
 * - `noPackets`: nothing is sent, or nothing comes.
 * - `notSubscribed`: no sound of theirs has come, though they say that their microphone is on.
 * - `denied`: the backend rejected the token, or us, when their sound was asked for.
 */
export type SilenceReason = 'ended' | 'systemMuted' | 'replaced' | 'noPackets' | 'notSubscribed' | 'denied';

/** The events of a `RoomSession`, by name. No event carries a token. */
export interface RoomSessionEvents {
  stateChanged: StateChange;
  /** An attempt to get into the room failed, at a join or a reconnect, or one subscription did. Another attempt follows. */
  attemptFailed: { readonly error: Error };
  participantJoined: Participant;
  /** Something of a participant changed: name, metadata, microphone or camera. */
  participantUpdated: Participant;
  /** The same of ourselves, and our own id. */
  localParticipantUpdated: Participant;
  /** Others speak now than before. We are not among them; `localParticipant.speaking` says it of us. */
  speakersChanged: { readonly speakers: readonly Participant[] };
  participantLeft: Participant;
  /** A message of a participant, as their `send` has sent it. */
  message: Message;
  trackAdded: ParticipantTrack;
  trackRemoved: ParticipantTrack;
  /** An own microphone or camera stopped working. One that ended is opened again before the next attempt. */
  deviceLost: DeviceLost;
  /** The devices that can be chosen are others now: `session.devices`. */
  devicesChanged: { readonly devices: readonly Device[] };
  /** What is published changed, for the self view: another device, the camera off or on. At the end there is `stateChanged`. */
  localStreamChanged: { readonly stream: MediaStream | undefined };
  /** An own microphone or camera works again. */
  deviceRestored: { readonly device: LocalDevice };
  /**
   * A participant, or oneself where there is no `participantId`, has been silent for some seconds, for a reason that is not
   * theirs. Told once, until it changes. Only for sessions with the option `report`.
   */
  mediaSilent: { readonly participantId?: string | undefined; readonly reason: SilenceReason };
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
