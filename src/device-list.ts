import type { Device, DeviceKind } from './own-devices.ts';

const kinds: Readonly<Record<string, DeviceKind>> = {
  audioinput: 'microphone',
  videoinput: 'camera',
  audiooutput: 'speaker',
};

/** The devices that can be chosen. */
export class DeviceList {
  /** The same array until it changes. */
  list: readonly Device[] = [];
  readonly #onChange: (devices: readonly Device[]) => void;

  constructor(onChange: (devices: readonly Device[]) => void) {
    this.#onChange = onChange;
  }

  /** Follows the browser's list until `signal` aborts. */
  watch(signal: AbortSignal): void {
    void this.refresh();
    navigator.mediaDevices?.addEventListener?.('devicechange', () => void this.refresh(), { signal });
  }

  /** Asks the browser. It names the devices after the person has allowed one. */
  async refresh(): Promise<void> {
    const all = await globalThis.navigator?.mediaDevices?.enumerateDevices?.().catch(() => []);
    this.set(
      (all ?? []).flatMap(({ kind: theirs, deviceId, label }) => {
        const kind = kinds[theirs];
        return kind && deviceId ? [{ kind, deviceId, label }] : [];
      }),
    );
  }

  set(list: readonly Device[]): void {
    if (JSON.stringify(list) === JSON.stringify(this.list)) return;
    this.list = list;
    this.#onChange(list);
  }
}
