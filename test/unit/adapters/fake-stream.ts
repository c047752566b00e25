/** Tracks and streams, which happy-dom lacks. Nothing flows. */

export class FakeTrack extends EventTarget {
  readonly kind: 'audio' | 'video';
  readonly id: string;
  enabled = true;
  readyState: 'live' | 'ended' = 'live';

  constructor(kind: 'audio' | 'video', id: string = `${kind}-${Math.random()}`) {
    super();
    this.kind = kind;
    this.id = id;
  }

  stop(): void {
    this.readyState = 'ended';
  }
}

export class FakeStream extends EventTarget {
  readonly id: string;
  readonly #tracks = new Set<FakeTrack>();

  constructor(tracks: readonly FakeTrack[] = [], id: string = `stream-${Math.random()}`) {
    super();
    this.id = id;
    for (const track of tracks) this.#tracks.add(track);
  }

  getTracks(): FakeTrack[] {
    return [...this.#tracks];
  }

  getAudioTracks(): FakeTrack[] {
    return this.getTracks().filter(({ kind }) => kind === 'audio');
  }

  getVideoTracks(): FakeTrack[] {
    return this.getTracks().filter(({ kind }) => kind === 'video');
  }

  addTrack(track: FakeTrack): void {
    this.#tracks.add(track);
  }

  removeTrack(track: FakeTrack): void {
    this.#tracks.delete(track);
  }
}

/** Camera and microphone. */
export const localStream = (): MediaStream =>
  new FakeStream([new FakeTrack('audio'), new FakeTrack('video')]) as unknown as MediaStream;
