import type { Clock } from '../clock.ts';
import type { Token } from './jwt.ts';

/** How a caller waits for a token. */
export interface WaitOptions {
  /** Ends this caller's wait; others who wait, and the request itself, are not touched. */
  readonly signal?: AbortSignal | undefined;
  /** How long the token must still be valid, in ms. Default: a twentieth of its life, 5 000 at most. */
  readonly minValidityMs?: number | undefined;
  /** A token that nobody was given before. Default `false`. */
  readonly fresh?: boolean | undefined;
  /** How long to wait while the source fails, in ms; default 30 000. `Infinity`: until the signal aborts. */
  readonly waitMs?: number | undefined;
}

/** One caller that waits. */
export interface Waiter {
  readonly fresh: boolean | undefined;
  readonly minValidityMs: number | undefined;
  /** Monotonic, ms. */
  readonly deadline: number;
  settle(result: Promise<never> | Token | undefined): void;
}

/** The callers that wait for a token, each with a signal and a deadline of its own. */
export class Waiters {
  readonly #clock: Clock;
  readonly #all = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#all.size;
  }

  /** The earliest deadline, monotonic ms; `Infinity` without any. */
  get nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { deadline } of this.#all) next = Math.min(next, deadline);
    return next;
  }

  /** `onLeave` is called when the caller gives up by its signal. */
  add(
    { signal, minValidityMs, fresh, waitMs = 30_000 }: WaitOptions,
    onLeave: () => void,
  ): Promise<Token | undefined> {
    return new Promise((resolve) => {
      const leave = () => {
        waiter.settle(Promise.reject(signal?.reason));
        onLeave();
      };
      const waiter: Waiter = {
        fresh,
        minValidityMs,
        deadline: this.#clock.monotonic() + waitMs,
        settle: (result) => {
          this.#all.delete(waiter);
          signal?.removeEventListener('abort', leave);
          resolve(result);
        },
      };
      this.#all.add(waiter);
      signal?.addEventListener('abort', leave);
    });
  }

  /** Gives `token` to those for whom `fits` says yes, in the order they came. */
  serve(token: Token | undefined, fits: (waiter: Waiter) => boolean): void {
    for (const waiter of this.#all) if (fits(waiter)) waiter.settle(token);
  }

  /** Ends the wait of those whose deadline is before `until`, monotonic ms; default: of all. */
  reject(error: unknown, until: number = Number.POSITIVE_INFINITY): void {
    for (const waiter of this.#all) if (waiter.deadline <= until) waiter.settle(Promise.reject(error));
  }
}
