import { RoomSessionError } from '../../errors.ts';
import { loadVendor } from '../load.ts';
import { type Hold, hold } from './hold.ts';
import type { NafJanusOptions } from './options.ts';
import { type JanusAdapter, networkedAFrame, type Scene } from './vendor.ts';

const component = 'networked-scene';
const advice =
  'Load aframe, networked-aframe and naf-janus-adapter, in this order, before the scene; or give nafJanus({ load }).';

/**
 * Makes the scene connect to `room`, and holds the vendor object that it makes for that.
 *
 * @throws `vendor_missing` without networked-aframe or its Janus adapter, `invalid_argument` without a scene
 */
export async function connectScene(
  { scene: given = 'a-scene', load }: NafJanusOptions,
  room: string,
  signal: AbortSignal,
): Promise<Hold> {
  const fromPage = () => networkedAFrame()?.adapters.adapters['janus'];
  await loadVendor(fromPage(), load && (() => load().then(fromPage)), fromPage, advice);
  const scene = (typeof given === 'string' ? document.querySelector(given) : given) as Scene | null;
  if (!scene?.isConnected)
    throw new RoomSessionError('invalid_argument', 'There is no such a-scene in the page (scene).');
  if (!scene.hasLoaded)
    await new Promise((resolve) => scene.addEventListener('loaded', resolve, { once: true, signal }));
  signal.throwIfAborted();
  leaveScene();
  scene.setAttribute(component, { adapter: 'janus', room, connectOnLoad: false });
  let held: Hold | undefined;
  const onReady = (event: Event) => {
    held = hold((event as CustomEvent<JanusAdapter>).detail);
  };
  scene.addEventListener('adapter-ready', onReady);
  scene.components[component]?.connect?.();
  scene.removeEventListener('adapter-ready', onReady);
  if (held) return held;
  throw new RoomSessionError('vendor_missing', `The scene has no ${component}. ${advice}`);
}

/** Ends what the scene is connected with, or `only` where it is that. */
export function leaveScene(only?: JanusAdapter): void {
  const connection = networkedAFrame()?.connection;
  if (connection?.adapter && (!only || connection.adapter === only)) connection.disconnect();
}
