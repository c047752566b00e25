import { RoomSessionError } from '../../errors.ts';
import type { JanusAdapter } from './vendor.ts';

/** The vendor's methods that we replace, and call ourselves. */
const methods = [
  'connect',
  'disconnect',
  'createPublisher',
  'associate',
  'sendJoin',
  'createSubscriber',
  'addAvailableOccupant',
  'removeAvailableOccupant',
  'syncOccupants',
  'removeOccupant',
  'setMediaStream',
  'updateTimeOffset',
  'onData',
] as const;

/** The vendor's own methods, whatever the object has in their place. */
type OwnMethods = Pick<JanusAdapter, (typeof methods)[number]>;

/** A vendor object that does nothing by itself. */
export class TakenOver {
  readonly vendor: JanusAdapter;
  readonly own: OwnMethods;
  /** `new` until we are in the room for the first time; `disconnected` when the scene, or the app, disconnected it. */
  phase: 'new' | 'connected' | 'disconnected' = 'new';
  /** The sessions that the server may still have, by their ids. */
  readonly sessions: Set<number> = new Set();
  /** Called when the scene, or the app, disconnects the vendor object. */
  onDisconnect = (): void => {};
  /** Rejects the promise of the vendor's `connect`. It has no effect after `connected`. */
  failed!: (reason: unknown) => void;
  #resolve!: () => void;

  constructor(vendor: JanusAdapter) {
    this.vendor = vendor;
    this.own = ownMethods(vendor);
    const connecting = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.failed = reject;
    });
    // networked-aframe drops the promise when it connects by itself.
    connecting.catch(() => {});
    vendor.connect = () => connecting;
    vendor.disconnect = () => {
      this.phase = 'disconnected';
      this.onDisconnect();
      this.own.disconnect();
    };
  }

  /** We are in the room: resolves the promise of the vendor's `connect`. */
  connected(): void {
    this.phase = 'connected';
    this.#resolve();
  }
}

const all = new WeakMap<JanusAdapter, TakenOver>();

/**
 * Takes over a vendor object that was not connected yet: its `connect` sends nothing from now on, and waits for the
 * session. Call it in a listener of `adapter-ready`, because networked-aframe connects right after. A second call gives
 * the same result.
 *
 * @throws `invalid_argument` for an object of another adapter
 */
export function takeOver(vendor: JanusAdapter): TakenOver {
  if (!vendor?.sendJoin) {
    throw new RoomSessionError(
      'invalid_argument',
      'This is not a naf-janus-adapter. Give networked-scene "adapter: janus".',
    );
  }
  const takenOver = all.get(vendor) ?? new TakenOver(vendor);
  all.set(vendor, takenOver);
  return takenOver;
}

/** The object that networked-aframe connects with, where it was taken over. */
export function takenOverVendor(adapter: unknown): JanusAdapter | undefined {
  return all.get(adapter as JanusAdapter)?.vendor;
}

function ownMethods(vendor: JanusAdapter): OwnMethods {
  const bound = methods.map((name) => {
    const method = vendor[name];
    return [name, (...values: unknown[]) => Reflect.apply(method, vendor, values)];
  });
  return Object.fromEntries(bound);
}
