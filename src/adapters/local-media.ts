import { failure } from './failure.ts';

/** What an adapter publishes, as its options say. */
export interface LocalMediaOptions {
  /** The app's own stream to publish. It is never stopped here. */
  readonly localStream?: MediaStream | undefined;
  /** Camera and microphone to ask for at each join, where no `localStream` is given; stopped when leaving. */
  readonly constraints?: MediaStreamConstraints | undefined;
  /** Publishes nothing and asks for no camera or microphone. Default `false`. */
  readonly listenOnly?: boolean | undefined;
}

/** The own camera and microphone, over joins: switched off, a track sends silence or black. */
export class LocalMedia {
  readonly #options: LocalMediaOptions;
  readonly #enabled = { audio: true, video: true };
  /** `undefined` while disconnected, and where nothing is published. */
  stream: MediaStream | undefined;

  constructor(options: LocalMediaOptions) {
    this.#options = options;
  }

  /**
   * Opens camera and microphone, until `signal` aborts; not where the app gave its own stream.
   *
   * @throws `connect_failed` with the browser's reason as `vendorCode`; `UnsecureContext` is a page that is not from https
   */
  async open(constraints: MediaStreamConstraints, signal: AbortSignal): Promise<MediaStream | undefined> {
    const { listenOnly, localStream } = this.#options;
    if (listenOnly) return undefined;
    const stream = localStream ?? (await openDevices(this.#options.constraints ?? constraints, signal));
    if (!signal.aborted) this.use(stream);
    return stream;
  }

  /** Takes what is published; where that is the app's own doing, too. */
  use(stream: MediaStream | undefined): void {
    this.stream = stream;
    this.turn('audio', this.#enabled.audio);
    this.turn('video', this.#enabled.video);
  }

  /** Turns all tracks of a kind on or off, also those that come later. */
  turn(kind: 'audio' | 'video', on: boolean): void {
    this.#enabled[kind] = on;
    for (const track of this.stream?.getTracks() ?? []) if (track.kind === kind) track.enabled = on;
  }
}

async function openDevices(constraints: MediaStreamConstraints, signal: AbortSignal): Promise<MediaStream> {
  const { mediaDevices } = navigator;
  let stream: MediaStream;
  try {
    stream = await mediaDevices.getUserMedia(constraints);
  } catch (error) {
    const name = mediaDevices ? (error as Error).name : 'UnsecureContext';
    throw failure(
      `No camera or microphone: ${name}. Allow them, or join with listenOnly.`,
      name,
      undefined,
      error,
    );
  }
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  return stream;
}
