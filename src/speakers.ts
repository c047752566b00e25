import type { Timer } from './timers.ts';

/** How often to look, in ms. */
const intervalMs = 300;
/** A person counts as speaking for this long after the last sound, in ms: words have gaps. */
const gapMs = 900;
/** From this level on a sound is speech; 1 is the loudest. */
const loudness = 0.02;

/** What the measurement needs of its attempt. */
export interface SpeakersHost {
  readonly timer: Timer;
  connections(): readonly RTCPeerConnection[];
  /** Whose a received track is. */
  ownerOf(track: MediaStreamTrack): string | undefined;
  /** Our own id. */
  readonly me: string;
  onSpeakers(ids: readonly string[]): void;
}

/** Measures who speaks by the sound that is received and sent, until the timer `speakers` is stopped. */
export function measureSpeakers(host: SpeakersHost): void {
  /** How long each still counts as speaking, in ms. */
  const left = new Map<string, number>();
  const seen = new WeakMap<MediaStreamTrack, number>();
  const hear = (id: string | undefined, level = 0) => {
    if (id !== undefined && level >= loudness) left.set(id, gapMs);
  };

  function look(): void {
    for (const [id, ms] of left) left.set(id, ms - intervalMs);
    try {
      listen();
    } catch {
      // An older browser cannot say it.
      return;
    }
    host.onSpeakers([...left].flatMap(([id, ms]) => (ms > 0 ? id : [])));
    host.timer('speakers', intervalMs, look);
  }

  function listen(): void {
    for (const connection of host.connections()) {
      for (const receiver of connection.getReceivers()) {
        const { track } = receiver;
        const [source] = track.kind === 'audio' ? receiver.getSynchronizationSources() : [];
        // The level of a sound that has stopped is answered for seconds.
        if (source && source.timestamp !== seen.get(track)) hear(host.ownerOf(track), source.audioLevel);
        if (source) seen.set(track, source.timestamp);
      }
      for (const sender of connection.getSenders()) {
        if (sender.track?.kind === 'audio') void sender.getStats().then(hearOurselves, () => {});
      }
    }
  }

  function hearOurselves(report: RTCStatsReport): void {
    for (const { type, audioLevel } of report.values())
      if (type === 'media-source') hear(host.me, audioLevel);
  }

  host.timer('speakers', intervalMs, look);
}
