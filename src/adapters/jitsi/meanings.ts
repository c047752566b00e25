import type { VendorError } from './vendor.ts';

/** How the page says that the token was refused, or that it wants one. */
export const refusal = 'connection.passwordRequired';

/**
 * What an error of the meeting's page means for us.
 *
 * - `refused`: the token; one new token, one more frame.
 * - `denied`: the meeting says no, whatever the token.
 * - `terminal`: trying again gives the same answer.
 * - `host`, `lobby`: somebody must let us in.
 * - `ended`: the meeting is over for all.
 * - `lost`: the page cannot go on; it would load itself again 10 to 30 s later, with the token it once got.
 * - `transient`: as `lost`, where we are not in the room yet.
 * - `login`: the page logs in again by itself, with the token it once got.
 * - `information`: nothing to do.
 */
export type Meaning =
  | 'refused'
  | 'denied'
  | 'terminal'
  | 'host'
  | 'lobby'
  | 'ended'
  | 'lost'
  | 'transient'
  | 'login'
  | 'information';

/** The names of lib-jitsi-meet's JitsiConnectionErrors and JitsiConferenceErrors, by their beginnings. */
const meanings: readonly (readonly [RegExp, Meaning])[] = [
  [new RegExp(`^${refusal}`), 'refused'],
  // conference.connectionError.accessDenied (the lobby) and .notAllowed (the token is for another room),
  // conference.max_users, conference.reservationError
  [/^conference\.(connectionError\.(access|notAl)|max_|reserv)/, 'denied'],
  [/^conference\.incompatible/, 'terminal'],
  // conference.authenticationRequired comes every 5 s, connection.notLiveError before a webinar has begun.
  [/^con\w+\.(authenticationR|notLive)/, 'host'],
  [/^conference\.connectionError\.membersOnly/, 'lobby'],
  [/^conference\.destroyed/, 'ended'],
  [/^connection\.shardChanged/, 'login'],
  // conference.connectionError, conference.gracefulShutdown, connection.conferenceRequestFailed
  [/^con\w+\.(connectionError$|graceful|conferenceRequest)/, 'transient'],
  // connection.droppedError, .otherError, .serverError; conference.focusDisconnected, .focusLeft, .iceFailed,
  // .offerAnswerFailed, .videobridgeNotAvailable
  [/^con\w+\.(dropped|other|server|focus|iceF|offer|videobridge)/, 'lost'],
];

/** Sorts one of the page's errors. One that nobody knows is `lost` where it is fatal, else `information`. */
export function meaningOf({ name, params, isFatal }: VendorError, room: string): Meaning {
  const [, meaning] = meanings.find(([names]) => names.test(`${name}`)) ?? [];
  // A waiting host's lobby is named so by the second parameter.
  if (meaning === 'lobby' && params?.[1] === true) return 'host';
  // A meeting that goes on under its own name is entered again by the page.
  if (meaning === 'ended' && params?.slice(1).some((param) => `${param}`.startsWith(`${room}@`)))
    return 'login';
  return meaning ?? (isFatal ? 'lost' : 'information');
}

/** The vendor's text on an error, which it cuts out of XML; with nothing in it that could be a piece of a token. */
export function textOf({ message, params }: VendorError): string {
  const text = message ?? params?.find((param) => / /.test(`${param}`)) ?? params?.[0];
  return typeof text === 'string'
    ? text.replaceAll('&apos;', "'").replace(/(?=[\w-]*[A-Z\d])[\w-]{20,}/g, '…')
    : '';
}
