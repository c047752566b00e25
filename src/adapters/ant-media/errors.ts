import type { RoomSessionError } from '../../errors.ts';
import { cut } from '../../untrusted.ts';
import { failure } from '../failure.ts';

/**
 * What an error of the server, or of the vendor's client, means for an attempt.
 *
 * - `rejected`: the token; the command is sent again with another token.
 * - `denied`: a policy says no, whatever the token.
 * - `final`: another attempt gets the same answer.
 * - `transient`: another attempt may succeed.
 * - `soon`: as `transient`, and it takes the server a second or two.
 * - `lost`: what we had is gone, so it also counts where it answers no command.
 * - `empty`: there is nothing to play yet.
 * - `information`: nothing to do.
 */
export type ErrorKind =
  | 'rejected'
  | 'denied'
  | 'final'
  | 'transient'
  | 'soon'
  | 'lost'
  | 'empty'
  | 'information';

/** From the server's `WebSocketConstants.java`, the messaging reference of its documentation, and the vendor's client. */
const kinds: readonly (readonly [ErrorKind, ...definitions: string[]])[] = [
  ['rejected', 'unauthorized_access'],
  ['denied', 'user_blocked', 'not_allowed_unregistered_streams', 'viewerLimitReached'],
  ['denied', 'stream_not_active_or_expired', 'room_not_active_or_expired'],
  ['denied', 'main_track_has_max_subtrack_count__not_allowed_to_add_more_subtracks'],
  [
    'final',
    'invalidStreamName',
    'noStreamNameSpecified',
    'no_room_specified',
    'no_codec_enabled_in_the_server',
  ],
  ['final', 'license_suspended_please_renew_license'],
  ['final', 'WebSocketNotSupported', 'UnsecureContext', 'getUserMediaIsNotAllowed'],
  [
    'lost',
    'WebSocketNotConnected',
    'encoderNotOpened',
    'encoderBlocked',
    'noPacketReceivedForTimeoutDuration',
    'notSetRemoteDescription',
    'notSetLocalDescription',
  ],
  ['soon', 'streamIdInUse', 'not_initialized_yet'],
  ['empty', 'no_stream_exist'],
  ['information', 'no_active_streams_in_room', 'ScreenSharePermissionDenied', 'NoActiveConnection'],
  ['information', 'AudioAlreadyActive', 'protocol_not_supported', 'data_channel_error'],
];

/** Sorts one of Ant Media's error definitions. An unknown one is `transient`. */
export function kindOfError(definition: string): ErrorKind {
  const found = kinds.find(([, ...definitions]) => definitions.includes(definition));
  return found?.[0] ?? 'transient';
}

/** The server said no, in its own word. */
export const reported = (definition: string, code?: 'connect_denied'): RoomSessionError =>
  failure(`Ant Media reported ${definition}.`, definition, code);

/** The server rejected two tokens, or codes of a subscriber, in a row. */
export function tokenDenied(definition: string, isCode: boolean): RoomSessionError {
  const [what, advice] = isCode
    ? ["subscriber's code", 'subscriberId, its secret and the clocks']
    : ['token', "the token's secret, claims and lifetime"];
  const message = `The media server does not accept the ${what} (${definition}).`;
  return failure(`${message} Check ${advice}.`, definition, 'connect_denied');
}

/** Our own stream is in the room, and the server has nothing to play of it for all that. */
export function noRooms(definition: string, given: string): RoomSessionError {
  const information = cut(given) ?? 'no reason';
  const message = `The media server does not play the room that we publish into (${definition}, ${information}).`;
  const advice = 'Rooms need an Enterprise server with WebRTC playing on; a Community server has none.';
  return failure(`${message} ${advice}`, definition);
}
