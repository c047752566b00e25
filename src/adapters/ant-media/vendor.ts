/**
 * The few members of `@antmedia/webrtc_adaptor` 2.16 that are used here, and what it takes to use them safely. The names
 * are the vendor's.
 */

/** The vendor's socket object. */
interface VendorSocket {
  readonly wsConn?: Pick<WebSocket, 'readyState' | 'send'> | undefined;
  send(text: string): void;
  clearPingTimer(): void;
  tryAgainAfterDelay?(onConnected: unknown): void;
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

/** What the vendor's callbacks bring, as far as it is used here; what is there depends on what happened. */
export interface VendorDetail {
  readonly streamId: string;
  readonly trackId: string;
  readonly track: MediaStreamTrack;
  readonly stream: MediaStream;
  readonly state: string;
  readonly data: unknown;
}

/** One of the vendor's two callbacks, with its own names for what happened. */
export type VendorCallback = (name: string, detail: VendorDetail) => void;

/**
 * Makes a `WebRTCAdaptor` and opens its socket, with the vendor's own reconnecting off. When `signal` aborts it stops
 * `streamIds` and closes the socket, all peer connections and the AudioContext; it says no more, and nothing of it comes
 * back.
 */
export function openVendor(
  Vendor: WebRTCAdaptorClass,
  options: Readonly<Record<string, unknown>>,
  streamIds: readonly string[],
  signal: AbortSignal,
  onInfo: VendorCallback,
  onError: VendorCallback,
): WebRTCAdaptor {
  const untilAborted = (callback: VendorCallback) => (name: string, detail?: unknown) =>
    signal.aborted || callback(name, Object(detail));
  const callbackError = untilAborted(onError);
  const vendor = new Vendor({
    ...options,
    initializeComponents: false,
    reconnectIfRequiredFlag: false,
    debug: false,
    callback: untilAborted(onInfo),
    callbackError,
  });
  const quit = () => callbackError('WebSocketNotConnected');
  withoutOfflineListener(() => vendor.initialize()).catch(quit);
  const socket = vendor.webSocketAdaptor;
  if (socket) {
    // The vendor's own opens another socket, or logs the frame, token included, when sending fails.
    socket.send = (text) => {
      try {
        if (socket.wsConn?.readyState === 1) socket.wsConn.send(text);
      } catch {
        // Later: what called this goes on to make a peer connection.
        queueMicrotask(quit);
      }
    };
    // The vendor asks httpEndpointUrl again every 3 s for ever; how often is ours to say.
    socket.tryAgainAfterDelay = quit;
  }
  signal.addEventListener('abort', () => {
    vendor.mediaManager?.audioContext?.close().catch(() => {});
    const nothing = () => {};
    if (socket) socket.initWebSocketConnection = nothing;
    // The app may still hold the object.
    Object.assign(vendor, { publish: nothing, play: nothing, checkWebSocketConnection: nothing });
    try {
      for (const streamId of streamIds) vendor.stop(streamId);
      vendor.closeWebSocket();
    } catch {
      // It throws where no socket is there yet.
    }
    socket?.clearPingTimer();
  });
  return vendor;
}

/** The vendor's `offline` listener is anonymous, never removed, and makes a second socket. */
function withoutOfflineListener<Result>(work: () => Result): Result {
  const page: { addEventListener?: unknown } = globalThis;
  const own = Object.hasOwn(page, 'addEventListener');
  const { addEventListener } = globalThis;
  page.addEventListener = (type: string, ...rest: [EventListener]) =>
    type === 'offline' || addEventListener.call(globalThis, type, ...rest);
  try {
    return work();
  } finally {
    if (own) page.addEventListener = addEventListener;
    else delete page.addEventListener;
  }
}

/** Runs an import of the vendor's module, gives the page its own `window.log` back and silences the vendor's. */
export async function loadQuietly<Result>(load: () => Promise<Result>): Promise<Result> {
  const page = globalThis as { log?: { setLevel?(level: string, persist: boolean): void } | undefined };
  const { log } = page;
  try {
    return await load();
  } finally {
    if (page.log !== log) {
      page.log?.setLevel?.('silent', false);
      page.log = log;
    }
  }
}
