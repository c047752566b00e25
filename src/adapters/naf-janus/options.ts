import type { LocalMediaOptions } from '../../own-devices.ts';
import type { ServerOptions } from '../check-url.ts';

/** What `nafJanus` takes. */
export interface NafJanusOptions extends LocalMediaOptions, ServerOptions {
  /** The scene, or a selector of it. Default: the page's `a-scene`. */
  readonly scene?: Element | string | undefined;
  /**
   * The Janus server's websocket, such as `wss://janus.example.org/janus`, or an address on the page's own server. A
   * `serverUrl` in the token's answer overrides this, at each join and each reconnect. Default: the scene's `serverURL`,
   * where networked-aframe's own default `/` stands for `/janus`.
   */
  readonly serverUrl?: string | undefined;
  /**
   * Microphone (and camera) to open at each join, where there is no `localStream`. The session stops them at the end. A
   * local stream that the scene has set on its adapter is published in their place. Default: the microphone only.
   */
  readonly constraints?: MediaStreamConstraints | undefined;
  /**
   * The client id on the server. Default: the scene's own where there is no `identity`, else one that is new for each join
   * and has the identity in it.
   *
   * **A client id that you choose must be in use once on the whole server.** The same id in two rooms, or on two devices,
   * lets people of one room hear what is said in the other. A join with an id that is in the room already is
   * `connect_denied`, and from then on the server may not find the first one for newcomers. After a crash the id is in the room until the server's
   * `session_timeout`.
   */
  readonly clientId?: string | undefined;
  /** Default: the vendor's (public STUN servers). `[]` for none. */
  readonly iceServers?: RTCIceServer[] | undefined;
  /**
   * Which of the participants to hear and see, by their ids. It is called when one joins or leaves. Default: all. To
   * choose at another moment, call `session.vendor.syncOccupants(ids)`.
   */
  readonly subscribe?: ((ids: readonly string[]) => readonly string[]) | undefined;
  /** Loads the vendor's adapter where the page has none yet: `() => import('naf-janus-adapter')`.
   * Default: none. */
  readonly load?: (() => Promise<unknown>) | undefined;
}
