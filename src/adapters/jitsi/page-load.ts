import type { ConnectAttempt } from '../../adapter.ts';
import { makeTimers, type Timer } from '../../timers.ts';
import type { Meeting } from './meeting.ts';
import type { JitsiMeetExternalAPI } from './vendor.ts';

/** How long what has loaded may take until it speaks as a meeting's page, in ms, beside twice the time that it took before. */
const speaksMs = 1_500;

/** What loads in a frame: a meeting's page, or what the browser shows where the server is away. */
export class PageLoad<V extends JitsiMeetExternalAPI> {
  readonly #attempt: ConnectAttempt<V>;
  readonly #meeting: Meeting<V>;
  readonly #timer: Timer;
  #isSpeaking = false;
  #loadedAt: number | undefined;

  /** @param onMoved is called when the page in the frame is out of reach */
  constructor(api: V, attempt: ConnectAttempt<V>, meeting: Meeting<V>, onMoved: () => void) {
    const { clock, signal } = attempt;
    this.#attempt = attempt;
    this.#meeting = meeting;
    this.#timer = makeTimers(clock, signal);
    const frame = api.getIFrame?.();
    if (!frame) return;
    const first = frame.contentWindow;
    const onLoad = () => {
      // A frame that is moved in its page loads anew in another window, while the vendor's object goes on speaking to the
      // first one. A page that loads itself again keeps its window.
      if (frame.contentWindow !== first) {
        onMoved();
        this.#lost('The frame was moved in the page, and loaded anew');
        // A frame may load empty first; what comes from elsewhere cannot be seen.
      } else if (!this.#isSpeaking && frame.contentDocument?.URL !== 'about:blank') this.#onLoad();
    };
    frame.addEventListener('load', onLoad, { signal });
  }

  /** A meeting's page gives a sign of life. */
  speaks(): void {
    this.#isSpeaking = true;
    this.#timer('speaks');
    if (this.#loadedAt !== undefined)
      this.#meeting.speaksMs = this.#attempt.clock.monotonic() - this.#loadedAt;
    this.#loadedAt = undefined;
  }

  /** What the browser shows where the server is away never speaks. Before the first page it is not known how slow one is. */
  #onLoad(): void {
    const { clock, isReconnect } = this.#attempt;
    this.#loadedAt = clock.monotonic();
    const limitMs = speaksMs + 2 * this.#meeting.speaksMs;
    if (isReconnect) this.#timer('speaks', limitMs, () => this.#lost('The server is away', 500));
  }

  #lost(problem: string, pauseMs?: number): void {
    // It is no server that cannot be reached during a join: an outage has a limit of its own.
    this.#attempt.reached();
    this.#attempt.lost(problem, { pauseMs });
  }
}
