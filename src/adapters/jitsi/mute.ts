import type { ConnectAttempt } from '../../adapter.ts';
import { RoomSessionError } from '../../errors.ts';
import { ask } from './page.ts';
import type { JitsiMeetExternalAPI } from './vendor.ts';

/** What can be muted. */
export type Device = 'microphone' | 'camera';

const members = {
  microphone: { isMuted: 'isAudioMuted', toggle: 'toggleAudio' },
  camera: { isMuted: 'isVideoMuted', toggle: 'toggleVideo' },
} as const;

/** How long the page may take to mute or unmute, in ms. */
const limitMs = 10_000;
/** How long to wait for an answer until the question is asked again, in ms. */
const answerMs = 2_000;
/** For this long after our own doing, and after the arrival, an unmuted device is not taken for the person's wish, in ms. */
const settlesMs = 3_000;

/** A page that was toggled this often and is not as it should be does not obey. */
const mostToggles = 3;

const controls = new WeakMap<JitsiMeetExternalAPI, MuteControl>();

/** Mutes or unmutes in the frame of `api`. As {@link MuteControl.setMuted}. */
export async function setMuted(api: JitsiMeetExternalAPI, device: Device, isMuted: boolean): Promise<void> {
  await controls.get(api)?.setMuted(device, isMuted);
}

/** The microphone and camera of one frame. */
export class MuteControl {
  readonly #devices: Readonly<Record<Device, DeviceControl>>;

  constructor(api: JitsiMeetExternalAPI, attempt: ConnectAttempt) {
    this.#devices = {
      microphone: new DeviceControl('microphone', api, attempt),
      camera: new DeviceControl('camera', api, attempt),
    };
    controls.set(api, this);
  }

  /**
   * Resolves when the page has done it, or, for `isMuted`, when the frame is gone.
   *
   * @throws `connect_failed` where it did not do it in 10 s. A frame that does not mute is replaced by one that starts muted
   */
  setMuted(device: Device, isMuted: boolean): Promise<void> {
    return this.#devices[device].setMuted(isMuted);
  }

  /** The page says that it has muted or unmuted. */
  told(device: Device, isMuted: boolean): void {
    this.#devices[device].told(isMuted);
  }

  /** The page is in the room: from now on what it tells is the person's doing, or ours. */
  joined(): void {
    for (const device of Object.values(this.#devices)) device.joined();
  }

  /** The page has loaded anew, and what it was told before is lost. */
  loaded(): void {
    for (const device of Object.values(this.#devices)) device.loaded();
  }
}

/**
 * One device. The vendor's command only toggles it, so it is sent only when the page has just said how the device is, and
 * never a second time before the page has told of the first. In doubt the device is silent.
 */
class DeviceControl {
  readonly #device: Device;
  readonly #api: JitsiMeetExternalAPI;
  readonly #attempt: ConnectAttempt;
  /** Whether it is to be muted; `undefined` where that was not said. */
  #wanted: boolean | undefined;
  #isInRoom = false;
  /** A toggle was sent, and the page has not told of it yet. */
  #isToggled = false;
  /** How many wishes are under way. */
  #pending = 0;
  #settledAt = 0;
  #onWord = (_isMuted?: boolean): void => {};
  #last: Promise<void> = Promise.resolve();

  constructor(device: Device, api: JitsiMeetExternalAPI, attempt: ConnectAttempt) {
    this.#device = device;
    this.#api = api;
    this.#attempt = attempt;
    const wish = attempt.wishes[device];
    this.#wanted = wish === undefined ? undefined : !wish;
  }

  setMuted(isMuted: boolean): Promise<void> {
    this.#wanted = isMuted;
    this.#pending++;
    // One after the other, whatever became of the one before.
    this.#last = this.#last
      .catch(() => {})
      .then(() => this.#carryOut(isMuted))
      .finally(() => {
        this.#pending--;
        this.#settle();
      });
    return this.#last;
  }

  told(isMuted: boolean): void {
    const isOurs = this.#isToggled || this.#pending > 0;
    this.#isToggled = false;
    this.#onWord(isMuted);
    if (!this.#isInRoom || this.#pending > 0) return;
    const isSettled = !isOurs && this.#attempt.clock.monotonic() >= this.#settledAt;
    if (this.#wanted && !isMuted && !isSettled) return void this.setMuted(true).catch(() => {});
    this.#wanted = isMuted;
    this.#attempt.muted(this.#device, isMuted);
  }

  joined(): void {
    this.#isInRoom = true;
    this.#settle();
  }

  loaded(): void {
    this.#isInRoom = this.#isToggled = false;
    this.#onWord();
  }

  #settle(): void {
    this.#settledAt = this.#attempt.clock.monotonic() + settlesMs;
  }

  async #carryOut(wanted: boolean): Promise<void> {
    const { clock, signal } = this.#attempt;
    const end = clock.monotonic() + limitMs;
    let toggles = 0;
    for (let left = limitMs; left > 0 && !signal.aborted; left = end - clock.monotonic()) {
      const isMuted = await (this.#isToggled ? this.#nextWord(left) : this.#answer(Math.min(left, answerMs)));
      if (isMuted === wanted) return;
      if (isMuted === undefined || this.#isToggled || signal.aborted) continue;
      if (++toggles > mostToggles) break;
      this.#isToggled = true;
      this.#api.executeCommand(members[this.#device].toggle);
    }
    // With the frame its sound and picture are gone.
    if (!signal.aborted || !wanted) throw this.#failed(wanted);
  }

  /** What the page says now. */
  async #answer(waitMs: number): Promise<boolean | undefined> {
    const { clock, signal } = this.#attempt;
    const { isMuted } = members[this.#device];
    const answer: unknown = await ask(() => this.#api[isMuted](), clock, signal, waitMs);
    return typeof answer === 'boolean' && !this.#isToggled ? answer : undefined;
  }

  /** What the page tells of the toggle. */
  #nextWord(waitMs: number): Promise<boolean | undefined> {
    const { clock, signal } = this.#attempt;
    const word = () =>
      new Promise<boolean | undefined>((resolve) => {
        this.#onWord = resolve;
      });
    return ask(word, clock, signal, waitMs);
  }

  #failed(wanted: boolean): RoomSessionError {
    const { lost, muted, signal } = this.#attempt;
    const problem = `The page did not ${wanted ? '' : 'un'}mute the ${this.#device}`;
    if (!wanted && this.#pending === 1 && !signal.aborted) {
      // A late "unmuted" must not surprise a person who was told that it failed.
      this.#wanted = true;
      muted(this.#device, true);
    }
    if (wanted) lost(problem);
    return new RoomSessionError('connect_failed', `${problem} within ${limitMs / 1_000} s. Try again.`, {
      vendorCode: members[this.#device].toggle,
    });
  }
}
