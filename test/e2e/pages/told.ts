/** What test pages keep of their sessions. */

import type { RoomSession, RoomSessionEvents, TokenError } from 'room-session';
import { type LogEntry, logSession } from 'room-session/log';

const names: readonly (keyof RoomSessionEvents)[] = [
  'stateChanged',
  'attemptFailed',
  'participantJoined',
  'participantLeft',
  'participantUpdated',
  'speakersChanged',
  'message',
  'trackAdded',
  'trackRemoved',
  'deviceLost',
  'deviceRestored',
  'tokenRefreshed',
  'tokenRefreshFailed',
  'tokenExpired',
  'clockSkew',
  'woke',
];

/** Puts everything that a session tells into `events`, and its state into the page's `data-state`. */
export function keepEvents(
  session: Pick<RoomSession, 'on' | 'id' | 'getReport'>,
  events: Record<string, unknown>[],
  who?: string,
): void {
  for (const name of names) {
    session.on(name, (event: object) => {
      const error = 'error' in event ? { error: String(event.error) } : {};
      events.push({ ...event, ...error, name, who, at: Date.now() });
    });
  }
  page.sessionLog ??= [];
  const { sessionLog } = page;
  logSession(session, { level: 'debug', print: (entry) => sessionLog.push(entry) });
  // A session that the A-Frame component made has none.
  page.sessionReport = () => session.getReport().catch(() => undefined);
  session.on('stateChanged', ({ state }) => {
    document.documentElement.dataset['state'] = state;
  });
}

/** The log of a page's sessions, and the report of the newest one. */
const page = window as unknown as { sessionLog?: LogEntry[]; sessionReport?: () => Promise<unknown> };

/** How a join ended. */
export interface JoinOutcome {
  readonly state: string;
  readonly tookMs: number;
  readonly code?: string;
  readonly message?: string;
  readonly status?: number | undefined;
  readonly claim?: string | undefined;
  readonly vendorCode?: string | undefined;
}

/** Waits for a join, and says how it ended. */
export async function outcomeOf(joining: Promise<void>, state: () => string): Promise<JoinOutcome> {
  const startedAt = performance.now();
  const error = await joining.catch((reason: TokenError) => reason);
  const outcome = { state: state(), tookMs: performance.now() - startedAt };
  if (!error) return outcome;
  const { code, message, status, claim, vendorCode } = error;
  return { ...outcome, code, message, status, claim, vendorCode };
}
