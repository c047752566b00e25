/**
 * The A-Frame component `room-session`, for scenes that connect by themselves.
 *
 * @module room-session/aframe
 */

import { nafJanus } from './adapters/naf-janus/index.ts';
import { leaveScene } from './adapters/naf-janus/scene.ts';
import { takenOverVendor, takeOver } from './adapters/naf-janus/take-over.ts';
import { type JanusAdapter, networkedAFrame, type Scene } from './adapters/naf-janus/vendor.ts';
import { RoomSessionError, TokenError } from './errors.ts';
import { RoomSession } from './session.ts';
import { tokenEndpoint } from './token/endpoint.ts';
import type { TokenSource } from './token/source.ts';

const componentName = 'room-session';

/** The properties of the attribute; the names are the schema's. */
interface Data {
  readonly endpoint: string;
  readonly source: string;
  readonly identity: string;
  readonly serverUrl: string;
  readonly listenOnly: boolean;
  readonly allowInsecure: boolean;
  readonly video: boolean;
}

/** A component instance, as far as it is used here. */
interface Component {
  readonly el: Scene & { emit(name: string, detail: unknown, bubbles: boolean): void };
  readonly data: Data;
  session: RoomSession<JanusAdapter>;
  stop: () => void;
}

/** networked-aframe's component of the scene, as far as it is used here. */
interface NetworkedScene {
  readonly data: { readonly room: string };
  connect?(): unknown;
}

/** A-Frame, as far as it is used here. */
interface AFrame {
  readonly components: Readonly<Record<string, unknown>>;
  registerComponent(name: string, definition: object): unknown;
}

/**
 * Registers the A-Frame component `room-session`, with which the session follows a scene that connects by itself:
 *
 * `<a-scene networked-scene="adapter: janus; room: r1" room-session="endpoint: /api/room-token">`
 *
 * Each time the scene connects (`connectOnLoad`, or the event `connect`) the session joins the scene's room with a token
 * from the endpoint. The session ends when the scene is removed. Importing this module, or loading the script-tag file
 * after A-Frame's, registers the component already. Call this where A-Frame comes later or is no global, before the scene
 * is in the page. A second call has no effect.
 *
 * Properties: `endpoint`, or `source`, the name of a function on `window` that is a `TokenSource`; `identity`, who is
 * joining (default: none); `serverUrl` (default: the scene's `serverURL`); `video`, the camera too (default false);
 * `listenOnly` (default false); `allowInsecure`, `ws:` to another machine (default false).
 *
 * The scene emits `room-session-ready` with `{ session }` once, and `room-session-state` with each `stateChanged`, whose
 * `error` says what was wrong. The session is also `scene.components['room-session'].session`.
 *
 * @param aframe - Default: the page's global `AFRAME`
 * @throws `RoomSessionError` `vendor_missing` without A-Frame
 *
 * @example
 * registerRoomSession();
 * document.body.insertAdjacentHTML(
 *   'beforeend',
 *   '<a-scene networked-scene="adapter: janus; room: r1" room-session="endpoint: /api/room-token"></a-scene>',
 * );
 */
export function registerRoomSession(aframe: unknown = (globalThis as { AFRAME?: unknown }).AFRAME): void {
  if (!aframe) {
    throw new RoomSessionError(
      'vendor_missing',
      'A-Frame is missing. Load it first, or give it as the argument.',
    );
  }
  const { components, registerComponent } = aframe as AFrame;
  if (components[componentName]) return;
  // The scene connects in the task in which its attributes are read, which may be before ours is read. Then its first
  // connect has to wait for us. The event does not bubble.
  document.addEventListener(
    'adapter-ready',
    ({ target, detail }: Event & { detail?: JanusAdapter }) => {
      if ((target as Element).hasAttribute(componentName) && detail?.sendJoin) takeOver(detail);
    },
    true,
  );
  registerComponent(componentName, definition);
}

const definition = {
  schema: {
    endpoint: { default: '' },
    source: { default: '' },
    identity: { default: '' },
    serverUrl: { default: '' },
    listenOnly: { default: false },
    allowInsecure: { default: false },
    video: { default: false },
  },

  init(this: Component): void {
    const { el, data } = this;
    const { identity, serverUrl, listenOnly, allowInsecure, video } = data;
    const adapter = nafJanus({
      scene: el,
      serverUrl: serverUrl || undefined,
      listenOnly,
      allowInsecure,
      constraints: { audio: true, video },
    });
    const session = new RoomSession({
      adapter,
      identity: identity || undefined,
      tokenSource: (request) => sourceOf(data)(request),
    });
    this.session = session;
    session.on('stateChanged', (change) => el.emit('room-session-state', change, false));
    const follow = (vendor: JanusAdapter) => {
      // networked-aframe makes another object each time.
      void session.leave();
      adapter.adopt(vendor);
      const { room } = (el.components['networked-scene'] as NetworkedScene).data;
      session.join(room).catch(() => {
        // `room-session-state` has the error.
      });
    };
    const onReady = (event: Event) => follow((event as CustomEvent<JanusAdapter>).detail);
    el.addEventListener('adapter-ready', onReady);
    this.stop = () => {
      el.removeEventListener('adapter-ready', onReady);
      void session.leave();
      // Its join may not have begun with it.
      const vendor = takenOverVendor(networkedAFrame()?.connection.adapter);
      if (vendor) leaveScene(vendor);
    };
    el.emit('room-session-ready', { session }, false);
    const connection = networkedAFrame()?.connection;
    const vendor = takenOverVendor(connection?.adapter);
    if (vendor) follow(vendor);
    else if (connection?.adapter) {
      // The scene was connected before this attribute, or this module, was there. It connects once more, with us.
      connection.disconnect();
      el.components['networked-scene']?.connect?.();
    }
  },

  remove(this: Component): void {
    this.stop();
  },
};

function sourceOf({ endpoint, source }: Data): TokenSource {
  if (endpoint) return tokenEndpoint(endpoint);
  const named = (globalThis as Record<string, unknown>)[source];
  if (typeof named === 'function') return named as TokenSource;
  // This code ends the join at once. After others the session asks again.
  throw new TokenError(
    'token_denied',
    `The attribute ${componentName} needs an endpoint, or a source that names a function on window ("${source}" does not).`,
  );
}

if ((globalThis as { AFRAME?: unknown }).AFRAME) registerRoomSession();
