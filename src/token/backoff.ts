import type { Clock } from '../clock.ts';
import { retryAfterDelay, retryDelay } from './schedule.ts';

const longAgo = -Infinity;

/** What failures in a row leave behind: when the next request may go out. After a success there is a new one. */
export class Backoff {
  readonly #clock: Clock;
  #failedAt = longAgo;
  #retryAt = longAgo;
  /** The server's `Retry-After`: not to be shortened by anything. */
  #serverSays = longAgo;
  #withoutSince: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** No request before this, by the server's clock. */
  notBefore(): number {
    return Math.max(this.#retryAt, this.#serverSays);
  }

  /** There is no valid token from this moment on. */
  without(since: number): void {
    this.#withoutSince ??= since;
  }

  /**
   * Plans the next try after a failure.
   *
   * @param now by the server's clock
   * @param lifeLeftMs of the token held; 0 where there is none, or where somebody waits for another
   * @param lifeMs the life that tokens of this source have
   * @param tookMs how long the failed request took: that is part of the wait
   */
  plan(now: number, lifeLeftMs: number, lifeMs: number, tookMs: number, retryAfterMs?: number): void {
    if (lifeLeftMs <= 0) this.without(now);
    const random = this.#clock.random();
    const withoutTokenMs = now - (this.#withoutSince ?? now);
    this.#failedAt = now;
    const delay = retryDelay(lifeLeftMs, withoutTokenMs, lifeMs, this.#clock.isOnline(), random);
    this.#retryAt = now + Math.max(delay - tookMs, 1_000 * (0.5 + random / 2));
    if (retryAfterMs) this.#serverSays = now + retryAfterDelay(retryAfterMs, random);
  }

  /** The machine woke or the network is back: what failed before says nothing any more. Ends within `spreadMs`. */
  hurry(now: number, spreadMs: number): void {
    this.#withoutSince = undefined;
    const soon = Math.max(now + spreadMs * this.#clock.random(), this.#failedAt + 1_000);
    this.#retryAt = Math.min(this.#retryAt, soon);
  }
}
