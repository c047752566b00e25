import type { RoomAdapter } from '../../adapter.ts';
import { TokenError } from '../../errors.ts';
import { checkUrl } from '../check-url.ts';
import { loadVendor } from '../load.ts';
import { LocalMedia } from '../local-media.ts';
import { joinAndStay } from '../stay.ts';
import { attempt, type Stay } from './attempt.ts';
import { checkIds } from './checks.ts';
import type { AntMediaOptions } from './options.ts';
import { roomTracks } from './room-tracks.ts';
import { loadQuietly, type WebRTCAdaptor, type WebRTCAdaptorClass } from './vendor.ts';

export type { LocalMediaOptions } from '../local-media.ts';
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
  const { websocketUrl, load, listenOnly, oneTimeTokens = false } = options ?? {};
  if (websocketUrl !== undefined) checkUrl(websocketUrl, 'websocketUrl');
  const media = new LocalMedia(options);
  let over: AbortController | undefined;
  let stay: Stay | undefined;

  return {
    name: 'ant-media',
    oneTimeTokens,
    get vendor() {
      return stay?.vendor;
    },
    get localStream() {
      return media.stream;
    },

    async connect(context) {
      const me = context.identity ?? Math.random().toString(36).slice(2);
      checkIds(context.room, me);
      over = new AbortController();
      const signal = AbortSignal.any([context.signal, over.signal]);
      const [Vendor, stream] = await Promise.all([
        loadVendor(options.vendor, load && (() => loadQuietly(load)), fromGlobal, advice),
        media.open({ audio: true, video: true }, signal),
      ]);
      signal.throwIfAborted();
      const tracks = roomTracks(context.report, me);
      const started: Stay = {
        ...{ context, options, Vendor, me, stream, tracks, signal, over },
        refusals: new Map(),
        attempt: (onOpen, onJoined) => attempt(started, onOpen, onJoined),
        lose: tracks.lose,
      };
      stay = started;
      await joinAndStay(started);
    },

    disconnect() {
      over?.abort();
      stay = undefined;
      media.stream = undefined;
    },

    // The vendor sends its stored copy only when the app makes it; it shall not be an old one.
    updateToken({ value }) {
      const vendor = stay?.vendor;
      if (vendor) vendor.publishToken = vendor.playToken = value;
    },

    // Ant Media compares the claims `streamId` (the room, or the own stream) and `type` (a `publish` token is good for
    // both, a `play` token for listening only).
    checkToken({ claims: { streamId, type } }, { room, identity }) {
      if (typeof streamId === 'string' && streamId !== room && streamId !== identity) {
        throw mismatch('streamId', `"${streamId}", not "${room}"`);
      }
      if (type === 'play' && !listenOnly) {
        throw mismatch('type', 'playing only: set listenOnly, or sign "publish"');
      }
    },

    setMicrophone(on) {
      media.turn('audio', on);
    },

    setCamera(on) {
      media.turn('video', on);
    },
  };
}

const advice = 'Give antMedia({ load }) that imports @antmedia/webrtc_adaptor, or set window.WebRTCAdaptor.';

function fromGlobal(): WebRTCAdaptorClass | undefined {
  const page = globalThis as {
    WebRTCAdaptor?: WebRTCAdaptorClass;
    webrtc_adaptor?: { WebRTCAdaptor?: WebRTCAdaptorClass };
  };
  return page.WebRTCAdaptor ?? page.webrtc_adaptor?.WebRTCAdaptor;
}

function mismatch(claim: string, what: string): TokenError {
  return new TokenError('token_mismatch', `The token is for ${what}.`, { claim });
}
