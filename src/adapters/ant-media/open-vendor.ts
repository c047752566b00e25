import type { ConnectAttempt } from '../../adapter.ts';
import { callSafely } from '../../report-error.ts';
import { checkUrl } from '../check-url.ts';
import type { AntMediaOptions } from './options.ts';
import type { VendorListener, WebRTCAdaptor, WebRTCAdaptorClass, WebRTCAdaptorOptions } from './vendor.ts';

const nothing = (): void => {};

/**
 * The constructor's options for an attempt.
 *
 * @throws `invalid_argument` where no server is named
 */
export function vendorOptions<V extends WebRTCAdaptor>(
  { token, localStream }: ConnectAttempt<V>,
  { vendorOptions: more, iceServers, websocketUrl, httpEndpointUrl }: AntMediaOptions<V>,
): WebRTCAdaptorOptions {
  const serverUrl = token?.details['serverUrl'] ?? websocketUrl;
  const finder = serverUrl == null ? httpEndpointUrl : undefined;
  return {
    ...more,
    ...(iceServers && { peerconnection_config: { iceServers } }),
    httpEndpointUrl: finder,
    websocketURL: finder ? undefined : checkUrl(serverUrl, 'websocketUrl'),
    localStream,
    isPlayMode: !localStream,
  };
}

/**
 * Makes a `WebRTCAdaptor` and opens its socket, with the vendor's own reconnecting off. At the end of the attempt it
 * stops `streamIds` and closes the socket, all peer connections and the AudioContext. It tells nothing after that, and
 * nothing of it comes back.
 *
 * @throws what the vendor's constructor throws
 */
export function openVendor<V extends WebRTCAdaptor>(
  { signal, onEnd, failed }: Pick<ConnectAttempt, 'signal' | 'onEnd' | 'failed'>,
  Vendor: WebRTCAdaptorClass<V>,
  options: WebRTCAdaptorOptions,
  streamIds: readonly string[],
  onInfo: VendorListener,
  onError: VendorListener,
): V {
  /** Our listener and the app's, until the attempt ends. Ours calls the vendor, which may throw. */
  const both =
    (ours: VendorListener, apps: WebRTCAdaptorOptions['callback']) => (name: string, detail?: unknown) => {
      if (signal.aborted) return;
      void callSafely(apps, name, detail);
      try {
        if (!signal.aborted) ours(name, Object(detail));
      } catch (error) {
        failed(error);
      }
    };
  const callbackError = both(onError, options.callbackError);
  const vendor = new Vendor({
    ...options,
    initializeComponents: false,
    reconnectIfRequiredFlag: false,
    debug: false,
    callback: both(onInfo, options.callback),
    callbackError,
  });
  onEnd(() => closeVendor(vendor, streamIds));
  const quit = () => callbackError('WebSocketNotConnected');
  withoutOfflineListener(() => vendor.initialize()).catch(quit);
  if (vendor.webSocketAdaptor) tameSocket(vendor.webSocketAdaptor, quit);
  return vendor;
}

/** Takes out of the vendor's socket what opens another one, or logs a token. */
function tameSocket(socket: NonNullable<WebRTCAdaptor['webSocketAdaptor']>, quit: () => void): void {
  // The vendor's own opens another socket, or logs the frame, token included, when sending fails.
  socket.send = (text) => {
    try {
      if (socket.wsConn?.readyState === 1) socket.wsConn.send(text);
    } catch {
      // Later: what called this goes on to make a peer connection.
      queueMicrotask(quit);
    }
  };
  // The vendor asks httpEndpointUrl again every 3 s for ever. The session decides how often.
  socket.tryAgainAfterDelay = quit;
}

/** Frees everything of the vendor's. A step that throws does not stop the others. */
function closeVendor(vendor: WebRTCAdaptor, streamIds: readonly string[]): void {
  const { webSocketAdaptor: socket, mediaManager, remotePeerConnection = [] } = vendor;
  const connections = Object.values(remotePeerConnection);
  const steps: (() => unknown)[] = [
    // The app may still hold the object.
    () => Object.assign(vendor, { publish: nothing, play: nothing, checkWebSocketConnection: nothing }),
    () => socket && Object.assign(socket, { initWebSocketConnection: nothing }),
    () => mediaManager?.audioContext?.close().catch(nothing),
    ...streamIds.map((streamId) => () => vendor.stop(streamId)),
    // It throws where no socket is there yet.
    () => vendor.closeWebSocket(),
    // For the case that a step of the vendor's threw half-way.
    ...connections.map((connection) => () => connection.close()),
    () => socket?.wsConn?.close(),
    () => socket?.clearPingTimer(),
  ];
  for (const step of steps) {
    try {
      step();
    } catch {}
  }
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
