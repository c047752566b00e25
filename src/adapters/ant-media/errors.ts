/**
 * What an error of the server, or of the vendor's client, means for an attempt.
 *
 * - `rejected`: the token; the command is sent again with another token.
 * - `denied`: a policy says no, whatever the token.
 * - `final`: another attempt gets the same answer.
 * - `transient`: the answer to a command; another attempt may succeed.
 * - `lost`: as `transient`, and what we had is gone too, so it also counts in the room.
 * - `empty`: there is nothing to play yet.
 * - `information`: nothing to do.
 */
export type ErrorKind = 'rejected' | 'denied' | 'final' | 'transient' | 'lost' | 'empty' | 'information';

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
  ['final', 'license_suspended_please_renew_license', 'notSetRemoteDescription', 'notSetLocalDescription'],
  ['final', 'WebSocketNotSupported', 'UnsecureContext', 'getUserMediaIsNotAllowed'],
  [
    'lost',
    'WebSocketNotConnected',
    'encoderNotOpened',
    'encoderBlocked',
    'noPacketReceivedForTimeoutDuration',
  ],
  ['empty', 'no_stream_exist'],
  ['information', 'no_active_streams_in_room', 'ScreenSharePermissionDenied', 'NoActiveConnection'],
  ['information', 'AudioAlreadyActive', 'protocol_not_supported', 'data_channel_error'],
];

/** Sorts one of Ant Media's error definitions. An unknown one is `transient`. */
export function kindOfError(definition: string): ErrorKind {
  const found = kinds.find(([, ...definitions]) => definitions.includes(definition));
  return found?.[0] ?? 'transient';
}
