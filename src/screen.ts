import { RoomSessionError } from './errors.ts';
import type { LocalMedia } from './local-media.ts';
import { darkTrack } from './open-devices.ts';
import { textIn } from './report-error.ts';

/**
 * Shares the screen in the place of the camera, until the person ends it here or in the browser's own bar.
 *
 * @throws `invalid_state` where no picture is published; `browser_unsupported` where the browser cannot; `connect_failed`
 * where the person or the browser refuses
 */
export async function startScreen(media: LocalMedia): Promise<void> {
  const { published, signal } = media;
  if (published.screen) return;
  if (!signal || !published.trackOf('camera')) {
    throw new RoomSessionError(
      'invalid_state',
      'The screen takes the place of the camera, and none is published now. Join first, with video in constraints.',
      { capability: 'screen' },
    );
  }
  const track = await openScreen();
  await media.inTurn(async () => {
    const camera = published.trackOf('camera');
    if (signal.aborted || !camera) return track.stop();
    track.addEventListener('ended', () => void stopScreen(media).catch(() => {}), { signal });
    published.screen = track;
    await published.exchange(camera, track);
    media.apply('camera');
  });
}

/** Gives its place back to the camera, on or off as wished. */
export function stopScreen(media: LocalMedia): Promise<void> {
  return media.inTurn(async () => {
    const { published, signal } = media;
    const { screen } = published;
    if (!screen || !signal) return;
    const dark = media.isDarkWanted ? darkTrack(signal) : undefined;
    const other = published.broughtOf('camera') ?? dark;
    if (dark && other === dark) published.dark = dark;
    if (other) await published.exchange(screen, other);
    else await media.exchange('camera', screen, signal);
    media.apply('camera');
  });
}

async function openScreen(): Promise<MediaStreamTrack> {
  // Older Safari on iOS, and every page that is not on https.
  if (!navigator.mediaDevices?.getDisplayMedia) {
    const message = 'This browser cannot share the screen, or the page is not on https.';
    throw new RoomSessionError('browser_unsupported', message, { capability: 'screen' });
  }
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
    return stream.getVideoTracks()[0] as MediaStreamTrack;
  } catch (cause) {
    const vendorCode = textIn(cause, 'name') ?? 'unknown';
    const message = `The screen could not be shared (${vendorCode}). Call it in a click, and let the person choose.`;
    throw new RoomSessionError('connect_failed', message, { vendorCode, cause });
  }
}
