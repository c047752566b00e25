import type { Clock } from '../../clock.ts';
import { ask } from './ask.ts';
import type { JitsiMeetExternalAPI } from './vendor.ts';

/** What can be muted. */
export type MutedKind = 'audio' | 'video';

const names = {
  audio: { isMuted: 'isAudioMuted', toggle: 'toggleAudio' },
  video: { isMuted: 'isVideoMuted', toggle: 'toggleVideo' },
} as const;

/** A frame's microphone and camera: the vendor's commands only toggle. */
export interface Switches {
  /** Mutes or unmutes; resolves when the page has done it, or does not do it in time. Never rejects. */
  turn(kind: MutedKind, muted: boolean): Promise<void>;
  /** The page says that it has muted or unmuted. */
  heard(kind: MutedKind, muted: boolean): void;
}

export function makeSwitches(api: JitsiMeetExternalAPI, clock: Clock, signal: AbortSignal): Switches {
  const known: Partial<Record<MutedKind, boolean>> = {};
  let onHeard = () => {};
  let turning: Promise<void> = Promise.resolve();

  async function turnNow(kind: MutedKind, muted: boolean): Promise<void> {
    const { isMuted, toggle } = names[kind];
    const now = (await ask(() => api[isMuted](), clock, signal)) ?? known[kind] ?? false;
    if (signal.aborted || now === muted) return;
    const heard = new Promise<void>((done) => {
      onHeard = done;
    });
    api.executeCommand(toggle);
    await ask(() => heard, clock, signal);
  }

  return {
    turn(kind, muted) {
      // One after the other: a page that was told to toggle answers with the old state for a moment.
      turning = turning.then(() => turnNow(kind, muted));
      return turning;
    },
    heard(kind, muted) {
      known[kind] = muted;
      onHeard();
    },
  };
}
