import type { Clock } from '../clock.ts';

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
   * Plans the next try after a failure. Lazy while the token held is good for a while (a third of what is left of its
   * life), brisk near its end, then longer and longer up to a cap: half of the time gone without a token, an eighteenth
   * of a token's life at most (within 4 and 45 s). 30 s at least where the platform is sure that there is no network:
   * it may be wrong. Half of each delay is random.
   *
   * A server's `Retry-After` counts for 10 min at most, plus up to a tenth (20 s at most): its clients shall not come
   * back as one.
   *
   * @param now by the server's clock
   * @param lifeLeftMs of the token held; 0 where there is none, or where somebody waits for another
   * @param lifeMs the life that tokens of this source have; `Infinity` where none was seen yet
   * @param tookMs how long the failed request took: that is part of the wait
   */
  plan(now: number, lifeLeftMs: number, lifeMs: number, tookMs: number, retryAfterMs?: number): void {
    if (lifeLeftMs <= 0) this.without(now);
    const withoutTokenMs = now - (this.#withoutSince ?? now);
    const delay =
      lifeLeftMs > 0
        ? clamp(lifeLeftMs / 3, 1_000, 60_000)
        : clamp(withoutTokenMs / 2, 1_000, clamp(lifeMs / 18, 4_000, 45_000));
    const random = this.#clock.random();
    const part = 0.5 + random / 2;
    this.#failedAt = now;
    this.#retryAt =
      now + Math.max(Math.max(delay, this.#clock.isOnline() ? 0 : 30_000) * part - tookMs, 1_000 * part);
    if (retryAfterMs) {
      const asked = clamp(retryAfterMs, 0, 600_000);
      this.#serverSays = now + asked + Math.min(asked / 10, 20_000) * random;
    }
  }

  /** The machine woke or the network is back: what failed before says nothing any more. Ends within `spreadMs`. */
  hurry(now: number, spreadMs: number): void {
    this.#withoutSince = undefined;
    const soon = Math.max(now + spreadMs * this.#clock.random(), this.#failedAt + 1_000);
    this.#retryAt = Math.min(this.#retryAt, soon);
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
