import type { Clock } from '../clock.ts';
import type { TokenError } from '../errors.ts';
import { retryAfterDelay, retryDelay } from './schedule.ts';

/** What a failure happened in. All times in ms by the server's clock. */
export interface FailureMoment {
  readonly now: number;
  /** Life left in the token held; 0 where there is none, or somebody waits for another. */
  readonly lifeLeftMs: number;
  /** The life that tokens of this source have. */
  readonly lifeMs: number;
}

/** What failures in a row leave behind: how many there were, and when the next request may go out. */
export class Backoff {
  failures = 0;
  /** Those of them that ran out of time. */
  timeouts = 0;
  readonly #clock: Clock;
  #retryAt = Number.NEGATIVE_INFINITY;
  /** The server's `Retry-After`: not to be shortened by anything. */
  #notBefore = Number.NEGATIVE_INFINITY;
  #withoutSince: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** No request before this, by the server's clock. */
  get notBefore(): number {
    return Math.max(this.#retryAt, this.#notBefore);
  }

  /** There is no valid token from this moment on. */
  without(since: number): void {
    this.#withoutSince ??= since;
  }

  failed(error: TokenError, { now, lifeLeftMs, lifeMs }: FailureMoment): void {
    this.failures++;
    if (lifeLeftMs <= 0) this.without(now);
    const random = this.#clock.random();
    const withoutTokenMs = now - (this.#withoutSince ?? now);
    const online = this.#clock.isOnline();
    this.#retryAt = now + retryDelay({ lifeLeftMs, withoutTokenMs, lifeMs, online, random });
    if (error.retryAfterMs !== undefined) this.#notBefore = now + retryAfterDelay(error.retryAfterMs, random);
  }

  /** The machine woke or the network is back: what failed before says nothing any more. Ends within `spreadMs`. */
  hurry(now: number, spreadMs: number): void {
    this.timeouts = 0;
    this.#withoutSince = undefined;
    if (this.failures > 0) this.#retryAt = Math.min(this.#retryAt, now + spreadMs * this.#clock.random());
  }

  reset(): void {
    this.failures = this.timeouts = 0;
    this.#retryAt = this.#notBefore = Number.NEGATIVE_INFINITY;
    this.#withoutSince = undefined;
  }
}
