import type { LocalMediaOptions } from '../../own-devices.ts';
import type { ServerOptions } from '../check-url.ts';
import type { WebRTCAdaptor, WebRTCAdaptorClass, WebRTCAdaptorOptions } from './vendor.ts';

/**
 * Options of `antMedia`.
 *
 * @typeParam V - the vendor's class as the app knows it, from `vendor` or `load`; it is the type of `session.vendor`
 */
export interface AntMediaOptions<V extends WebRTCAdaptor = WebRTCAdaptor>
  extends LocalMediaOptions,
    ServerOptions {
  /**
   * The server's websocket, such as `wss://media.example.org:5443/LiveApp/websocket`. A `serverUrl` in the token's
   * answer overrides it, at each join and each reconnect. Default: none.
   */
  readonly websocketUrl?: string | undefined;
  /** A cluster's node finder: the vendor asks it for the websocket. In place of `websocketUrl`. Default: none. */
  readonly httpEndpointUrl?: string | undefined;
  /** The vendor's `WebRTCAdaptor` class, where the app has it at hand. Default: none, see `load`. */
  readonly vendor?: WebRTCAdaptorClass<V> | undefined;
  /**
   * Loads the vendor's class:
   * `() => import('@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js').then((module) => module.WebRTCAdaptor)`.
   * Default: the page's global `WebRTCAdaptor` or `webrtc_adaptor.WebRTCAdaptor`.
   */
  readonly load?: (() => Promise<WebRTCAdaptorClass<V>>) | undefined;
  /** Default: the vendor's (a public STUN server), then those that the server names. `[]` for none. */
  readonly iceServers?: RTCIceServer[] | undefined;
  /** The name shown to others, where the session has no `name`; sent with `publish`. Default: none. */
  readonly streamName?: string | undefined;
  /**
   * Sent with `publish`. What `setMetadata` says, and `isMicMuted` and `isCameraOn` as the vendor's own pages read them, are
   * added to it where there is something to say; it should be a JSON object then. Default: none.
   */
  readonly metaData?: string | undefined;
  /** Sent with `publish` and `play`. Default: none. */
  readonly role?: string | undefined;
  /** Each `publish`, each `play` and each retry gets a token of its own, and none is refreshed ahead. Default `false`. */
  readonly oneTimeTokens?: boolean | undefined;
  /** Further options for the vendor's constructor, such as `bandwidth`, `degradationPreference` or the app's own `callback`. Default: none. */
  readonly vendorOptions?: WebRTCAdaptorOptions | undefined;
}
