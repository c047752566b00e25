/** Which devices to take, by their labels. */
export interface DeviceLabels {
  readonly audioInput?: string;
  readonly videoInput?: string;
}

const picture: MediaTrackConstraints = { width: 320, height: 240, frameRate: 10 };

/** Opens camera and microphone, or whichever of them there is; undefined when neither may be had. */
export async function openMedia(labels: DeviceLabels = {}): Promise<MediaStream | undefined> {
  const media = await tryMedia({ audio: true, video: picture });
  const found = media ?? (await tryMedia({ audio: true })) ?? (await tryMedia({ video: picture }));
  if (!found || !(labels.audioInput || labels.videoInput)) return found;
  // Labels are told only to those who have asked for a device before.
  const devices = await navigator.mediaDevices.enumerateDevices();
  const idOf = (kind: MediaDeviceKind, label: string | undefined): string | undefined =>
    devices.find((device) => device.kind === kind && device.label === label)?.deviceId;
  const [audioId, videoId] = [idOf('audioinput', labels.audioInput), idOf('videoinput', labels.videoInput)];
  if (!audioId && !videoId) return found;
  stopMedia(found);
  const chosen = await tryMedia({
    audio: audioId ? { deviceId: { exact: audioId } } : true,
    video: videoId ? { ...picture, deviceId: { exact: videoId } } : picture,
  });
  return chosen ?? tryMedia({ audio: true, video: picture });
}

export function stopMedia(media: MediaStream | undefined): void {
  for (const track of media?.getTracks() ?? []) track.stop();
}

/** The devices in use, in the words of the vendor's `getCurrentDevices`. */
export async function currentDevices(media: MediaStream | undefined): Promise<Record<string, unknown>> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const used = (kind: string): MediaDeviceInfo | undefined => {
    const id = media
      ?.getTracks()
      .find((track) => track.kind === kind)
      ?.getSettings().deviceId;
    return devices.find(({ deviceId, kind: of }) => deviceId === id && of === `${kind}input`);
  };
  return {
    audioInput: used('audio'),
    audioOutput: devices.find(({ kind }) => kind === 'audiooutput'),
    videoInput: used('video'),
  };
}

/** All devices, in the words of the vendor's `getAvailableDevices`. */
export async function availableDevices(): Promise<Record<string, unknown>> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return {
    audioInput: devices.filter(({ kind }) => kind === 'audioinput'),
    audioOutput: devices.filter(({ kind }) => kind === 'audiooutput'),
    videoInput: devices.filter(({ kind }) => kind === 'videoinput'),
  };
}

async function tryMedia(constraints: MediaStreamConstraints): Promise<MediaStream | undefined> {
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch {
    return undefined;
  }
}
