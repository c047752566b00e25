import type { ConnectAttempt } from '../../adapter.ts';
import type { WebRTCAdaptor } from './vendor.ts';

/** The vendor's methods through which its device changes and screen shares go; each gets a stream. */
const funnels = ['setGainNodeStream', 'updateAudioTrack', 'updateVideoTrack'] as const;

/**
 * An app may change devices by the vendor's own methods. The session's wishes hold for what they bring, and at the end of
 * the attempt it is stopped: it would be dead in the next one.
 */
export function watchOwnMedia(
  vendor: WebRTCAdaptor,
  { wishes, publishes, muted, onEnd, localStream }: ConnectAttempt,
): void {
  const media = vendor.mediaManager;
  if (!media) return;
  const brought = new Set<MediaStreamTrack>();
  for (const name of funnels) {
    const own = media[name];
    if (typeof own !== 'function') continue;
    media[name] = (stream, ...rest) => {
      for (const track of stream.getTracks()) {
        if (localStream?.getTracks().includes(track)) continue;
        brought.add(track);
        publishes(track, track.getSettings?.().deviceId);
      }
      // The vendor turns the sound on unless it is told that it is muted.
      if (wishes.microphone !== undefined) media.isMuted = !wishes.microphone;
      return own.call(media, stream, ...rest);
    };
  }
  // The vendor's own sends a picture that the next attempt would not know of.
  vendor.turnOffLocalCamera = async () => muted('camera', true);
  vendor.turnOnLocalCamera = async () => muted('camera', false);
  onEnd(() => {
    for (const track of brought) track.stop();
  });
}
