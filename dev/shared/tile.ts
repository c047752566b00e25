/** The picture, sound and name of one person. */
export class Tile {
  readonly element = document.createElement('figure');
  readonly #video = document.createElement('video');
  readonly #initial = document.createElement('span');
  readonly #badge = document.createElement('span');
  readonly #listeners = new AbortController();
  readonly #isSelf: boolean;
  #camera = true;

  constructor(name: string, { self = false } = {}) {
    this.#isSelf = self;
    this.element.className = self ? 'tile self' : 'tile';
    this.#video.autoplay = true;
    this.#video.playsInline = true;
    this.#video.muted = self;
    this.#initial.className = 'initial';
    this.#initial.setAttribute('aria-hidden', 'true');
    this.#initial.textContent = name.slice(0, 1).toUpperCase();
    this.#badge.className = 'badge';
    this.#badge.hidden = true;
    const caption = document.createElement('figcaption');
    caption.textContent = name;
    this.element.append(this.#video, this.#initial, this.#badge, caption);
    const update = () => this.#update();
    for (const event of ['resize', 'loadeddata', 'emptied']) {
      this.#video.addEventListener(event, update, { signal: this.#listeners.signal });
    }
  }

  play(stream: MediaStream): void {
    // A track is muted until its first picture comes, also the one that follows a reconnect.
    for (const track of stream.getVideoTracks()) {
      for (const event of ['mute', 'unmute', 'ended']) {
        track.addEventListener(event, () => this.#update(), { signal: this.#listeners.signal });
      }
    }
    if (this.#video.srcObject !== stream) {
      this.#video.srcObject = stream;
      for (const event of ['addtrack', 'removetrack']) {
        stream.addEventListener(event, () => this.#update(), { signal: this.#listeners.signal });
      }
      this.#video.play().catch((error: unknown) => this.#offerSound(error));
    }
    this.#update();
  }

  showDevices({ microphone, camera }: { microphone: boolean; camera: boolean }): void {
    this.#camera = camera;
    this.#badge.hidden = microphone;
    this.#badge.textContent = 'muted';
    this.#update();
  }

  close(): void {
    this.#listeners.abort();
    this.#video.srcObject = null;
    this.element.remove();
  }

  /** Shows the initial in place of a picture that is not there. */
  #update(): void {
    const stream = this.#video.srcObject;
    const tracks = stream instanceof MediaStream ? stream.getVideoTracks() : [];
    this.element.dataset['picture'] = String(
      this.#camera && tracks.some(({ readyState, muted }) => readyState === 'live' && !muted),
    );
  }

  /** Browsers play no sound before the first click on a page. Play without sound, and offer it. */
  #offerSound(error: unknown): void {
    if (this.#isSelf || !(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
    this.#video.muted = true;
    this.#video.play().catch(() => {});
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sound';
    button.textContent = 'Turn sound on';
    button.addEventListener('click', () => {
      this.#video.muted = false;
      button.remove();
    });
    this.element.append(button);
  }
}
