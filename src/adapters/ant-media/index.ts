import type { ConnectContext, JoinRequest, RoomAdapter } from '../../adapter.ts';
import { RoomSessionError, TokenError } from '../../errors.ts';
import type { Token } from '../../token/jwt.ts';
import { loadVendor } from '../load.ts';
import { openLocalMedia, stopStream } from './local-media.ts';
import type { AntMediaOptions } from './options.ts';
import { checkedUrl } from './server-address.ts';
import { Stay } from './stay.ts';
import { loadQuietly, type WebRTCAdaptor, type WebRTCAdaptorClass } from './vendor.ts';

export type { AntMediaOptions } from './options.ts';
export type { WebRTCAdaptor, WebRTCAdaptorClass } from './vendor.ts';

/** The adapter for Ant Media Server. */
export interface AntMediaAdapter extends RoomAdapter<WebRTCAdaptor> {
  /** What is published, for the self view; `undefined` while disconnected and where nothing is. */
  readonly localStream: MediaStream | undefined;
  setMicrophone(on: boolean): void;
  setCamera(on: boolean): void;
}

/**
 * Joins conference rooms on Ant Media Server through the vendor's own `WebRTCAdaptor` 2.16 (which the app brings): our
 * stream is published into the room and the room is played, both with the room's token. The identity becomes the stream
 * id, which must be the only one of its kind on the whole server application: letters, digits, `-`, `_` and `.` only;
 * left out, a random one is made for each join.
 *
 * The vendor's own reconnecting is off; ours opens a new vendor object for each try, with a token that is valid then.
 * `setMicrophone` and `setCamera` send silence and black frames, they do not turn off the device; they may be called
 * before joining.
 *
 * @throws `RoomSessionError` `invalid_argument` for a `websocketUrl` that is not one
 */
export function antMedia(options: AntMediaOptions): AntMediaAdapter {
  if (options?.websocketUrl !== undefined) checkedUrl(options.websocketUrl, 'websocketUrl');
  return new AntMedia(options ?? {});
}

class AntMedia implements AntMediaAdapter {
  readonly name = 'ant-media';
  readonly oneTimeTokens: boolean;
  readonly #options: AntMediaOptions;
  readonly #enabled = { audio: true, video: true };
  #stay: Stay | undefined;
  #stream: MediaStream | undefined;

  constructor(options: AntMediaOptions) {
    this.#options = options;
    this.oneTimeTokens = options.oneTimeTokens ?? false;
  }

  get vendor(): WebRTCAdaptor | undefined {
    return this.#stay?.vendor;
  }

  get localStream(): MediaStream | undefined {
    return this.#stream;
  }

  async connect(context: ConnectContext): Promise<void> {
    const { vendor, load } = this.#options;
    const me = context.identity ?? randomId();
    checkStreamId(context.room, 'The room');
    checkStreamId(me, 'The identity');
    if (me === context.room) {
      throw new RoomSessionError(
        'invalid_argument',
        `The identity "${me}" is the room's name too; it needs another.`,
      );
    }
    const [Vendor, stream] = await Promise.all([
      loadVendor({ given: vendor, load: load && (() => loadQuietly(load)), fromGlobal, advice }),
      this.#openStream(context.signal),
    ]);
    context.signal.throwIfAborted();
    this.#stay = new Stay({ context, options: this.#options, Vendor, me, stream });
    await this.#stay.join();
  }

  disconnect(): void {
    this.#stay?.end();
    this.#stay = undefined;
    if (this.#stream && this.#stream !== this.#options.localStream) stopStream(this.#stream);
    this.#stream = undefined;
  }

  /** The vendor sends its stored copy only when the app makes it; it shall not be an old one. */
  updateToken(token: Token): void {
    const vendor = this.vendor;
    if (vendor) vendor.publishToken = vendor.playToken = token.value;
  }

  /**
   * Ant Media compares the claims `streamId` (the room, or the own stream) and `type` (a `publish` token is good for
   * both, a `play` token for listening only).
   */
  checkToken({ claims: { streamId, type } }: Token, { room, identity }: JoinRequest): void {
    if (typeof streamId === 'string' && streamId !== room && streamId !== identity) {
      throw mismatch('streamId', `The token's claim streamId is "${streamId}", but the room is "${room}".`);
    }
    if (type === 'play' && !this.#options.listenOnly) {
      throw mismatch(
        'type',
        'The token\'s claim type is "play": it does not allow to publish. Set listenOnly, or sign "publish".',
      );
    }
  }

  setMicrophone(on: boolean): void {
    this.#enabled.audio = on;
    this.#applyEnabled();
  }

  setCamera(on: boolean): void {
    this.#enabled.video = on;
    this.#applyEnabled();
  }

  async #openStream(signal: AbortSignal): Promise<MediaStream | undefined> {
    const { listenOnly, localStream, constraints = { audio: true, video: true } } = this.#options;
    if (listenOnly) return undefined;
    const stream = localStream ?? (await openLocalMedia(constraints));
    // Left meanwhile: nobody else knows of the camera yet.
    if (signal.aborted && stream !== localStream) stopStream(stream);
    signal.throwIfAborted();
    this.#stream = stream;
    this.#applyEnabled();
    return stream;
  }

  #applyEnabled(): void {
    for (const track of this.#stream?.getTracks() ?? []) {
      track.enabled = this.#enabled[track.kind as 'audio' | 'video'];
    }
  }
}

const advice =
  'Give antMedia({ load: () => import("@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js").then((m) => m.WebRTCAdaptor) }), ' +
  "or load the server's js/webrtc_adaptor.js and set window.WebRTCAdaptor.";

function fromGlobal(): WebRTCAdaptorClass | undefined {
  const page = globalThis as {
    WebRTCAdaptor?: WebRTCAdaptorClass;
    webrtc_adaptor?: { WebRTCAdaptor?: WebRTCAdaptorClass };
  };
  return page.WebRTCAdaptor ?? page.webrtc_adaptor?.WebRTCAdaptor;
}

/** The rule is the server's (`StreamIdValidator.java`), which answers `invalidStreamName`. */
function checkStreamId(value: string, what: string): void {
  if (/^[\w.-]+$/.test(value)) return;
  throw new RoomSessionError(
    'invalid_argument',
    `${what} ${JSON.stringify(value)} is no stream id of Ant Media: only letters, digits, "-", "_" and "." are allowed.`,
  );
}

function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

function mismatch(claim: string, message: string): TokenError {
  return new TokenError('token_mismatch', message, { claim });
}
