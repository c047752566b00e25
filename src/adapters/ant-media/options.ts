import type { LocalMediaOptions } from '../local-media.ts';
import type { WebRTCAdaptorClass } from './vendor.ts';

export interface AntMediaOptions extends LocalMediaOptions {
  /**
   * The server's websocket, such as `wss://media.example.org:5443/LiveApp/websocket`. A `serverUrl` in the token's
   * answer goes before it, at each join and each reconnect.
   */
  readonly websocketUrl?: string | undefined;
  /** A cluster's node finder: the vendor asks it for the websocket. In place of `websocketUrl`. */
  readonly httpEndpointUrl?: string | undefined;
  /** The vendor's `WebRTCAdaptor` class, where the app has it at hand. */
  readonly vendor?: WebRTCAdaptorClass | undefined;
  /**
   * Loads the vendor's class:
   * `() => import('@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js').then((module) => module.WebRTCAdaptor)`.
   * Default: the page's global `WebRTCAdaptor` or `webrtc_adaptor.WebRTCAdaptor`.
   */
  readonly load?: (() => Promise<WebRTCAdaptorClass>) | undefined;
  /** Camera and microphone to ask for at each join, where no `localStream` is given; stopped when leaving. Default: both. */
  readonly constraints?: MediaStreamConstraints | undefined;
  /** Default: the vendor's (a public STUN server), then those that the server names. `[]` for none. */
  readonly iceServers?: RTCIceServer[] | undefined;
  /** The name shown to others, sent with `publish`. */
  readonly streamName?: string | undefined;
  /** Sent with `publish`. */
  readonly metaData?: string | undefined;
  /** Sent with `publish` and `play`. */
  readonly role?: string | undefined;
  /** Each `publish`, each `play` and each retry gets a token of its own, and none is refreshed ahead. Default `false`. */
  readonly oneTimeTokens?: boolean | undefined;
  /** How long to go on reconnecting before the room is `lost`, in ms; sleep does not count. Default 300 000. */
  readonly reconnectLimitMs?: number | undefined;
  /** How long one try may take from the opening of the socket until we are in the room, in ms. Default 15 000. */
  readonly attemptTimeoutMs?: number | undefined;
  /** Further options for the vendor's constructor, such as `bandwidth` or `degradationPreference`. */
  readonly vendorOptions?: Readonly<Record<string, unknown>> | undefined;
}
