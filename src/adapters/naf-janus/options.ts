import type { LocalMediaOptions } from '../local-media.ts';

export interface NafJanusOptions extends LocalMediaOptions {
  /** The scene, or a selector of it. Default: the page's `a-scene`. */
  readonly scene?: Element | string | undefined;
  /**
   * The Janus server's websocket, such as `wss://janus.example.org/janus`, or an address on the page's own server. A
   * `serverUrl` in the token's answer goes before it, at each join and each reconnect. Default: the scene's `serverURL`,
   * where networked-aframe's own default `/` stands for `/janus`.
   */
  readonly serverUrl?: string | undefined;
  /**
   * Microphone (and camera) to ask for at each join, where no `localStream` is given; stopped when leaving. Not asked
   * for where the scene has set its adapter's local stream itself. Default: the microphone only.
   */
  readonly constraints?: MediaStreamConstraints | undefined;
  /** Default: the vendor's (public STUN servers). `[]` for none. */
  readonly iceServers?: RTCIceServer[] | undefined;
  /**
   * Whom to hear and see, out of those in the room; asked whenever somebody comes or goes. Default: everybody. To choose
   * at another moment, call `session.vendor.syncOccupants(ids)`.
   */
  readonly subscribe?: ((ids: readonly string[]) => readonly string[]) | undefined;
  /** Loads the vendor's adapter where the page has none yet: `() => import('naf-janus-adapter')`. */
  readonly load?: (() => Promise<unknown>) | undefined;
  /** How long to go on reconnecting before the room is `lost`, in ms; sleep does not count. Default 300 000. */
  readonly reconnectLimitMs?: number | undefined;
  /** How long one try may take from the opening of the socket until we are in the room, in ms. Default 15 000. */
  readonly attemptTimeoutMs?: number | undefined;
}
