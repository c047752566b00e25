import type { Clock } from '../../clock.ts';
import { ask } from './page.ts';
import type { JitsiMeetExternalAPI } from './vendor.ts';

/** What can be muted. */
export type Device = 'microphone' | 'camera';

const members = {
  microphone: { isMuted: 'isAudioMuted', toggle: 'toggleAudio' },
  camera: { isMuted: 'isVideoMuted', toggle: 'toggleVideo' },
} as const;

const controls = new WeakMap<JitsiMeetExternalAPI, MuteControl>();

/** The microphone and camera of one frame. The vendor's commands only toggle them. */
export class MuteControl {
  readonly #api: JitsiMeetExternalAPI;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #isMuted: Partial<Record<Device, boolean>> = {};
  #onChanged = (): void => {};
  #last: Promise<void> = Promise.resolve();

  constructor(api: JitsiMeetExternalAPI, clock: Clock, signal: AbortSignal) {
    this.#api = api;
    this.#clock = clock;
    this.#signal = signal;
    controls.set(api, this);
  }

  /** The page says that it has muted or unmuted. */
  changed(device: Device, isMuted: boolean): void {
    this.#isMuted[device] = isMuted;
    this.#onChanged();
  }

  /** Resolves when the page has done it, or did not do it in time. Never rejects. */
  setMuted(device: Device, wanted: boolean): Promise<void> {
    // One after the other: right after a toggle, the page answers with the old state for a moment.
    this.#last = this.#last.then(() => this.#setMuted(device, wanted));
    return this.#last;
  }

  async #setMuted(device: Device, wanted: boolean): Promise<void> {
    const { isMuted, toggle } = members[device];
    const answer = await ask(() => this.#api[isMuted](), this.#clock, this.#signal);
    const now = answer ?? this.#isMuted[device] ?? false;
    if (this.#signal.aborted || now === wanted) return;
    const toggled = () =>
      new Promise<void>((done) => {
        this.#onChanged = done;
        this.#api.executeCommand(toggle);
      });
    await ask(toggled, this.#clock, this.#signal);
  }
}

/** Mutes or unmutes in the frame of `api`. Resolves as {@link MuteControl.setMuted}. */
export async function setMuted(api: JitsiMeetExternalAPI, device: Device, isMuted: boolean): Promise<void> {
  await controls.get(api)?.setMuted(device, isMuted);
}
