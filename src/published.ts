import { kinds, type LocalDevice } from './own-devices.ts';

/** The tracks that a session publishes, and whose they are. */
export class Published {
  /** `undefined` while disconnected, and where nothing is published. */
  stream: MediaStream | undefined;
  /** In place of a camera that is off. */
  dark: MediaStreamTrack | undefined;
  /** In place of the camera while the screen is shared. */
  screen: MediaStreamTrack | undefined;
  /** The vendor's own page shares it. */
  isSharingInPage = false;
  /** Puts a track in the place of another one where that is sent now. */
  replace: (old: MediaStreamTrack, now: MediaStreamTrack) => unknown = () => {};
  /** The tracks that the session opened itself. */
  readonly #own = new Set<MediaStreamTrack>();
  /** The app's stream, and the tracks that it had. */
  #brought: { readonly stream: MediaStream; readonly tracks: readonly MediaStreamTrack[] } | undefined;

  /** Publishes a stream of the app's. */
  bring(stream: MediaStream): void {
    this.stream = stream;
    this.#brought = { stream, tracks: stream.getTracks() };
  }

  tracksOf(device: LocalDevice): MediaStreamTrack[] {
    return this.stream?.getTracks().filter(({ kind }) => kind === kinds[device]) ?? [];
  }

  /** The newest of them. */
  trackOf(device: LocalDevice): MediaStreamTrack | undefined {
    return this.tracksOf(device).at(-1);
  }

  /** Whether there is one that works, and is not muted. */
  isSent(device: LocalDevice): boolean {
    return this.tracksOf(device).some(
      (track) => track.readyState === 'live' && track.enabled && !this.isSubstitute(track),
    );
  }

  get isSharing(): boolean {
    return this.isSharingInPage || this.screen !== undefined;
  }

  /** Something that stands in the camera's place. */
  isSubstitute(track: MediaStreamTrack): boolean {
    return track === this.dark || track === this.screen;
  }

  /** The app's own track of that device, where it brought one that works. */
  broughtOf(device: LocalDevice): MediaStreamTrack | undefined {
    return this.#brought?.tracks.find(
      ({ kind, readyState }) => kind === kinds[device] && readyState === 'live',
    );
  }

  isOwn(track: MediaStreamTrack): boolean {
    return this.#own.has(track);
  }

  /** Neither the session's nor the app's: the vendor has put it in. */
  isStranger(track: MediaStreamTrack): boolean {
    return !this.#own.has(track) && !this.#isBrought(track);
  }

  /** Publishes a stream that the session opened. */
  open(stream: MediaStream, dark: MediaStreamTrack | undefined): void {
    this.stream = stream;
    this.dark = dark;
    for (const track of stream.getTracks()) this.#own.add(track);
  }

  /** Publishes one more track that the session opened. */
  add(track: MediaStreamTrack): void {
    if (!this.#isBrought(track)) this.#own.add(track);
    this.stream?.addTrack(track);
  }

  async exchange(old: MediaStreamTrack, now: MediaStreamTrack): Promise<void> {
    if (!this.#isBrought(now)) this.#own.add(now);
    await this.replace(old, now);
    this.take(old);
    this.add(now);
  }

  /** Takes a track out. The app's stream stays as it is. */
  take(track: MediaStreamTrack): void {
    const { stream } = this;
    if (!stream) return;
    const isApps = this.#isBrought(track) && stream === this.#brought?.stream;
    const ours = isApps ? new MediaStream(stream.getTracks()) : stream;
    ours.removeTrack(track);
    this.stream = ours;
    if (!this.#isBrought(track)) track.stop();
    this.#own.delete(track);
    if (track === this.screen) this.screen = undefined;
  }

  /** Stops all but the app's. Returns what was published. */
  end(): readonly MediaStreamTrack[] {
    const { tracks: brought = [] } = this.#brought ?? {};
    const others = [...(this.stream?.getTracks() ?? []), ...this.#own].filter(
      (track) => !brought.includes(track),
    );
    for (const track of others) track.stop();
    this.#own.clear();
    this.stream = this.dark = this.screen = this.#brought = undefined;
    this.isSharingInPage = false;
    this.replace = () => {};
    return [...brought, ...others];
  }

  #isBrought(track: MediaStreamTrack): boolean {
    return this.#brought?.tracks.includes(track) ?? false;
  }
}
