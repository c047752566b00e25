import type { ConnectAttempt } from '../../adapter.ts';
import { RoomSessionError } from '../../errors.ts';
import { callSafely } from '../../report-error.ts';
import { cut } from '../../untrusted.ts';
import { checkNamedServer, checkUrl } from '../check-url.ts';
import type { AntMediaOptions } from './options.ts';
import type { VendorListener, WebRTCAdaptor, WebRTCAdaptorClass, WebRTCAdaptorOptions } from './vendor.ts';

const nothing = (): void => {};
/** What is called of the vendor's object. */
const methods = ['initialize', 'publish', 'play', 'stop', 'closeWebSocket'] as const;

/**
 * The constructor's options for an attempt.
 *
 * @throws `invalid_argument` where no server is named; `token_mismatch` where the token's answer names one that is not allowed
 */
export function vendorOptions<V extends WebRTCAdaptor>(
  { token, localStream }: ConnectAttempt<V>,
  options: AntMediaOptions<V>,
): WebRTCAdaptorOptions {
  const { vendorOptions: more, iceServers, websocketUrl, httpEndpointUrl } = options;
  const serverUrl = token?.details['serverUrl'] ?? websocketUrl;
  const finder = serverUrl == null ? httpEndpointUrl : undefined;
  const websocketURL = finder ? undefined : checkUrl(serverUrl, 'websocketUrl', options);
  checkNamedServer(token, websocketUrl ?? httpEndpointUrl, options);
  return {
    ...more,
    ...(iceServers && { peerconnection_config: { iceServers } }),
    httpEndpointUrl: finder,
    websocketURL,
    localStream,
    isPlayMode: !localStream,
  };
}

/**
 * Makes a `WebRTCAdaptor` and opens its socket, with the vendor's own reconnecting off. At the end of the attempt it
 * stops `streamIds` and closes the socket, all peer connections and the AudioContext. It tells nothing after that, and
 * nothing of it comes back.
 *
 * @throws what the vendor's constructor throws; `vendor_missing` where the object is not a `WebRTCAdaptor`
 */
export function openVendor<V extends WebRTCAdaptor>(
  { signal, onEnd, ended, failed }: Pick<ConnectAttempt, 'signal' | 'onEnd' | 'ended' | 'failed'>,
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
        if (!signal.aborted) ours(cut(name) ?? '', Object(detail));
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
  checkVendor(vendor);
  withoutOfflineListener(() => vendor.initialize()).catch((error) => {
    // An error of the language is one of its code or its page, such as a script that is missing. It does not heal.
    if (error instanceof ReferenceError || error instanceof TypeError) ended('ended', misfit(error));
    else quit();
  });
  if (vendor.webSocketAdaptor) tameSocket(vendor.webSocketAdaptor, quit);
  return vendor;
}

/** @throws `vendor_missing` where a member that is used here is not there */
function checkVendor(vendor: WebRTCAdaptor): void {
  const missing = methods.find((name) => typeof vendor[name] !== 'function');
  if (missing) throw misfit(new TypeError(`It has no ${missing}().`));
  if (!vendor.peerconnection_config) throw misfit(new TypeError('It has no peerconnection_config.'));
}

/** The class that the app gave is another one, or something that it needs is not on the page. */
function misfit(cause: Error): RoomSessionError {
  const message = `The vendor's object does not work (${cause.message.replace(/\.$/, '')}).`;
  const advice =
    'Give WebRTCAdaptor of @antmedia/webrtc_adaptor 2.16; its browser build needs the script of mediapipe first.';
  return new RoomSessionError('vendor_missing', `${message} ${advice}`, { cause });
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
    () =>
      Object.assign(vendor, {
        ...{ publish: nothing, play: nothing, checkWebSocketConnection: nothing },
        ...{ publishToken: undefined, playToken: undefined },
      }),
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
