import { failure } from './failure.ts';

/**
 * Opens camera and microphone, until `signal` aborts.
 *
 * @throws `connect_failed` with the browser's reason as `vendorCode`; `UnsecureContext` is a page that is not from https
 */
export async function openLocalMedia(
  constraints: MediaStreamConstraints,
  signal: AbortSignal,
): Promise<MediaStream> {
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
