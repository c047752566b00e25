import { RoomSessionError } from './errors.ts';

/** What an adapter publishes, as its options say. */
export interface LocalMediaOptions {
  /** The app's own stream to publish. The session never stops its tracks. */
  readonly localStream?: MediaStream | undefined;
  /** Camera and microphone to open at each join, where there is no `localStream`. The session stops them at the end. */
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
const kinds = { microphone: 'audio', camera: 'video' } as const;

/** What can be muted. */
export type LocalDevice = keyof typeof kinds;

/** The own camera and microphone, and what the person wishes of them, over joins. A muted track sends silence or black. */
export class LocalMedia {
  /** What was asked for with `setMicrophone` and `setCamera`; a device that was not asked about is left as it is. */
  readonly wishes: { -readonly [Device in keyof MediaWishes]: MediaWishes[Device] } = {
    microphone: undefined,
    camera: undefined,
  };
  readonly #options: LocalMediaOptions | undefined;
  #opening: Promise<void> | undefined;
  /** `undefined` while disconnected, and where nothing is published. */
  stream: MediaStream | undefined;

  constructor(options: LocalMediaOptions | undefined) {
    this.#options = options;
  }

  /**
   * Opens camera and microphone until `signal` aborts, where the app gave no stream of its own. A second call waits for
   * the first.
   *
   * @throws `connect_failed` with the browser's reason as `vendorCode`; `UnsecureContext` means that the page is not from
   * https
   */
  open(signal: AbortSignal): Promise<void> {
    const options = this.#options;
    if (!options || options.listenOnly || this.stream) return Promise.resolve();
    this.#opening ??= (async () => {
      const { localStream, constraints = { audio: true, video: true } } = options;
      const stream = localStream ?? (await openDevices(constraints, signal));
      if (!signal.aborted) this.use(stream);
    })();
    return this.#opening;
  }

  /** Publishes this stream. */
  use(stream: MediaStream): void {
    this.stream = stream;
    this.#apply('microphone');
    this.#apply('camera');
  }

  /** Remembers a wish and turns all tracks of that device on or off. */
  turn(device: LocalDevice, on: boolean): void {
    this.wishes[device] = on;
    this.#apply(device);
  }

  /** The join has ended, and the wishes go on. */
  reset(): void {
    this.stream = this.#opening = undefined;
  }

  #apply(device: LocalDevice): void {
    const on = this.wishes[device];
    if (on === undefined) return;
    for (const track of this.stream?.getTracks() ?? []) if (track.kind === kinds[device]) track.enabled = on;
  }
}

async function openDevices(constraints: MediaStreamConstraints, signal: AbortSignal): Promise<MediaStream> {
  const { mediaDevices } = navigator;
  let stream: MediaStream;
  try {
    stream = await mediaDevices.getUserMedia(constraints);
  } catch (cause) {
    const vendorCode = mediaDevices ? (cause as Error).name : 'UnsecureContext';
    throw new RoomSessionError(
      'connect_failed',
      `The camera or microphone could not be opened (${vendorCode}). Allow them, or join with listenOnly.`,
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
