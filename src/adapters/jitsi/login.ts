import { parseUrl } from '../check-url.ts';
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
  const url =
    typeof loginUrl === 'function'
      ? loginUrl(room)
      : loginUrl
          .replaceAll('{room}', encodeURIComponent(room))
          .replaceAll('{url}', encodeURIComponent(location.href));
  const wasSent = isMarked() ?? cameFrom(url);
  setMark(wasSent ? undefined : room);
  if (!wasSent) location.assign(url);
}

/** We are in the room, so the next denial leads to the login page again. */
export function forgetLogin(loginUrl: JitsiOptions['loginUrl']): void {
  if (loginUrl) setMark(undefined);
}

/** `undefined` where the browser blocks site data, as it may for a page inside another one: then looking at it throws. */
function isMarked(): boolean | undefined {
  try {
    return sessionStorage.getItem(mark) !== null;
  } catch {
    return undefined;
  }
}

function setMark(room: string | undefined): void {
  try {
    if (room === undefined) sessionStorage.removeItem(mark);
    else sessionStorage.setItem(mark, room);
  } catch {
    // Nothing is kept; the referrer has to do.
  }
}

/** Whether this page was reached from the login page, whose origin is all that another origin sees of its address. */
function cameFrom(loginUrl: string): boolean {
  const { origin, pathname } = new URL(loginUrl, location.href);
  const from = parseUrl(document.referrer);
  return from?.origin === origin && (origin !== location.origin || from.pathname === pathname);
}
