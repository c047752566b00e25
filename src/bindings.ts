import type { WaitReason } from './adapter.ts';
import type { RoomSessionError } from './errors.ts';
import type { ConnectionState, DisconnectReason, RoomSessionEvents } from './events.ts';
import type { RoomSession } from './session.ts';

/** Where a session stands, and why. */
export interface ConnectionStatus {
  readonly state: ConnectionState;
  /** For `waiting` and `disconnected`. Absent before the first join. */
  readonly reason?: DisconnectReason | WaitReason | undefined;
  /** What went wrong, where something did. */
  readonly error?: RoomSessionError | undefined;
}

type EventName = keyof RoomSessionEvents;

/** The events after which there may be another list of participants. */
export const participantEvents: readonly EventName[] = [
  'participantJoined',
  'participantUpdated',
  'participantLeft',
];
/** The events after which a participant may have another stream, or we. */
export const streamEvents: readonly EventName[] = [
  'trackAdded',
  'trackRemoved',
  'stateChanged',
  'localStreamChanged',
];

const statuses = new WeakMap<RoomSession, ConnectionStatus>();

/** The newest status of a session, also for a component that comes later. The same object until it changes. */
export function statusOf(session: RoomSession): ConnectionStatus {
  const known = statuses.get(session);
  if (known) return known;
  const first = { state: session.state };
  statuses.set(session, first);
  session.on('stateChanged', ({ state, reason, error }) => statuses.set(session, { state, reason, error }));
  return first;
}

/** The stream of a participant, or our own. */
export function streamOf(session: RoomSession, participantId: string | undefined): MediaStream | undefined {
  if (participantId === undefined) return session.localStream;
  return session.tracks.find((track) => track.participantId === participantId)?.stream;
}

/** Calls `listener` after each of these events; returns what ends that. */
export function onChange(
  session: RoomSession,
  events: readonly EventName[],
  listener: () => void,
): () => void {
  const stops = events.map((name) => session.on(name, listener));
  return () => {
    for (const stop of stops) stop();
  };
}

/** A room that a component wants to be in. */
export interface Wish {
  readonly room: string;
  readonly identity: string | undefined;
  /** Another one means another join. */
  readonly key: unknown;
}

/** What was asked for last, and what was done about it. */
interface Wishes {
  newest: Wish | undefined;
  done: Wish | undefined;
}

const wishes = new WeakMap<RoomSession, Wishes>();

/**
 * Wants `session` to be in a room; returns what takes that back. A component comes and goes more often than a person does
 * (StrictMode, hot reload): what is taken back and wanted again in the same task changes nothing.
 */
export function stayIn(session: RoomSession, wish: Wish): () => void {
  const all = wishes.get(session) ?? { newest: undefined, done: undefined };
  wishes.set(session, all);
  const change = (newest: Wish | undefined) => {
    all.newest = newest;
    queueMicrotask(() => follow(session, all));
  };
  change(wish);
  return () => {
    if (all.newest === wish) change(undefined);
  };
}

function follow(session: RoomSession, all: Wishes): void {
  const { newest, done } = all;
  if (newest?.room === done?.room && newest?.identity === done?.identity && newest?.key === done?.key) return;
  all.done = newest;
  void session.leave();
  if (!newest) return;
  session.join(newest.room, { identity: newest.identity }).catch((error: unknown) => {
    // All other errors are in the status.
    if (Object(error).code === 'invalid_argument' && statusOf(session).error !== error) throw error;
  });
}
