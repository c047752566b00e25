import { borrow, giveBack, setEnabled } from './borrowed-tracks.ts';
import { RoomSessionError } from './errors.ts';
import { textIn } from './report-error.ts';

/** What an adapter publishes, as its options say. */
export interface LocalMediaOptions {
  /**
   * The app's own stream to publish. The session never stops its tracks. What \`setMicrophone\` and \`setCamera\` turned is
   * as it was before the join, when all sessions that published the stream have left. Default: none.
   */
  readonly localStream?: MediaStream | undefined;
  /**
   * Camera and microphone to open at each join, where there is no `localStream`. The session stops them at the end. Default:
   * both; for `nafJanus` the microphone.
   */
  readonly constraints?: MediaStreamConstraints | undefined;
  /** Publishes nothing and opens no camera or microphone. Default false. */
  readonly listenOnly?: boolean | undefined;
}

/** The wishes for the own microphone and camera. `undefined`: not said, so it stays as the device or the vendor has it. */
export interface MediaWishes {
  readonly microphone: boolean | undefined;
  readonly camera: boolean | undefined;
}

/** The own microphones and cameras by the kinds of their tracks. */
const kinds = { microphone: 'audio', camera: 'video' } as const satisfies Record<LocalDevice, string>;

/** What can be muted. */
export type LocalDevice = 'microphone' | 'camera';

/** Why an own device is silent or dark: the system muted it, it ended (unplugged, permission withdrawn), or it could not be opened. */
export type DeviceProblem = 'muted' | 'ended' | 'unavailable';

/** An own device that works no more. */
export interface DeviceLost {
  readonly device: LocalDevice;
  readonly problem: DeviceProblem;
  /** Why it could not be opened, where `problem` is `unavailable`. */
  readonly error?: RoomSessionError | undefined;
}

/** What is told of the own devices. */
export interface DeviceEvents {
  onLost(lost: DeviceLost): void;
  onRestored(device: LocalDevice): void;
  /** Whether a device is on may have changed. */
  onChange(): void;
}

const devices = Object.keys(kinds) as LocalDevice[];

/** The own camera and microphone, and what the person wishes of them, over joins. A muted track sends silence or black. */
export class LocalMedia {
  /** What was asked for with `setMicrophone` and `setCamera`; a device that was not asked about is left as it is. */
  readonly wishes: { -readonly [Device in keyof MediaWishes]: MediaWishes[Device] } = {
    microphone: undefined,
    camera: undefined,
  };
  /** `undefined` while disconnected, and where nothing is published. */
  stream: MediaStream | undefined;
  readonly #options: LocalMediaOptions | undefined;
  readonly #events: DeviceEvents;
  #opening: Promise<void> | undefined;
  /** The devices that the session opened itself. */
  #opened: readonly LocalDevice[] = [];
  /** Whether the tracks that ended were on. */
  #enabled: Partial<Record<LocalDevice, boolean>> = {};

  constructor(options: LocalMediaOptions | undefined, events: DeviceEvents) {
    this.#options = options;
    this.#events = events;
  }

  /**
   * Opens camera and microphone until `signal` aborts, where the app gave no stream of its own. Where only one of the two
   * can be opened, that one has to do, and `deviceLost` tells of the other. A second call waits for the first.
   *
   * @throws `connect_failed` with the browser's reason as `vendorCode`; `UnsecureContext` means that the page is not from
   * https
   */
  open(signal: AbortSignal): Promise<void> {
    const options = this.#options;
    if (!options || options.listenOnly || this.stream) return Promise.resolve();
    this.#opening ??= (async () => {
      const { localStream, constraints = { audio: true, video: true } } = options;
      const stream = localStream ?? (await this.#openWhatThereIs(constraints, signal));
      if (signal.aborted) return;
      const has = (device: LocalDevice) => stream.getTracks().some(({ kind }) => kind === kinds[device]);
      if (!localStream) this.#opened = devices.filter(has);
      this.use(stream, signal);
    })();
    return this.#opening;
  }

  /** Publishes this stream, and watches its tracks until `signal` aborts. */
  use(stream: MediaStream, signal: AbortSignal): void {
    this.stream = stream;
    for (const track of stream.getTracks()) {
      borrow(track, this);
      this.#watch(track, signal);
    }
    for (const device of devices) this.#apply(device);
  }

  /** Opens the devices anew whose tracks have ended since, so that the next attempt publishes none that is dead. */
  async restore(signal: AbortSignal): Promise<void> {
    const { stream } = this;
    if (!stream) return;
    for (const device of this.#opened) {
      const own = stream.getTracks().filter(({ kind }) => kind === kinds[device]);
      if (own.some(({ readyState }) => readyState === 'live')) continue;
      for (const track of own) {
        this.#enabled[device] = track.enabled;
        stream.removeTrack(track);
      }
      await this.#reopen(device, stream, signal);
    }
  }

  /** Remembers a wish and turns all tracks of that device on or off. */
  turn(device: LocalDevice, on: boolean): void {
    this.wishes[device] = on;
    this.#apply(device);
  }

  /**
   * The join has ended, and the wishes go on.
   *
   * @returns leaves the app's tracks as they were before the join; for when nothing is sent
   */
  reset(): () => void {
    const tracks = this.stream?.getTracks() ?? [];
    this.stream = this.#opening = undefined;
    this.#opened = [];
    this.#enabled = {};
    return () => {
      for (const track of tracks) giveBack(track, this);
    };
  }

  /** Whether there is one, and it is not muted. Where the vendor has the devices, only the wish is known. */
  isOn(device: LocalDevice): boolean {
    const isThere = ({ kind, readyState, enabled }: MediaStreamTrack) =>
      kind === kinds[device] && readyState === 'live' && enabled;
    return this.wishes[device] !== false && (!this.#options || !!this.stream?.getTracks().some(isThere));
  }

  #apply(device: LocalDevice): void {
    const on = this.wishes[device];
    for (const track of this.stream?.getTracks() ?? [])
      if (track.kind === kinds[device] && on !== undefined) setEnabled(track, on);
    this.#events.onChange();
  }

  #watch(track: MediaStreamTrack, signal: AbortSignal): void {
    const device = track.kind === kinds.microphone ? 'microphone' : 'camera';
    const on = (type: string, tell: () => void) => track.addEventListener?.(type, tell, { signal });
    on('ended', () => {
      this.#events.onChange();
      this.#events.onLost({ device, problem: 'ended' });
    });
    on('mute', () => this.#events.onLost({ device, problem: 'muted' }));
    on('unmute', () => this.#events.onRestored(device));
  }

  async #openWhatThereIs(constraints: MediaStreamConstraints, signal: AbortSignal): Promise<MediaStream> {
    try {
      return await openDevices(constraints, signal);
    } catch (error) {
      if (!constraints.audio || !constraints.video) throw error;
      for (const device of devices) {
        const kind = kinds[device];
        const alone = await openDevices({ [kind]: constraints[kind] }, signal).catch(() => undefined);
        if (!alone) continue;
        if (signal.aborted) return alone;
        const missing = device === 'microphone' ? 'camera' : 'microphone';
        this.#events.onLost({ device: missing, problem: 'unavailable', error: error as RoomSessionError });
        return alone;
      }
      throw error;
    }
  }

  async #reopen(device: LocalDevice, stream: MediaStream, signal: AbortSignal): Promise<void> {
    const kind = kinds[device];
    try {
      const opened = await openDevices({ [kind]: this.#options?.constraints?.[kind] ?? true }, signal);
      if (signal.aborted) return;
      for (const track of opened.getTracks()) {
        // The app may have muted the track itself.
        track.enabled = this.#enabled[device] ?? true;
        stream.addTrack(track);
        this.#watch(track, signal);
      }
      this.#apply(device);
      this.#events.onRestored(device);
    } catch (error) {
      if (!signal.aborted)
        this.#events.onLost({ device, problem: 'unavailable', error: error as RoomSessionError });
    }
  }
}

async function openDevices(constraints: MediaStreamConstraints, signal: AbortSignal): Promise<MediaStream> {
  const { mediaDevices } = navigator;
  let stream: MediaStream;
  try {
    stream = await mediaDevices.getUserMedia(constraints);
  } catch (cause) {
    const vendorCode = mediaDevices ? (textIn(cause, 'name') ?? 'unknown') : 'UnsecureContext';
    const what = constraints.audio ? (constraints.video ? 'camera or microphone' : 'microphone') : 'camera';
    throw new RoomSessionError(
      'connect_failed',
      `The ${what} could not be opened (${vendorCode}). Allow it, name what there is in constraints, or join with listenOnly.`,
      { vendorCode, cause },
    );
  }
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  return stream;
}
