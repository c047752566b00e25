import type { RoomSessionError } from './errors.ts';

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
  /**
   * Leaves the camera open while it is off, and sends black frames: it is on again at once, and its light stays on. Default
   * false: `setCamera(false)` frees a camera that the session has opened.
   */
  readonly keepCamera?: boolean | undefined;
  /** Publishes nothing and opens no camera or microphone. Default false. */
  readonly listenOnly?: boolean | undefined;
}

/** The wishes for the own microphone and camera. `undefined`: not said, so it stays as the device or the vendor has it. */
export interface MediaWishes {
  readonly microphone: boolean | undefined;
  readonly camera: boolean | undefined;
}

/** The own microphones and cameras by the kinds of their tracks. */
export const kinds: Readonly<{ microphone: 'audio'; camera: 'video' }> = {
  microphone: 'audio',
  camera: 'video',
};

/** What can be muted. */
export type LocalDevice = 'microphone' | 'camera';

/** A kind of device that can be chosen. The speaker is the page's affair where it plays the sound itself. */
export type DeviceKind = LocalDevice | 'speaker';

/** A device that can be chosen. */
export interface Device {
  readonly kind: DeviceKind;
  readonly deviceId: string;
  /** The browser's name for it. Empty until the person has allowed one of its kind. */
  readonly label: string;
}

/** Why an own device is silent or dark: the system muted it, it ended (unplugged, permission withdrawn), or it could not be opened. */
export type DeviceProblem = 'muted' | 'ended' | 'unavailable';

/** An own device that stopped working. */
export interface DeviceLost {
  readonly device: LocalDevice;
  readonly problem: DeviceProblem;
  /** Why it could not be opened, where `problem` is `unavailable`. */
  readonly error?: RoomSessionError | undefined;
}

/** An own microphone or camera. The object stays the same until something in it changes. */
export interface OwnDevice {
  /** What was asked for with `setMicrophone` or `setCamera`. */
  readonly wanted: boolean | undefined;
  /** Whether it is sent now: there is one, it works, and it is not muted. */
  readonly on: boolean;
  /** Which one it is, by the browser's id. The last that was chosen, while there is none. */
  readonly deviceId: string | undefined;
  /** The browser's name for it. */
  readonly label: string | undefined;
}

/** What is told of the own devices. */
export interface DeviceEvents {
  onLost(lost: DeviceLost): void;
  onRestored(device: LocalDevice): void;
  /** What is published, or whether it is on, may have changed. */
  onChange(): void;
}

/** What can be muted, as a list. */
export const devices: readonly LocalDevice[] = ['microphone', 'camera'];

/** The device that a track is of. */
export function deviceOf({ kind }: MediaStreamTrack): LocalDevice {
  return kind === kinds.microphone ? 'microphone' : 'camera';
}
