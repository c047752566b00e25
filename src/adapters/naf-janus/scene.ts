import { RoomSessionError } from '../../errors.ts';
import { loadVendor } from '../load.ts';
import type { NafJanusOptions } from './options.ts';
import { type TakenOver, takeOver } from './take-over.ts';
import { type JanusAdapter, networkedAFrame, type Scene } from './vendor.ts';

const component = 'networked-scene';
const advice =
  'Load aframe, networked-aframe and naf-janus-adapter, in this order, before the scene; or give nafJanus({ load }).';

/**
 * Makes the scene connect to `room`, and takes over the vendor object that it makes for that.
 *
 * @throws `vendor_missing` without networked-aframe or its Janus adapter, `invalid_argument` without a scene
 */
export async function connectScene(
  { scene: given = 'a-scene', load }: NafJanusOptions,
  room: string,
  signal: AbortSignal,
): Promise<TakenOver> {
  const fromPage = () => networkedAFrame()?.adapters.adapters['janus'];
  await loadVendor(fromPage(), load && (() => load().then(fromPage)), fromPage, advice);
  const scene = (typeof given === 'string' ? document.querySelector(given) : given) as Scene | null;
  if (!scene?.isConnected) {
    throw new RoomSessionError('invalid_argument', 'The page does not have this a-scene (option scene).');
  }
  if (!scene.hasLoaded) {
    await new Promise((resolve) => scene.addEventListener('loaded', resolve, { once: true, signal }));
  }
  signal.throwIfAborted();
  leaveScene();
  scene.setAttribute(component, { adapter: 'janus', room, connectOnLoad: false });
  let takenOver: TakenOver | undefined;
  const onReady = (event: Event) => {
    takenOver = takeOver((event as CustomEvent<JanusAdapter>).detail);
  };
  scene.addEventListener('adapter-ready', onReady);
  scene.components[component]?.connect?.();
  scene.removeEventListener('adapter-ready', onReady);
  if (takenOver) return takenOver;
  throw new RoomSessionError('vendor_missing', `The scene has no ${component}. ${advice}`);
}

/** Disconnects networked-aframe. With `only`, where that is its vendor object. */
export function leaveScene(only?: JanusAdapter): void {
  const connection = networkedAFrame()?.connection;
  if (!connection?.adapter || (only && connection.adapter !== only)) return;
  try {
    connection.disconnect();
  } finally {
    // It removes the entities of others first, which may throw.
    connection.adapter = null;
  }
}
