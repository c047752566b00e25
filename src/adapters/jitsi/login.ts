import { rejection } from './errors.ts';
import type { JitsiOptions } from './options.ts';

/** Where the tab remembers that it was sent to the login page. */
const mark = 'room-session:login';

/**
 * Goes to the login page where `error` says that there is no token to get in with. It does so only once in a row: a login
 * that does not help would send the person round in circles.
 */
export function sendToLogin(loginUrl: JitsiOptions['loginUrl'], room: string, error: unknown): void {
  const { code, vendorCode } = Object(error);
  const isDenied = code === 'token_denied' || (code === 'connect_denied' && vendorCode === rejection);
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

/** We are in the room, so the next denial leads to the login page again. */
export function forgetLogin(loginUrl: JitsiOptions['loginUrl']): void {
  if (loginUrl) sessionStorage.removeItem(mark);
}
