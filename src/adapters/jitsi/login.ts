import { refusal } from './meanings.ts';
import type { JitsiOptions } from './options.ts';

/** Where the tab remembers that it was sent to the login page. */
const mark = 'room-session:login';

/**
 * Goes to the login page where `error` says that there is no token to get in with; not twice in a row, for a login that
 * does not help would send us round in circles.
 */
export function sendToLogin(loginUrl: JitsiOptions['loginUrl'], room: string, error: unknown): void {
  const { code, vendorCode } = Object(error);
  const isDenied = code === 'token_denied' || (code === 'connect_denied' && vendorCode === refusal);
  if (!loginUrl || !isDenied) return;
  const wasSent = sessionStorage.getItem(mark);
  sessionStorage.removeItem(mark);
  if (wasSent) return;
  sessionStorage.setItem(mark, room);
  location.assign(
    typeof loginUrl === 'function'
      ? loginUrl(room)
      : loginUrl
          .replaceAll('{room}', encodeURIComponent(room))
          .replaceAll('{url}', encodeURIComponent(location.href)),
  );
}

/** We are in the room: the next denial is another story. */
export function forgetLogin(loginUrl: JitsiOptions['loginUrl']): void {
  if (loginUrl) sessionStorage.removeItem(mark);
}
