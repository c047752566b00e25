import { onTestFinished } from 'vitest';
import { FakeStream, FakeTrack } from './fake-stream.ts';

type Kind = 'audio' | 'video';

/** The camera and the microphone of a machine. */
export interface FakeDevices {
  /** What `getUserMedia` opened, oldest first. */
  readonly opened: FakeStream[];
  /** What `getUserMedia` was asked for. */
  readonly asked: MediaStreamConstraints[];
  /** The kinds that cannot be opened, with the browser's name for the reason. */
  readonly broken: Partial<Record<Kind, string>>;
  /** The newest track of this kind. */
  track(kind: Kind): FakeTrack;
}

/** Puts a camera and a microphone into the page for one test. */
export function fakeDevices(): FakeDevices {
  const broken: Partial<Record<Kind, string>> = {};
  const opened: FakeStream[] = [];
  const asked: MediaStreamConstraints[] = [];
  const getUserMedia = async (constraints: MediaStreamConstraints) => {
    asked.push(constraints);
    const kinds = (['audio', 'video'] as const).filter((kind) => constraints[kind]);
    for (const kind of kinds) if (broken[kind]) throw new DOMException('Not to be had', broken[kind]);
    const stream = new FakeStream(kinds.map((kind) => new FakeTrack(kind)));
    opened.push(stream);
    return stream;
  };
  Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: { getUserMedia } });
  onTestFinished(() => void Reflect.deleteProperty(navigator, 'mediaDevices'));
  const track = (kind: Kind) => {
    const found = opened.flatMap((stream) => stream.getTracks()).findLast((each) => each.kind === kind);
    if (!found) throw new Error(`No ${kind} was opened.`);
    return found;
  };
  return { opened, asked, broken, track };
}

/** The device is gone, as a browser tells it. */
export function unplug(track: FakeTrack): void {
  track.stop();
  track.dispatchEvent(new Event('ended'));
}

/** Kinds and states of tracks, such as `audio live`. */
export const kindsOf = (tracks: readonly Pick<MediaStreamTrack, 'kind' | 'readyState'>[]): string[] =>
  tracks.map(({ kind, readyState }) => `${kind} ${readyState}`).sort();
