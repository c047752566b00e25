import { type DeviceLabels, openMedia, stopMedia } from './media.ts';

/** What can be muted. */
export type Device = 'audio' | 'video';

/** The own camera and microphone, opened at once, and whether they are muted. */
export class OwnMedia {
  readonly #muted: Record<Device, boolean>;
  readonly #opened: (stream: MediaStream | undefined) => void;
  #stream: MediaStream | undefined;
  #ready: Promise<void>;
  #stopped = false;

  /** @param opened is told the stream that is sent from now on; undefined when neither device may be had */
  constructor(
    labels: DeviceLabels,
    muted: Readonly<Record<Device, boolean>>,
    opened: (stream: MediaStream | undefined) => void,
  ) {
    this.#muted = { ...muted };
    this.#opened = opened;
    this.#ready = this.#open(labels);
  }

  get stream(): MediaStream | undefined {
    return this.#stream;
  }

  /** Settled when the devices are there, or refused. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  isMuted(device: Device): boolean {
    return this.#muted[device];
  }

  has(device: Device): boolean {
    return this.#tracks.some(({ kind }) => kind === device);
  }

  toggle(device: Device): void {
    this.#muted[device] = !this.#muted[device];
    this.#mute();
  }

  /** Takes another device, by the vendor's `{kind, label}`. */
  async change(device: unknown): Promise<void> {
    const { kind, label } = Object(device) as { kind?: string; label?: string };
    await this.#ready;
    if ((kind !== 'audioinput' && kind !== 'videoinput') || label === undefined) return;
    const used = Object.fromEntries(this.#tracks.map((track) => [`${track.kind}Input`, track.label]));
    stopMedia(this.#stream);
    this.#ready = this.#open({ ...used, [kind.replace('input', 'Input')]: label });
    await this.#ready;
  }

  /** Ends the tracks, for good. */
  stop(): void {
    this.#stopped = true;
    stopMedia(this.#stream);
  }

  get #tracks(): readonly MediaStreamTrack[] {
    return this.#stream?.getTracks() ?? [];
  }

  async #open(labels: DeviceLabels): Promise<void> {
    const stream = await openMedia(labels);
    if (this.#stopped) return stopMedia(stream);
    this.#stream = stream;
    this.#mute();
    this.#opened(stream);
  }

  #mute(): void {
    for (const track of this.#tracks) track.enabled = !this.#muted[track.kind as Device];
  }
}
