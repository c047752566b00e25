import { borrow, giveBack, setEnabled } from './borrowed-tracks.ts';
import type { RoomSessionError } from './errors.ts';
import { DeviceOpener, darkTrack } from './open-devices.ts';
import {
  type DeviceEvents,
  type DeviceLost,
  deviceOf,
  devices,
  type LocalDevice,
  type LocalMediaOptions,
  type MediaWishes,
  type OwnDevice,
} from './own-devices.ts';
import { Published } from './published.ts';

/** The own camera and microphone, and what the person wishes of them, over joins. */
export class LocalMedia {
  /** What was asked for with `setMicrophone` and `setCamera`; a device that was not asked about is left as it is. */
  readonly wishes: { -readonly [Device in keyof MediaWishes]: MediaWishes[Device] } = {
    microphone: undefined,
    camera: undefined,
  };
  readonly published: Published = new Published();
  readonly #options: LocalMediaOptions | undefined;
  readonly #events: DeviceEvents;
  readonly #opener: DeviceOpener;
  #opening: Promise<void> | undefined;
  /** Aborts at the end of the join. */
  signal: AbortSignal | undefined;
  readonly #missing = new Set<LocalDevice>();
  /** Whether the tracks that ended were on. */
  #enabled: Partial<Record<LocalDevice, boolean>> = {};
  #last: Promise<unknown> = Promise.resolve();
  #shown: Partial<Record<LocalDevice, OwnDevice>> = {};

  constructor(options: LocalMediaOptions | undefined, events: DeviceEvents) {
    this.#options = options;
    this.#events = events;
    this.#opener = new DeviceOpener(options?.constraints);
  }

  get stream(): MediaStream | undefined {
    return this.published.stream;
  }

  /**
   * Opens camera and microphone until `signal` aborts, where the app gave no stream of its own. Where only one of the two
   * can be opened, that one has to do, and `deviceLost` tells of the other. A second call waits for the first.
   *
   * @throws as {@link DeviceOpener}
   */
  open(signal: AbortSignal): Promise<void> {
    const options = this.#options;
    if (!options || options.listenOnly || this.stream) return Promise.resolve();
    this.#opening ??= (async () => {
      if (options.localStream) return this.use(options.localStream, signal);
      const onLost = (lost: DeviceLost) => this.#events.onLost(lost);
      const { stream, dark } = await this.#opener.all(signal, this.isDarkWanted, onLost);
      if (signal.aborted) return;
      this.published.open(stream, dark);
      this.#begin(signal);
    })();
    return this.#opening;
  }

  /** Publishes this stream of the app's, and watches its tracks until `signal` aborts. */
  use(stream: MediaStream, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.published.bring(stream);
    this.#begin(signal);
  }

  /**
   * Makes what the next attempt publishes live and as wished: opens devices anew whose tracks have ended, and takes out what
   * the vendor has put in.
   */
  restore(signal: AbortSignal): Promise<void> {
    return this.inTurn(async () => {
      for (const device of devices) await this.#restore(device, signal);
    });
  }

  /** Remembers a wish and turns all tracks of that device on or off. A camera is freed, or opened again. */
  turn(device: LocalDevice, on: boolean): Promise<void> {
    this.wishes[device] = on;
    this.apply(device);
    const signal = this.signal;
    if (device === 'microphone' || !signal || this.#options?.keepCamera) return Promise.resolve();
    return this.inTurn(() => this.#freeOrOpenCamera(signal));
  }

  /**
   * Uses this microphone or camera from now on, also for later joins.
   *
   * @throws as {@link DeviceOpener}; the one before goes on then
   */
  setDevice(device: LocalDevice, deviceId: string): Promise<void> {
    const signal = this.signal;
    return this.inTurn(async () => {
      const { ids } = this.#opener;
      const before = ids[device];
      ids[device] = deviceId;
      const track = this.published.trackOf(device);
      try {
        if (signal && track && !this.published.isSubstitute(track))
          await this.exchange(device, track, signal);
      } catch (error) {
        ids[device] = before;
        throw error;
      }
      this.#events.onChange();
    });
  }

  /** The vendor publishes this track: the wishes hold for it, and the next attempt takes its device. */
  adopt(track: MediaStreamTrack, deviceId: string | undefined): void {
    const device = deviceOf(track);
    const on = this.wishes[device];
    if (on !== undefined) track.enabled = on;
    if (deviceId) this.#opener.ids[device] = deviceId;
  }

  /** What an app sees of a device. The same object until it changes. */
  show(device: LocalDevice): OwnDevice {
    const track = this.published.trackOf(device);
    const real = track && this.published.isSubstitute(track) ? undefined : track;
    const now = {
      wanted: this.wishes[device],
      on: this.isOn(device),
      deviceId: real?.getSettings?.().deviceId ?? this.#opener.ids[device],
      label: real?.label,
    };
    const { [device]: before = now } = this.#shown;
    this.#shown[device] = JSON.stringify(before) === JSON.stringify(now) ? before : now;
    return this.#shown[device];
  }

  /** Whether it is sent. Where the vendor has the devices, only the wish is known. */
  isOn(device: LocalDevice): boolean {
    return this.wishes[device] !== false && (!this.#options || this.published.isSent(device));
  }

  /**
   * The join has ended, and the wishes go on.
   *
   * @returns leaves the app's tracks as they were before the join; for when nothing is sent
   */
  reset(): () => void {
    const tracks = this.published.end();
    this.#opening = this.signal = undefined;
    this.#enabled = {};
    this.#missing.clear();
    return () => {
      for (const track of tracks) giveBack(track, this);
    };
  }

  #begin(signal: AbortSignal): void {
    this.signal = signal;
    for (const track of this.stream?.getTracks() ?? []) {
      borrow(track, this);
      this.#watch(track, signal);
    }
    for (const device of devices) this.apply(device);
  }

  inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  apply(device: LocalDevice): void {
    const on = this.wishes[device];
    for (const track of this.published.tracksOf(device))
      if (on !== undefined && track !== this.published.screen) setEnabled(track, on);
    this.#events.onChange();
  }

  #watch(track: MediaStreamTrack, signal: AbortSignal): void {
    const device = deviceOf(track);
    const on = (type: string, tell: () => void) => track.addEventListener?.(type, tell, { signal });
    on('ended', () => {
      this.#events.onChange();
      this.#events.onLost({ device, problem: 'ended' });
    });
    on('mute', () => this.#events.onLost({ device, problem: 'muted' }));
    on('unmute', () => this.#events.onRestored(device));
  }

  get isDarkWanted(): boolean {
    return this.wishes.camera === false && !this.#options?.keepCamera;
  }

  async #freeOrOpenCamera(signal: AbortSignal): Promise<void> {
    const { published } = this;
    const track = published.trackOf('camera');
    if (!track || track === published.screen || signal.aborted) return;
    if (!this.isDarkWanted) {
      if (track === published.dark) await this.exchange('camera', track, signal);
      return;
    }
    const dark = published.isOwn(track) && track !== published.dark ? darkTrack(signal) : undefined;
    if (!dark) return;
    published.dark = dark;
    await published.exchange(track, dark);
    this.#events.onChange();
  }

  /** Opens the device that is wanted now, and publishes it in place of `old`. */
  async exchange(device: LocalDevice, old: MediaStreamTrack, signal: AbortSignal): Promise<void> {
    const track = await this.#opener.one(device, signal);
    if (signal.aborted) return;
    track.enabled = this.wishes[device] ?? old.enabled;
    this.#watch(track, signal);
    await this.published.exchange(old, track);
    this.apply(device);
  }

  async #restore(device: LocalDevice, signal: AbortSignal): Promise<void> {
    const { published } = this;
    const tracks = published.tracksOf(device);
    const own = tracks.filter((track) => published.isOwn(track));
    const strangers = tracks.filter((track) => published.isStranger(track));
    const isFine =
      own.length > 0 ? own.some(({ readyState }) => readyState === 'live') : !this.#missing.has(device);
    if (strangers.length === 0 && isFine) return;
    for (const track of [...own, ...strangers]) {
      this.#enabled[device] = track.enabled;
      published.take(track);
    }
    try {
      const dark = device === 'camera' && this.isDarkWanted ? darkTrack(signal) : undefined;
      if (dark) published.dark = dark;
      const track = dark ?? (await this.#opener.oneOrAnother(device, signal));
      if (signal.aborted) return;
      this.#missing.delete(device);
      // The app may have muted the track itself.
      track.enabled = this.#enabled[device] ?? true;
      published.add(track);
      this.#watch(track, signal);
      this.apply(device);
      this.#events.onRestored(device);
    } catch (error) {
      this.#missing.add(device);
      if (!signal.aborted)
        this.#events.onLost({ device, problem: 'unavailable', error: error as RoomSessionError });
    }
  }
}
