import { RoomSessionError } from '../../errors.ts';

/**
 * Camera and microphone for one join.
 *
 * @throws `connect_failed` with the browser's reason as `vendorCode`
 */
export async function openLocalMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
  const devices = globalThis.navigator?.mediaDevices;
  if (!devices) {
    throw mediaError(
      'UnsecureContext',
      'This page has no access to cameras and microphones: serve it by https.',
    );
  }
  try {
    return await devices.getUserMedia(constraints);
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : 'unknown';
    throw mediaError(
      name,
      `Camera or microphone could not be opened (${name}). ${advice[name] ?? ''}`.trim(),
      cause,
    );
  }
}

/** Turns off the devices behind a stream. */
export function stopStream(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** The names are those of Media Capture and Streams, section 10.2.3 (getUserMedia). */
const advice: Readonly<Record<string, string>> = {
  NotAllowedError: 'Ask the person to allow it in the address bar, or join with listenOnly.',
  NotFoundError: 'There is none; ask for less in constraints, or join with listenOnly.',
  NotReadableError: 'Another program may be using it.',
  OverconstrainedError: 'No device fits the constraints.',
};

function mediaError(vendorCode: string, message: string, cause?: unknown): RoomSessionError {
  return new RoomSessionError('connect_failed', message, { vendorCode, cause });
}
