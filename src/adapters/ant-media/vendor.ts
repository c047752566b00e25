/**
 * The few members of `@antmedia/webrtc_adaptor` 2.16 that are used here, and what it takes to use them safely. The names
 * are the vendor's.
 */

/** The vendor's socket object. */
interface VendorSocket {
  readonly wsConn?: { readonly readyState: number } | undefined;
  send(text: string): void;
  isConnected(): boolean;
  clearPingTimer(): void;
  tryAgainAfterDelay?(onConnected: unknown): void;
  checkBackendReady?(onConnected: unknown): unknown;
  initWebSocketConnection?(onConnected: unknown): void;
}

/** An instance of the vendor's `WebRTCAdaptor`, as far as it is used here. */
export interface WebRTCAdaptor {
  readonly webSocketAdaptor: VendorSocket | null;
  readonly mediaManager?: { readonly audioContext?: { close(): Promise<void> } };
  readonly peerconnection_config: RTCConfiguration;
  publishToken?: string | null | undefined;
  playToken?: string | null | undefined;
  initialize(): Promise<unknown>;
  publish(
    streamId: string,
    token?: string,
    subscriberId?: string,
    subscriberCode?: string,
    streamName?: string,
    mainTrack?: string,
    metaData?: string,
    role?: string,
  ): void;
  play(
    streamId: string,
    token?: string,
    roomId?: string,
    enableTracks?: never[],
    subscriberId?: string,
    subscriberCode?: string,
    metaData?: string,
    role?: string,
  ): void;
  stop(streamId: string): void;
  closeWebSocket(): void;
}

/** The vendor's class. Its real type is wider than what we name, so any constructor of such an object will do. */
// biome-ignore lint/suspicious/noExplicitAny: the vendor's own declaration takes `object`, a fake may take less.
export type WebRTCAdaptorClass = new (options: any) => WebRTCAdaptor;

/** What the vendor says, by its own names. */
export interface VendorCallbacks {
  onInfo(info: string, detail: unknown): void;
  onError(definition: string, detail: unknown): void;
}

/** What the vendor's callbacks bring, as far as it is used here. */
export interface VendorDetail {
  readonly streamId?: string;
  readonly trackId?: string;
  readonly state?: string;
  readonly data?: unknown;
}

/** A vendor object that can be thrown away whole. */
export interface TamedVendor {
  readonly adaptor: WebRTCAdaptor;
  /** Closes the socket, all peer connections and the AudioContext; nothing of it comes back, and it says no more. */
  dispose(streamIds: readonly string[]): void;
}

/**
 * Makes a `WebRTCAdaptor` and opens its socket, with the vendor's own reconnecting off and what it leaves behind kept
 * away from the page: no `offline` listener (it is anonymous and never removed), no socket that reopens on a late send
 * (and logs the frame, token included, when that fails).
 */
export function openVendor(
  Vendor: WebRTCAdaptorClass,
  options: Readonly<Record<string, unknown>>,
  { onInfo, onError }: VendorCallbacks,
): TamedVendor {
  let disposed = false;
  const adaptor = new Vendor({
    ...options,
    initializeComponents: false,
    reconnectIfRequiredFlag: false,
    debug: false,
    callback: (info: string, detail: unknown) => disposed || onInfo(info, detail),
    callbackError: (definition: string, detail: unknown) => disposed || onError(definition, detail),
  });
  const quit = () => onError('WebSocketNotConnected', undefined);
  withoutOfflineListener(() => adaptor.initialize()).catch(quit);
  const socket = adaptor.webSocketAdaptor;
  if (socket) {
    const send = socket.send.bind(socket);
    // Open by the browser's word: the vendor says "connected" until the close event.
    socket.send = (text) => socket.isConnected() && socket.wsConn?.readyState === 1 && send(text);
    // The vendor asks httpEndpointUrl again every 3 s for ever; how often is ours to say.
    socket.tryAgainAfterDelay = () => disposed || quit();
  }
  return {
    adaptor,
    dispose(streamIds) {
      disposed = true;
      for (const streamId of streamIds) quietly(() => adaptor.stop(streamId));
      if (socket) {
        const nothing = () => {};
        Object.assign(socket, {
          send: nothing,
          checkBackendReady: nothing,
          initWebSocketConnection: nothing,
        });
        socket.clearPingTimer();
      }
      quietly(() => adaptor.closeWebSocket());
      quietly(() => adaptor.mediaManager?.audioContext?.close().catch(() => {}));
    },
  };
}

/** The vendor throws when there is no socket yet, or nothing to stop: there is nothing left to free, then. */
function quietly(work: () => unknown): void {
  try {
    work();
  } catch {}
}

function withoutOfflineListener<Result>(work: () => Result): Result {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'addEventListener');
  const { addEventListener } = globalThis;
  Object.defineProperty(globalThis, 'addEventListener', {
    configurable: true,
    value: (type: string, ...rest: [EventListener]) =>
      type === 'offline' ? undefined : addEventListener.call(globalThis, type, ...rest),
  });
  try {
    return work();
  } finally {
    if (own) Object.defineProperty(globalThis, 'addEventListener', own);
    else Reflect.deleteProperty(globalThis, 'addEventListener');
  }
}

interface LogLevel {
  setLevel?(level: string, persist: boolean): void;
}

/** Runs an import of the vendor's module, gives the page its own `window.log` back and silences the vendor's. */
export async function loadQuietly<Result>(load: () => Promise<Result>): Promise<Result> {
  const page = globalThis as { log?: LogLevel };
  const before = page.log;
  try {
    return await load();
  } finally {
    if (page.log !== before) {
      page.log?.setLevel?.('silent', false);
      if (before === undefined) delete page.log;
      else page.log = before;
    }
  }
}
