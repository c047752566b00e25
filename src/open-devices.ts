import { RoomSessionError } from './errors.ts';
import { type DeviceLost, devices, kinds, type LocalDevice } from './own-devices.ts';
import { textIn } from './report-error.ts';
import { own } from './untrusted.ts';

/**
 * Opens the devices that were chosen.
 *
 * @throws `connect_failed` with the browser's reason as `vendorCode`; `UnsecureContext` means that the page is not from
 * https
 */
export class DeviceOpener {
  /** Chosen with `setDevice`, over joins. */
  readonly ids: Partial<Record<LocalDevice, string | undefined>> = {};
  readonly #constraints: MediaStreamConstraints;

  constructor(constraints: MediaStreamConstraints = { audio: true, video: true }) {
    this.#constraints = own(constraints);
  }

  /** Opens one, also where the constraints have none of its kind. */
  async one(device: LocalDevice, signal: AbortSignal): Promise<MediaStreamTrack> {
    const stream = await openDevices(this.#constraintsOf(device), signal);
    return stream.getTracks()[0] as MediaStreamTrack;
  }

  /** The one that was chosen may be gone. */
  async oneOrAnother(device: LocalDevice, signal: AbortSignal): Promise<MediaStreamTrack> {
    try {
      return await this.one(device, signal);
    } catch (error) {
      if (!this.ids[device]) throw error;
      delete this.ids[device];
      return this.one(device, signal);
    }
  }

  /** Opens what the constraints name; with `isDark` a black picture in place of the camera. */
  async all(
    signal: AbortSignal,
    isDark: boolean,
    onLost: (lost: DeviceLost) => void,
  ): Promise<{ stream: MediaStream; dark: MediaStreamTrack | undefined }> {
    const wanted = own(this.#constraints);
    for (const device of devices)
      if (wanted[kinds[device]]) Object.assign(wanted, this.#constraintsOf(device));
    const dark = wanted.video && isDark ? darkTrack(signal) : undefined;
    if (dark) wanted.video = false;
    const isNothing = dark && !wanted.audio;
    const stream = isNothing ? new MediaStream() : await openBothOrOne(wanted, signal, onLost);
    if (dark) stream.addTrack(dark);
    return { stream, dark };
  }

  #constraintsOf(device: LocalDevice): MediaStreamConstraints {
    const kind = kinds[device];
    const given = this.#constraints[kind] || true;
    const deviceId = this.ids[device];
    return own({ [kind]: deviceId ? { ...Object(given), deviceId: { exact: deviceId } } : given });
  }
}

/** Opens camera and microphone until `signal` aborts. */
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

/** Where only one of camera and microphone can be opened, that one has to do. `onLost` hears of the other. */
async function openBothOrOne(
  constraints: MediaStreamConstraints,
  signal: AbortSignal,
  onLost: (lost: DeviceLost) => void,
): Promise<MediaStream> {
  try {
    return await openDevices(constraints, signal);
  } catch (error) {
    if (!constraints.audio || !constraints.video) throw error;
    for (const device of devices) {
      const kind = kinds[device];
      const alone = await openDevices(own({ [kind]: constraints[kind] }), signal).catch(() => undefined);
      if (!alone) continue;
      const missing = device === 'microphone' ? 'camera' : 'microphone';
      if (!signal.aborted)
        onLost({ device: missing, problem: 'unavailable', error: error as RoomSessionError });
      return alone;
    }
    throw error;
  }
}

/** How often a picture is sent in place of the camera's, in ms: servers and viewers take a stream without any for dead. */
const pictureMs = 1_000;

/**
 * A black picture in place of a camera that is off, so that the camera can take its place again without a new
 * negotiation. `undefined` where there is no canvas that can be sent.
 */
export function darkTrack(signal: AbortSignal): MediaStreamTrack | undefined {
  const canvas = globalThis.document?.createElement('canvas');
  const [track] = canvas?.captureStream?.().getVideoTracks() ?? [];
  if (!canvas || !track) return undefined;
  Object.assign(canvas, { width: 160, height: 120 });
  const draw = () => canvas.getContext('2d')?.fillRect(0, 0, 160, 120);
  draw();
  const timer = setInterval(() => (track.readyState === 'live' ? draw() : clearInterval(timer)), pictureMs);
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    track.stop();
  });
  return track;
}
