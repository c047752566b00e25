import type { LogEntry } from 'room-session/log';

declare const token: string;

/** A token cannot be put into an entry. */
export const entry: LogEntry = {
  at: 5,
  // @ts-expect-error: a session's id is made by the session alone
  session: token,
  level: 'info',
  scope: 'token',
  event: 'tokenRefreshed',
  // @ts-expect-error: a word of a list
  reason: token,
  // @ts-expect-error: a word of a list
  code: token,
  // @ts-expect-error: a number
  status: token,
};
