/**
 * What an error definition means for us. Ant Media's own list is in `WebSocketConstants.java` of the server and in the
 * messaging reference of its documentation; a definition that nobody knows counts as `transient`.
 *
 * - `refused`: the token; one new token, one more try.
 * - `denied`: a policy says no, whatever the token.
 * - `terminal`: trying again gives the same answer.
 * - `transient`: trying again may work.
 * - `lost`: as `transient`, and what we had is gone, so also in the middle of a stay.
 * - `empty`: nothing to play yet.
 * - `information`: nothing to do.
 */
export type Meaning = 'refused' | 'denied' | 'terminal' | 'transient' | 'lost' | 'empty' | 'information';

const meanings: Readonly<Record<Exclude<Meaning, 'transient'>, readonly string[]>> = {
  refused: ['unauthorized_access'],
  denied: [
    'user_blocked',
    'not_allowed_unregistered_streams',
    'stream_not_active_or_expired',
    'room_not_active_or_expired',
    'main_track_has_max_subtrack_count__not_allowed_to_add_more_subtracks',
    'viewerLimitReached',
  ],
  terminal: [
    'invalidStreamName',
    'noStreamNameSpecified',
    'no_room_specified',
    'license_suspended_please_renew_license',
    'no_codec_enabled_in_the_server',
    'notSetRemoteDescription',
    'notSetLocalDescription',
    'WebSocketNotSupported',
    'UnsecureContext',
    'getUserMediaIsNotAllowed',
  ],
  lost: ['WebSocketNotConnected', 'encoderNotOpened', 'encoderBlocked', 'noPacketReceivedForTimeoutDuration'],
  empty: ['no_stream_exist'],
  information: [
    'no_active_streams_in_room',
    'ScreenSharePermissionDenied',
    'NoActiveConnection',
    'AudioAlreadyActive',
    'protocol_not_supported',
    'data_channel_error',
  ],
};

/** Sorts one of the server's or the vendor client's error definitions. */
export function meaningOf(definition: string): Meaning {
  for (const [meaning, definitions] of Object.entries(meanings)) {
    if (definitions.includes(definition)) return meaning as Meaning;
  }
  return 'transient';
}
