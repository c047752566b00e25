import type { Clock } from '../clock.ts';

/** After the first denial the source is asked once more, this much later in ms. */
const confirmDenialMs = 60_000;

/** What {@link Backoff.plan} needs to know of a failure. */
export interface Failure {
  /** How long the token in use is still valid, in ms; 0 without one, and where a caller waits for another. */
  readonly lifeLeftMs: number;
  /** The life of this source's tokens in ms; `Infinity` where none is known. */
  readonly lifeMs: number;
  /** How long the failed request took, in ms. It is part of the wait. */
  readonly tookMs: number;
  /** Failures of this source healed within seconds lately: it pays to ask again soon. */
  readonly isFlaky: boolean;
  /** The server's `Retry-After`, in ms. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * What failures in a row leave behind: when the next request may go out. After a success there is a new one.
 *
 * All times are monotonic, so that a wall clock that is set neither shortens a pause nor makes it longer.
 */
export class Backoff {
  readonly #clock: Clock;
  #failedAt = 0;
  /** `undefined`: at once. */
  #retryAt: number | undefined;
  /** The end of the server's `Retry-After`. Nothing shortens it. */
  #serverRetryAt: number | undefined;
  #troubleSince: number | undefined;
  /** The next request is the one that confirms a denial. */
  #isConfirming = false;
  /** What the next pause comes after. Long pauses are even only after each other. */
  #after: 'refresh' | 'wake' | 'pause' = 'refresh';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long to wait before the next request, in ms; 0 where it may go out now. */
  pauseMs(): number {
    const now = this.#clock.monotonic();
    return Math.max(0, ...[this.#retryAt, this.#serverRetryAt].map((at) => (at ?? now) - now));
  }

  /** How long requests have failed, or a token was missing, in ms. */
  troubleMs(): number {
    const now = this.#clock.monotonic();
    return now - (this.#troubleSince ?? now);
  }

  /** There is no valid token from now on. */
  withoutToken(): void {
    this.#troubleSince ??= this.#clock.monotonic();
  }

  /**
   * Plans the next try after a failure.
   *
   * While the token in use is good: 0.0825 of its life, at most 60 s; the first time up to twice that. Without a token: half
   * of the time since the trouble began, up to 0.0825 of a life (4 to 60 s). Only short pauses and the first long one are
   * random: that one spreads all clients evenly, and equal pauses keep it so, wherever in their tokens' lives an outage
   * began or their tokens end.
   *
   * A source whose failures healed within seconds lately is asked faster near the end. 30 s at least where the platform is
   * sure that there is no network: it may be wrong. A server's `Retry-After` counts, plus up to a tenth (20 s at most), so
   * that its clients do not come back all at once. More than 10 min is cut to 2 min beyond the token's end, or to 10 min.
   */
  plan({ lifeLeftMs, lifeMs, tookMs, isFlaky, retryAfterMs = 0 }: Failure): void {
    const now = this.#clock.monotonic();
    const random = this.#clock.random();
    this.withoutToken();
    const evenMs = lifeMs * 0.0825;
    const delay =
      lifeLeftMs > 0
        ? clamp(isFlaky ? lifeLeftMs / 3 : evenMs, 1_000, 60_000)
        : clamp(this.troubleMs() / 2, 1_000, isFlaky ? 4_000 : clamp(evenMs, 4_000, 60_000));
    let part = 0.5 + random / 2;
    if (delay > 4_000 && Number.isFinite(lifeMs)) {
      part = { refresh: 1 + random, wake: random, pause: 1 }[this.#after];
      this.#after = 'pause';
    }
    this.#failedAt = now;
    this.#isConfirming = false;
    const pause = Math.max(delay, this.#clock.isOnline() ? 0 : 30_000) * part;
    this.#retryAt = now + Math.max(pause - tookMs, 1_000 * part);
    // An app's own error may have anything there.
    if (retryAfterMs > 0) {
      const isTooLong = retryAfterMs > 600_000;
      const most = Number.isFinite(lifeMs) ? lifeLeftMs + 120_000 : 600_000;
      const asked = isTooLong ? Math.min(retryAfterMs, most) : retryAfterMs;
      this.#serverRetryAt = now + asked + Math.min(asked / 10, 20_000) * random;
    }
  }

  /** The source denied a token. It is asked once more after a minute, and no event makes that earlier. */
  planConfirmation(): void {
    this.#failedAt = this.#clock.monotonic();
    this.#retryAt = this.#failedAt + confirmDenialMs;
    this.#isConfirming = true;
  }

  /** A caller needs a token: a denial is confirmed now, a second after it at the earliest. */
  confirmNow(): void {
    if (this.#isConfirming) this.#retryAt = this.#failedAt + 1_000;
  }

  /** The machine woke or the network is back, so earlier failures say nothing about now. Ends within `spreadMs`. */
  hurry(spreadMs: number): void {
    this.#troubleSince = undefined;
    this.#after = 'wake';
    if (this.#retryAt === undefined || this.#isConfirming) return;
    const soon = this.#clock.monotonic() + spreadMs * this.#clock.random();
    this.#retryAt = Math.min(this.#retryAt, Math.max(soon, this.#failedAt + 1_000));
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
