import type { ErrorCode } from '../errors.ts';
import type { ConnectionState, DisconnectReason, RoomSessionEvents, SilenceReason } from '../events.ts';
import type { DeviceProblem, LocalDevice } from '../own-devices.ts';
import type { SessionId } from '../session-id.ts';
import type { TokenReason } from '../token/source.ts';

/** How much an entry matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What an entry is about. */
export type LogScope = 'session' | 'token' | 'participants' | 'media' | 'time';

/**
 * One line of a log. It has numbers and words of fixed lists only, so no token, name or text of another person can be in
 * it: TypeScript takes no text, and at run time a longer word is left out.
 */
export interface LogEntry {
  /** When it happened, in ms since the epoch by the local clock. */
  readonly at: number;
  readonly session: SessionId;
  readonly level: LogLevel;
  readonly scope: LogScope;
  readonly event: keyof RoomSessionEvents;
  /** The participant's number, in the order in which they came. 0 is oneself. */
  readonly participant?: number;
  readonly state?: ConnectionState;
  readonly reason?:
    | DisconnectReason
    | TokenReason
    | SilenceReason
    | 'host'
    | 'lobby'
    | 'online'
    | 'visible'
    | 'slept';
  readonly code?: ErrorCode;
  readonly device?: LocalDevice;
  readonly problem?: DeviceProblem;
  readonly kind?: 'audio' | 'video';
  /** HTTP status of the token endpoint. */
  readonly status?: number;
  readonly attempt?: number;
  readonly attempts?: number;
  /** In ms since the epoch, by the server's clock. */
  readonly expiresAt?: number;
  /** In ms since the epoch. */
  readonly retryAt?: number;
  /** By how much the local clock is off, in ms. */
  readonly ms?: number;
}

/** What each event is about, and how much it matters. */
const events: Record<keyof RoomSessionEvents, readonly [LogScope, LogLevel]> = {
  stateChanged: ['session', 'info'],
  attemptFailed: ['session', 'warn'],
  participantJoined: ['participants', 'info'],
  participantUpdated: ['participants', 'debug'],
  localParticipantUpdated: ['participants', 'debug'],
  speakersChanged: ['participants', 'debug'],
  participantLeft: ['participants', 'info'],
  message: ['participants', 'debug'],
  trackAdded: ['media', 'info'],
  trackRemoved: ['media', 'info'],
  deviceLost: ['media', 'warn'],
  devicesChanged: ['media', 'debug'],
  localStreamChanged: ['media', 'info'],
  deviceRestored: ['media', 'info'],
  mediaSilent: ['media', 'warn'],
  tokenRefreshed: ['token', 'info'],
  tokenRefreshFailed: ['token', 'warn'],
  tokenExpired: ['token', 'warn'],
  clockSkew: ['time', 'warn'],
  woke: ['time', 'info'],
};

/** The names of all events. */
export const eventNames = Object.keys(events) as (keyof RoomSessionEvents)[];

const numbers = ['status', 'attempt', 'attempts', 'expiresAt', 'retryAt', 'ms'] as const;
const words = ['state', 'reason', 'code', 'device', 'problem', 'kind'] as const;

/** Gives participants numbers, from 1. */
export function makeNumbers(): (id: string | undefined) => number {
  const known = new Map<string | undefined, number>([[undefined, 0]]);
  return (id) => {
    const number = known.get(id) ?? known.size;
    known.set(id, number);
    return number;
  };
}

/** What an event says, in numbers and words. */
export function entryOf(
  event: keyof RoomSessionEvents,
  payload: object,
  session: SessionId,
  at: number,
  numberOf: (id: string | undefined) => number,
): LogEntry {
  const { error, track, id, participantId = id } = payload as Record<string, never>;
  const all: Record<string, unknown> = { ...Object(error), ...payload, kind: Object(track).kind };
  const told: Record<string, unknown> = {};
  for (const name of numbers) if (typeof all[name] === 'number') told[name] = all[name];
  // A longer word is none of ours.
  for (const name of words) if (/^[a-z_]{1,19}$/i.test(`${all[name] ?? ''}`)) told[name] = all[name];
  const [scope, usual] = events[event];
  const isFinal = all['final'] === true || (event === 'stateChanged' && error);
  const level = isFinal ? 'error' : told['state'] === 'reconnecting' ? 'warn' : usual;
  const isOfOne = scope === 'participants' || scope === 'media';
  const participant =
    isOfOne && event !== 'speakersChanged'
      ? { participant: numberOf(event === 'localParticipantUpdated' ? undefined : participantId) }
      : {};
  return { at, session, level, scope, event, ...participant, ...told };
}
