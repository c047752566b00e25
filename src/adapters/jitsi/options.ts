import type { JitsiMeetExternalAPI, JitsiMeetExternalAPIClass, VendorDevices } from './vendor.ts';

/** What `jitsi()` takes: the vendor's own options, which are passed on as they are, and ours. */
export interface JitsiOptions<V extends JitsiMeetExternalAPI = JitsiMeetExternalAPI>
  extends JitsiVendorOptions {
  /** The deployment, such as `meet.example.org` or `8x8.vc`: a host, with a port and a path where it has them. */
  readonly domain: string;
  /** Goes before the room in the meeting's address: a tenant of the deployment; for JaaS the AppID. Default: none. */
  readonly tenant?: string | undefined;
  /**
   * Where the vendor's script is. Default: `https://DOMAIN/external_api.js`, for JaaS `https://8x8.vc/APPID/external_api.js`;
   * on the page's own machine `http:` for a page from `http:`.
   */
  readonly scriptUrl?: string | undefined;
  /** The vendor's `JitsiMeetExternalAPI` class, where the app has it. Default: what `load` brings. */
  readonly vendor?: JitsiMeetExternalAPIClass<V> | undefined;
  /** Loads the vendor's class. Default: the page's global `JitsiMeetExternalAPI`, then the script. */
  readonly load?: (() => Promise<JitsiMeetExternalAPIClass<V>>) | undefined;
  /**
   * Called with each new API object, at a join and at each reconnect, before its frame has loaded: the place for
   * listeners of your own. The old object is disposed of by then.
   */
  readonly onVendor?: ((api: V) => void) | undefined;
  /**
   * Where a person gets a token, for deployments with `tokenAuthUrl`. The page goes there when the token is denied,
   * rejected twice, or missing where the meeting wants one. In a string, `{room}` becomes the room and `{url}` this page's
   * address, both encoded. The service sends the person back to that address with `?jwt=` added, for
   * `tokenFromUrl('jwt')`. The second time in a row the page does not go there, and the error stands. Default: none.
   */
  readonly loginUrl?: string | ((room: string) => string) | undefined;
  /**
   * Whether a person who meets a lobby knocks by itself at a join, without pressing "Ask to Join" on the page first. A frame
   * that replaces another one always does. Default true.
   */
  readonly autoKnock?: boolean | undefined;
  /**
   * The password of rooms that have one, or a function that gives it for a room, `undefined` where it knows none. A password
   * that was wrong is not given again. Default: the person types it into the page.
   */
  readonly password?:
    | string
    | ((room: string) => string | undefined | Promise<string | undefined>)
    | undefined;
  /**
   * Whether the token is in the query of the frame's address too, where the deployment's access log keeps it. A page from
   * before May 2024 reads it nowhere else. Default: only where the vendor's script is as old.
   */
  readonly tokenInQuery?: boolean | undefined;
  /** How long a new frame may take until its page gives a sign of life, in ms. Default 20 000. */
  readonly frameTimeoutMs?: number | undefined;
}

/** The options of the vendor's constructor, but for `roomName` and `jwt`, which are the session's. */
export interface JitsiVendorOptions {
  /** The element that the frame is put into. Default: the page's body. */
  readonly parentNode?: HTMLElement | undefined;
  /** A number of pixels, or a CSS length. Default `100%`. */
  readonly width?: number | string | undefined;
  /** A number of pixels, or a CSS length. Default `100%`. */
  readonly height?: number | string | undefined;
  /**
   * The page's `config`, as far as it lets itself be overridden. Of our own we set `prejoinConfig: { enabled: false }`
   * and `disableDeepLinking: true`, which you may set otherwise, and `lobby: { autoKnock: true }`. Default: the deployment's.
   */
  readonly configOverwrite?: Readonly<Record<string, unknown>> | undefined;
  /** The page's `interfaceConfig`. Default: the deployment's. */
  readonly interfaceConfigOverwrite?: Readonly<Record<string, unknown>> | undefined;
  /** Default `displayName`: the session's identity. */
  readonly userInfo?: { readonly displayName?: string; readonly email?: string } | undefined;
  /** The language of the page, such as `de`. Default: the person's or the deployment's. */
  readonly lang?: string | undefined;
  /** JaaS: the release to load, as its documentation names it. Default: the newest. */
  readonly release?: string | undefined;
  /** Labels of the devices to use. Default: the person's last ones. */
  readonly devices?: VendorDevices<string> | undefined;
  /** Whom to invite, as the deployment's people search has them. Default: none. */
  readonly invitees?: readonly unknown[] | undefined;
  /** Changes to the ICE servers that the page uses. Default: none. */
  readonly iceServers?: unknown;
  /** The key of end-to-end encryption. Default: none. */
  readonly e2eeKey?: unknown;
  /** The frame's `sandbox`; without `allow-same-origin` nothing is heard of the meeting. Default: none. */
  readonly sandbox?: string | undefined;
  /** Called each time the meeting's page has loaded. */
  readonly onload?: ((event: unknown) => void) | undefined;
}
