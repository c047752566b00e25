/**
 * What an error definition means for us.
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

/** Definitions by their beginnings, which keeps this short; the whole names are in the comments. */
const meanings: Readonly<Record<Exclude<Meaning, 'transient'>, RegExp>> = {
  refused: /^unauthorized_access/,
  // user_blocked, not_allowed_unregistered_streams, stream_not_active_or_expired, room_not_active_or_expired,
  // viewerLimitReached, main_track_has_max_subtrack_count__not_allowed_to_add_more_subtracks
  denied: /^(user_blocked|not_allowed|stream_not|room_not|viewerLimit|main_track_has_max)/,
  // invalidStreamName, noStreamNameSpecified, no_room_specified, license_suspended_please_renew_license,
  // no_codec_enabled_in_the_server, notSetRemoteDescription, notSetLocalDescription, WebSocketNotSupported,
  // UnsecureContext, getUserMediaIsNotAllowed
  terminal:
    /^(invalidStream|noStreamName|no_room|license|no_codec|notSet|WebSocketNotS|Unsecure|getUserMedia)/,
  // WebSocketNotConnected, encoderNotOpened, encoderBlocked, noPacketReceivedForTimeoutDuration
  lost: /^(WebSocketNotC|encoder|noPacket)/,
  empty: /^no_stream_exist/,
  // no_active_streams_in_room, ScreenSharePermissionDenied, NoActiveConnection, AudioAlreadyActive,
  // protocol_not_supported, data_channel_error
  information: /^(no_active|ScreenShare|NoActive|AudioAlready|protocol|data_channel)/,
};

/**
 * Sorts one of the server's error definitions (`WebSocketConstants.java`, and the messaging reference of its
 * documentation) or of the vendor client's. One that nobody knows is `transient`.
 */
export function meaningOf(definition: string): Meaning {
  for (const [meaning, definitions] of Object.entries(meanings)) {
    if (definitions.test(definition)) return meaning as Meaning;
  }
  return 'transient';
}
