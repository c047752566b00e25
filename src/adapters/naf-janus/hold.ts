import { RoomSessionError } from '../../errors.ts';
import type { JanusAdapter } from './vendor.ts';

/** The vendor's methods, of which the object gets others of ours. */
type Method =
  | 'connect'
  | 'disconnect'
  | 'createPublisher'
  | 'associate'
  | 'sendJoin'
  | 'createSubscriber'
  | 'addAvailableOccupant'
  | 'removeAvailableOccupant'
  | 'removeOccupant'
  | 'setMediaStream'
  | 'updateTimeOffset';

const methods: readonly Method[] = [
  'connect',
  'disconnect',
  'createPublisher',
  'associate',
  'sendJoin',
  'createSubscriber',
  'addAvailableOccupant',
  'removeAvailableOccupant',
  'removeOccupant',
  'setMediaStream',
  'updateTimeOffset',
];

/** A vendor object that does nothing by itself. */
export interface Hold {
  readonly vendor: JanusAdapter;
  /** Its own methods, whatever it has in their place. */
  readonly own: Pick<JanusAdapter, Method>;
  /** Tells whoever called the vendor's `connect` how it went. */
  settle(joined: Promise<void>): void;
  /** Called when the scene, or the app, disconnects the vendor object. */
  onDisconnect: () => void;
  /** That has happened. */
  disconnected: boolean;
}

const holds = new WeakMap<JanusAdapter, Hold>();

/**
 * Takes over a vendor object that was not connected yet: its `connect` sends nothing from now on, and waits for our word.
 * To be called in a listener of `adapter-ready`, right after which networked-aframe connects. A second call gives the
 * same hold.
 *
 * @throws `invalid_argument` for an object of another adapter
 */
export function hold(vendor: JanusAdapter): Hold {
  const known = holds.get(vendor);
  if (known) return known;
  if (!vendor?.sendJoin)
    throw new RoomSessionError(
      'invalid_argument',
      'That is no naf-janus-adapter; networked-scene needs "adapter: janus".',
    );
  const own = Object.fromEntries(methods.map((name) => [name, vendor[name].bind(vendor as never)]));
  let settle!: (joined: Promise<void>) => void;
  const joined = new Promise<void>((resolve) => {
    settle = resolve;
  });
  // Nobody may be waiting for it: networked-aframe drops the promise when it connects by itself.
  joined.catch(() => {});
  const made: Hold = {
    vendor,
    own: own as Hold['own'],
    settle,
    onDisconnect: () => {},
    disconnected: false,
  };
  vendor.connect = () => joined;
  vendor.disconnect = () => {
    made.disconnected = true;
    made.onDisconnect();
    made.own.disconnect();
  };
  holds.set(vendor, made);
  return made;
}

/** The hold on what networked-aframe connects with now, where there is one. */
export function heldAdapter(adapter: unknown): JanusAdapter | undefined {
  return holds.get(adapter as JanusAdapter)?.vendor;
}
