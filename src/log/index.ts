import { browserClock, type Clock } from '../clock.ts';
import type { RoomSession } from '../session.ts';
import { entryOf, eventNames, type LogEntry, type LogLevel, makeNumbers } from './entry.ts';

export type { LogEntry, LogLevel, LogScope } from './entry.ts';

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** How {@link logSession} logs. */
export interface LogOptions {
  /** Entries of lower levels are left out. Default: `info`. */
  readonly level?: LogLevel | undefined;
  /** Takes each entry. Default: {@link printEntry}. */
  readonly print?: ((entry: LogEntry) => void) | undefined;
  /** Tells the time. Default: the browser's. */
  readonly clock?: Clock | undefined;
}

/**
 * Logs what a session tells, as structure. An entry has numbers and words of fixed lists only, so no token can be in it.
 *
 * @returns ends the log
 * @example
 * const stop = logSession(session, { print: (entry) => navigator.sendBeacon('/log', JSON.stringify(entry)) });
 */
export function logSession(session: Pick<RoomSession, 'on' | 'id'>, options: LogOptions = {}): () => void {
  const { level = 'info', print = printEntry, clock = browserClock } = options;
  const numberOf = makeNumbers();
  const removers = eventNames.map((event) =>
    session.on(event, (payload) => {
      const entry = entryOf(event, payload, session.id, clock.now(), numberOf);
      if (levels.indexOf(entry.level) >= levels.indexOf(level)) print(entry);
    }),
  );
  return () => {
    for (const remove of removers) remove();
  };
}

/** Prints an entry to the console, with its level. */
export function printEntry({ level, scope, event, ...entry }: LogEntry): void {
  console[level](`room-session ${scope} ${event}`, entry);
}
