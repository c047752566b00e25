import type { Clock } from './clock.ts';
import { callSafely } from './report-error.ts';

/** How long an end waits for a clean-up that does not finish, in ms. */
const cleanUpLimitMs = 5_000;

type CleanUp<Info> = (info: Info) => unknown;

/** Something that begins and ends once: a signal that aborts at its end, and the clean-ups that run then. */
export class Scope<Info = void> {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #cleanUps: CleanUp<Info>[] = [];
  readonly #clock: Clock;
  #ended: { readonly info: Info } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.signal = this.#controller.signal;
  }

  /** Calls `cleanUp` at the end, the newest first; at once where that has come already. */
  onEnd(cleanUp: CleanUp<Info>): void {
    if (this.#ended) void callSafely(cleanUp, this.#ended.info);
    else this.#cleanUps.push(cleanUp);
  }

  /** Aborts the signal ahead of the end. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Aborts the signal and runs the clean-ups. Resolves when all are done, after 5 s at the latest; never rejects. */
  async end(info: Info, reason?: unknown): Promise<void> {
    this.#ended = { info };
    this.abort(reason);
    const cleanUps = this.#cleanUps.splice(0).reverse();
    const running = cleanUps.map((cleanUp) => callSafely(cleanUp, info));
    await within(cleanUpLimitMs, Promise.all(running), this.#clock);
  }
}

/** Resolves when `work` does, after `limitMs` at the latest. */
function within(limitMs: number, work: Promise<unknown>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const stopWaiting = clock.setTimer(resolve, limitMs);
    work.then(() => {
      stopWaiting();
      resolve();
    });
  });
}
