/**
 * Rooms on Ant Media Server.
 *
 * @module room-session/ant-media
 */

import type { RoomAdapter } from '../../adapter.ts';
import { own } from '../../untrusted.ts';
import { checkUrl } from '../check-url.ts';
import { checkWebRtc } from '../load.ts';
import { checkClaims } from './claims.ts';
import { RoomConnection } from './connect.ts';
import { loadClass } from './load-vendor.ts';
import { sendMessage } from './messages.ts';
import type { AntMediaOptions } from './options.ts';
import { announce } from './own-info.ts';
import type { Prepared } from './prepared.ts';
import { checkIds } from './stream-ids.ts';
import type { WebRTCAdaptor } from './vendor.ts';

export type { LocalMediaOptions } from '../../own-devices.ts';
export type { ServerOptions } from '../check-url.ts';
export type { AntMediaOptions } from './options.ts';
export type {
  VendorStreamMethod,
  WebRTCAdaptor,
  WebRTCAdaptorClass,
  WebRTCAdaptorOptions,
  WebRTCAdaptorSocket,
} from './vendor.ts';

/**
 * The adapter for Ant Media Server.
 *
 * @typeParam V - the type of `session.vendor`
 */
export type AntMediaAdapter<V extends WebRTCAdaptor = WebRTCAdaptor> = RoomAdapter<V>;

/**
 * Joins conference rooms on Ant Media Server through the vendor's own `WebRTCAdaptor`, 2.6 to 3.0, which the app brings.
 * Our stream is published into the room and the room is played, both with the room's token. The identity becomes the stream
 * id, which must be the only one of its kind on the whole server application: letters, digits, `-`, `_` and `.` only.
 * Left out, it is a random one for each join.
 *
 * The vendor's own reconnecting is off. Each attempt opens a new vendor object, with a token that is valid then.
 * `session.setMicrophone(false)` sends silence. `session.setCamera(false)` sends black frames and frees the camera.
 *
 * @throws `RoomSessionError` `invalid_argument` for a `websocketUrl` that is not one
 * @example
 * const adapter = antMedia({
 *   websocketUrl: 'wss://media.example.org:5443/LiveApp/websocket',
 *   load: () => import('@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js').then((module) => module.WebRTCAdaptor),
 * });
 * const session = new RoomSession({ adapter, tokenSource: tokenEndpoint('/api/room-token') });
 */
export function antMedia<V extends WebRTCAdaptor = WebRTCAdaptor>(
  given: AntMediaOptions<V>,
): AntMediaAdapter<V> {
  const options = own(given);
  const { websocketUrl, listenOnly = false, oneTimeTokens } = options;
  if (websocketUrl !== undefined) checkUrl(websocketUrl, 'websocketUrl', options);

  const adapter: RoomAdapter<V, Prepared<V>> = {
    name: 'ant-media',
    oneTimeTokens,
    localMedia: options,
    connections: (vendor) => Object.values(vendor.remotePeerConnection),
    // In a room with slots the data channel names the participants, some seconds after their tracks.
    participantsWithinMs: 10_000,

    async prepare(join) {
      checkWebRtc();
      const me = join.identity ?? Math.random().toString(36).slice(2);
      checkIds(join.room, me);
      join.openMedia();
      const Vendor = await loadClass(options);
      return { Vendor, me, rejectedIds: new Set(), iceServers: undefined, hasPlayed: false };
    },
    send: sendMessage,
    connect: (attempt, prepared) => new RoomConnection(attempt, prepared, options).open(),
    announce: (vendor, me) => announce(vendor, me, options.metaData),
    checkToken: (token, join) => checkClaims(token, join, listenOnly),
  };
  return adapter;
}
