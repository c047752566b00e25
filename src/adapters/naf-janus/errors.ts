import { RoomSessionError } from '../../errors.ts';
import { textIn } from '../../report-error.ts';
import { cut } from '../../untrusted.ts';
import type { JanusFrame } from './vendor.ts';

/** What to check when the server rejects a new token too. */
export const tokenAdvice =
  "Check the token's key and algorithm (RS512), room_ids, join_hub, and the server's clock.";

const anonymous = 'Rejecting anonymous join!';

/** The server's words for a rejected join (`auth.rs` and `lib.rs` of janus-plugin-sfu), and what they are about. */
const rejections: Readonly<Record<string, 'token' | 'full'>> = {
  [anonymous]: 'token',
  'Rejecting join without permission!': 'token',
  'Rejecting join with invalid token!': 'token',
  'Room is full.': 'full',
  'Server is full.': 'full',
};

/** The server's words for a rejected join, `undefined` where it accepted. */
export function rejectionIn(reply: JanusFrame | undefined): string | undefined {
  const { success, error } = reply?.plugindata?.data ?? {};
  return success === false ? (cut(error?.msg) ?? 'no reason given') : undefined;
}

/** Whether another token may help. */
export const isAboutToken = (rejection: string): boolean => rejections[rejection] === 'token';

/** A rejected join. A full room is final at the first join; in a reconnect a place may become free. */
export function rejectionError(rejection: string, isReconnect: boolean): RoomSessionError {
  const about = rejections[rejection];
  const isDenied = about === 'token' || (about === 'full' && !isReconnect);
  const message = `Janus rejected the join: "${rejection}"`;
  const advice = rejection === anonymous ? 'This server wants a token. Set tokenSource.' : tokenAdvice;
  return new RoomSessionError(
    isDenied ? 'connect_denied' : 'connect_failed',
    about === 'token' ? `${message} ${advice}` : message,
    { vendorCode: rejection },
  );
}

/** Our client id is in the room already: ours of an earlier connection, which goes, or one that the app gave to others too. */
export function idInUseError(id: string, hasFixedId: boolean): RoomSessionError {
  return hasFixedId
    ? new RoomSessionError(
        'connect_denied',
        `Another connection with the client id "${id}" is in the room. Leave out clientId, or give each join its own.`,
      )
    : new RoomSessionError('connect_failed', 'Janus still has our previous connection.');
}

/** What the vendor rejects with, as one of our errors: an error, a frame of the server, or anything else. */
export function asOurError(error: unknown, message: string): RoomSessionError {
  if (error instanceof RoomSessionError) return error;
  const vendorCode = cut(textIn(error, 'error', 'reason') ?? textIn(error, 'name'));
  return new RoomSessionError('connect_failed', `${message}${vendorCode ? ` (${vendorCode})` : ''}.`, {
    vendorCode,
    cause: error,
  });
}

/** For a kick that the server did not carry out. It takes none without a token. */
export const kickProblem = (token: object | undefined): string =>
  `Janus did not kick the participant${token ? '' : ', because that needs a token with kick_users true'}`;

/** For a call that needs a connection. */
export const notConnected = (): RoomSessionError =>
  new RoomSessionError('invalid_state', 'Janus is not connected now. Wait for "connected".');
