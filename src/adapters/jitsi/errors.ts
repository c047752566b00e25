import { cut, own } from '../../untrusted.ts';
import { nodeOf } from './room-name.ts';
import type { VendorError } from './vendor.ts';

/** How the page says that the token was rejected, or that it wants one. */
export const rejection = 'connection.passwordRequired';

/**
 * What an error of the meeting's page means.
 *
 * - `rejected`: the server does not take the token, or wants one.
 * - `denied`: the meeting says no, whatever the token.
 * - `ended`: the meeting is over, or another attempt gives the same answer.
 * - `host`, `lobby`: a person must let us in.
 * - `lost`: the page cannot go on. It would load again 10 to 30 s later, with its old token.
 * - `noBridge`: as `lost`, once; after the second time another attempt does not help.
 * - `joinFailed`: the page did not get into the room. In the room it changes nothing.
 * - `reconnects`: the page logs in again by itself, with its old token.
 * - `ignored`: nothing to do.
 */
export type ErrorKind =
  | 'rejected'
  | 'denied'
  | 'ended'
  | 'host'
  | 'lobby'
  | 'lost'
  | 'noBridge'
  | 'joinFailed'
  | 'reconnects'
  | 'ignored';

/** The names of lib-jitsi-meet's JitsiConnectionErrors and JitsiConferenceErrors. One that is not here is `ignored`. */
const kinds = new Map<string, ErrorKind>([
  [rejection, 'rejected'],
  ['connection.conferenceRequestFailed', 'joinFailed'],
  ['connection.droppedError', 'lost'],
  // Before a webinar has begun.
  ['connection.notLiveError', 'host'],
  ['connection.otherError', 'lost'],
  ['connection.serverError', 'lost'],
  ['connection.shardChangedError', 'reconnects'],
  // Comes every 5 s.
  ['conference.authenticationRequired', 'host'],
  ['conference.connectionError', 'joinFailed'],
  // The lobby's no.
  ['conference.connectionError.accessDenied', 'denied'],
  ['conference.connectionError.membersOnly', 'lobby'],
  // The token is for another room.
  ['conference.connectionError.notAllowed', 'denied'],
  ['conference.destroyed', 'ended'],
  ['conference.focusDisconnected', 'lost'],
  ['conference.focusLeft', 'lost'],
  ['conference.gracefulShutdown', 'joinFailed'],
  ['conference.iceFailed', 'lost'],
  ['conference.incompatible_server_versions', 'ended'],
  ['conference.max_users', 'denied'],
  ['conference.offerAnswerFailed', 'lost'],
  ['conference.reservationError', 'denied'],
  ['conference.videobridgeNotAvailable', 'noBridge'],
]);

/** An error of the page, as it may be worked with: texts are cut, and everything has its type. */
export interface PageError {
  readonly name: string;
  readonly message: string | undefined;
  readonly params: readonly unknown[];
  readonly isFatal: boolean;
}

const mostParams = 10;

/** Reads an error of the page's. */
export function readError(error: unknown): PageError {
  const { name, message, params, isFatal } = own<VendorError>(Object(error));
  const cutParams = [params].flat().slice(0, mostParams);
  return {
    name: cut(name) ?? '',
    message: cut(message),
    params: cutParams.map((param) => cut(param) ?? param === true),
    isFatal: !!isFatal,
  };
}

/** Sorts one of the page's errors. An unknown one is `lost` where it is fatal. */
export function kindOf({ name, params, isFatal }: PageError, roomName: string): ErrorKind {
  const kind = kinds.get(name);
  // The second parameter says that the lobby is there until the host comes.
  if (kind === 'lobby' && params[1] === true) return 'host';
  // The meeting goes on under the same name, and the page enters it again.
  const isSameRoom = (param: unknown) =>
    `${param}`.replace(/^\[.*?\]/, '').startsWith(`${nodeOf(roomName)}@`);
  if (name === 'conference.destroyed' && params.slice(1).some(isSameRoom)) return 'reconnects';
  return kind ?? (isFatal ? 'lost' : 'ignored');
}

/** The vendor's text on an error, which it cuts out of XML, without what could be a piece of a token. */
export function textOf({ message, params }: PageError): string {
  const text = message ?? params.find((param) => / /.test(`${param}`)) ?? params[0];
  return typeof text === 'string'
    ? text.replaceAll('&apos;', "'").replace(/(?=[\w-]*[A-Z\d])[\w-]{20,}/g, '…')
    : '';
}

/** What the page said, as a sentence without its dot. */
export const sentence = (name: string, text: string): string =>
  `The meeting says ${name}${text && ` (${text})`}`;
