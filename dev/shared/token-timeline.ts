import type { RoomSession } from 'room-session';
import { svg } from './svg.ts';
import { type LogTone, TextLog } from './text-log.ts';
import { drawingHeight, drawTimeline, shape } from './timeline-drawing.ts';
import { TimelineModel, type Zoom } from './timeline-model.ts';
import { TokenReadout } from './token-readout.ts';
import { eventWords } from './words.ts';

/** What a timeline needs of a session: its events and its state. */
export type WatchedSession = Pick<RoomSession, 'on' | 'state'>;

const stillMotion = '(prefers-reduced-motion: reduce)';

/**
 * `<token-timeline>`: the life of a session's tokens, live: how long the one held is still good for, a scrolling
 * picture of tokens, requests and states, and the same as a text log. Its look is in `timeline.css`.
 *
 * @example
 * document.querySelector('token-timeline')!.session = session;
 */
export class TokenTimeline extends HTMLElement {
  readonly #picture = svg('svg', { class: 'picture', 'aria-hidden': 'true', height: drawingHeight });
  readonly #readout = new TokenReadout();
  readonly #log = new TextLog('What happened to the token');
  #session: WatchedSession | undefined;
  #model = new TimelineModel('disconnected', Date.now());
  #zoom: Zoom | undefined;
  #detach: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resize: ResizeObserver | undefined;

  /** The session to watch; another one, or `undefined`, takes its place. */
  get session(): WatchedSession | undefined {
    return this.#session;
  }

  set session(session: WatchedSession | undefined) {
    for (const detach of this.#detach.splice(0)) detach();
    this.#session = session;
    const { oneTime } = this.#model;
    this.#model = new TimelineModel(session?.state ?? 'disconnected', Date.now());
    this.#model.oneTime = oneTime;
    if (session) this.#attach(session);
    this.#draw();
  }

  /** Set it where each token is used once: then there is no lack of tokens between two uses. */
  get oneTime(): boolean {
    return this.#model.oneTime;
  }

  set oneTime(oneTime: boolean) {
    this.#model.oneTime = oneTime;
    this.#draw();
  }

  connectedCallback(): void {
    if (this.childElementCount === 0) {
      const head = document.createElement('div');
      head.className = 'timeline-head';
      head.append(this.#readout.element, legend());
      this.append(head, this.#picture, this.#log.element);
    }
    this.#resize = new ResizeObserver(() => this.#draw());
    this.#resize.observe(this);
    this.#draw();
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
    this.#resize?.disconnect();
  }

  #attach(session: WatchedSession): void {
    const model = this.#model;
    const tell = (words: string, tone?: LogTone) => {
      this.#log.add(words, Date.now(), tone);
      this.#draw();
    };
    this.#detach = [
      session.on('stateChanged', (change) => {
        model.stateChanged(change, Date.now());
        tell(eventWords.stateChanged(change), change.error ? 'bad' : 'plain');
      }),
      session.on('tokenRefreshed', (arrival) => {
        model.tokenRefreshed(arrival, Date.now());
        const lifeMs = model.current ? model.lifeOf(model.current) : 0;
        tell(eventWords.tokenRefreshed(arrival, lifeMs), 'good');
      }),
      session.on('tokenRefreshFailed', (failure) => {
        model.tokenRefreshFailed(failure, Date.now());
        tell(eventWords.tokenRefreshFailed(failure, Date.now()), failure.final ? 'bad' : 'warning');
      }),
      session.on('tokenExpired', () => {
        model.tokenExpired(Date.now());
        tell(eventWords.tokenExpired(model.oneTime), model.oneTime ? 'plain' : 'bad');
      }),
      session.on('clockSkew', (skew) => {
        model.clockSkew(skew);
        tell(eventWords.clockSkew(skew));
      }),
    ];
  }

  /** Draws, and again when the picture has moved by a pixel. */
  #draw(): void {
    clearTimeout(this.#timer);
    if (!this.isConnected) return;
    const now = Date.now();
    const width = Math.max(this.#picture.clientWidth, 200);
    const still = matchMedia(stillMotion).matches;
    const zoom = approach(this.#zoom, this.#model.zoom(now, width), still);
    this.#zoom = zoom;
    this.#picture.setAttribute('viewBox', `0 0 ${width} ${drawingHeight}`);
    this.#picture.replaceChildren(...drawTimeline(this.#model, { now, width, zoom }));
    this.#readout.show(this.#model, now);
    const pixelMs = (zoom.pastMs + zoom.futureMs) / width;
    this.#timer = setTimeout(() => this.#draw(), still ? 1000 : Math.min(Math.max(pixelMs, 100), 1000));
  }
}

/** A zoom on the way to another: a quarter of the way at each drawing, so that the eye can follow. */
function approach(from: Zoom | undefined, to: Zoom, atOnce: boolean): Zoom {
  if (!from || atOnce) return to;
  const step = (a: number, b: number) => (Math.abs(b - a) < b * 0.01 ? b : a + (b - a) / 4);
  return { pastMs: step(from.pastMs, to.pastMs), futureMs: step(from.futureMs, to.futureMs) };
}

function legend(): HTMLUListElement {
  const list = document.createElement('ul');
  list.className = 'legend';
  const sample = (words: string, ...shapes: SVGElement[]) => {
    const item = document.createElement('li');
    item.append(
      svg('svg', { viewBox: '0 0 18 18', width: 18, height: 18, 'aria-hidden': 'true' }, ...shapes),
      words,
    );
    list.append(item);
  };
  const band = (name: string) => svg('rect', { class: name, x: 1, y: 3, width: 16, height: 12, rx: 3 });
  sample(
    'valid token',
    band('token current'),
    svg('rect', { class: 'token-used', x: 1, y: 3, width: 9, height: 12, rx: 3 }),
  );
  sample('no valid token', band('gap'));
  sample('token arrived', shape.refreshed(9, 9));
  sample('request failed', shape.failed(9, 9));
  sample('next try', shape.retry(9, 9));
  sample('token expired', shape.expired(9, 9));
  sample('reconnected', shape.reconnected(9, 9));
  return list;
}

customElements.define('token-timeline', TokenTimeline);

declare global {
  interface HTMLElementTagNameMap {
    'token-timeline': TokenTimeline;
  }
}
