import type { Clock } from '../clock.ts';
import { TokenError } from '../errors.ts';
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
  readonly fresh: boolean;
  readonly minValidityMs: number | undefined;
  /** Monotonic, ms. */
  readonly deadline: number;
  settle(result: { token: Token | undefined } | { error: unknown }): void;
}

/** The callers that wait for a token, each with a signal and a deadline of its own. */
export class Waiters {
  /** The newest failure, for those whose wait ends by it. */
  lastFailure: TokenError | undefined;
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
    return Math.min(...[...this.#all].map(({ deadline }) => deadline));
  }

  /** `onLeave` is called when the caller gives up by its signal. */
  add(options: WaitOptions, onLeave: () => void): Promise<Token | undefined> {
    const { signal, minValidityMs, fresh = false, waitMs = 30_000 } = options;
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiter.settle({ error: signal?.reason });
        onLeave();
      };
      const waiter: Waiter = {
        fresh,
        minValidityMs,
        deadline: this.#clock.monotonic() + waitMs,
        settle: (result) => {
          this.#all.delete(waiter);
          signal?.removeEventListener('abort', leave);
          if ('error' in result) reject(result.error);
          else resolve(result.token);
        },
      };
      this.#all.add(waiter);
      signal?.addEventListener('abort', leave);
    });
  }

  /** Gives `token` to those for whom `fits` says yes, in the order they came. */
  serve(fits: (waiter: Waiter) => boolean, token: Token | undefined): void {
    for (const waiter of [...this.#all]) if (fits(waiter)) waiter.settle({ token });
  }

  rejectAll(error: unknown): void {
    for (const waiter of [...this.#all]) waiter.settle({ error });
  }

  /** Ends the wait of those whose deadline is over. */
  rejectLate(): void {
    const now = this.#clock.monotonic();
    for (const waiter of [...this.#all]) {
      if (waiter.deadline > now) continue;
      waiter.settle({
        error: this.lastFailure ?? new TokenError('token_unavailable', 'No token arrived in the time given.'),
      });
    }
  }
}
