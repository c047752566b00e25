import type { Clock } from '../clock.ts';
import type { TokenError } from '../errors.ts';
import type { Denial } from './waiters.ts';

/** After the first denial the source is asked once more, this much later in ms. */
const confirmDenialMs = 60_000;
/** A source counts as flaky for this many successes after a failure that healed soon. */
const flakyFor = 10;

/** What {@link Trouble.add} needs to know besides the failure. */
export interface Circumstances {
  /** How long the token in use is still valid, in ms; 0 without one, and where a caller waits for another. */
  readonly leftMs: number;
  /** The life of this source's tokens in ms; `Infinity` where none is known. */
  readonly lifeMs: number;
  /** How long the failed request took, in ms. It is part of the wait. */
  readonly tookMs: number;
}

/**
 * What went wrong since the last token, and when the next request may go out.
 *
 * All times are monotonic, so that a wall clock that is set neither shortens a pause nor makes it longer.
 */
export class Trouble {
  readonly #clock: Clock;
  /** The newest failure, and how many there were. */
  failure: TokenError | undefined;
  failures = 0;
  denial: Denial = 'none';
  /** Above 0: the last failures healed soon. */
  #flaky = 0;
  #failedAt = 0;
  /** `undefined`: at once. */
  #retryAt: number | undefined;
  /** The end of the server's `Retry-After`. Nothing shortens it. */
  #serverRetryAt: number | undefined;
  #since: number | undefined;
  /** What the next pause comes after. Long pauses are even only after each other. */
  #after: 'refresh' | 'wake' | 'pause' = 'refresh';
  /** The next request is the one that confirms a denial. */
  #isConfirming = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long to wait before the next request, in ms; 0 where it may go out now. */
  get pauseMs(): number {
    const now = this.#clock.monotonic();
    return Math.max(0, (this.#retryAt ?? now) - now, (this.#serverRetryAt ?? now) - now);
  }

  /** There is no valid token from now on. */
  withoutToken(): void {
    this.#since ??= this.#clock.monotonic();
  }

  /** How long requests have failed, or a token was missing, in ms. */
  #lastsMs(): number {
    const now = this.#clock.monotonic();
    return now - (this.#since ?? now);
  }

  /**
   * Counts a failure and plans the next try.
   *
   * While the token in use is good: 0.0825 of its life, at most 60 s; the first time up to twice that. Without a token: half
   * of the time since the trouble began, up to 0.0825 of a life (4 to 60 s). Only short pauses and the first long one are
   * random: that one spreads all clients evenly, and equal pauses keep it so, wherever in their tokens' lives an outage
   * began or their tokens end.
   *
   * A source whose failures healed within seconds lately is asked faster near the end. 30 s at least where the platform is
   * sure that there is no network: it may be wrong. A server's `Retry-After` counts, plus up to a tenth (20 s at most), so
   * that its clients do not come back all at once. More than 10 min is cut to 2 min beyond the token's end, or to 10 min.
   *
   * A denial is asked about once more after a minute, and no event makes that earlier.
   *
   * @param isFinal whether a denial is final without that: the person never had a token
   */
  add(failure: TokenError, isFinal: boolean, { leftMs, lifeMs, tookMs }: Circumstances): void {
    const now = this.#clock.monotonic();
    const random = this.#clock.random();
    this.failure = failure;
    this.failures++;
    this.#failedAt = now;
    this.withoutToken();
    const hasLife = Number.isFinite(lifeMs);
    const isFlaky = this.#flaky > 0;
    const evenMs = lifeMs * 0.0825;
    const delay =
      leftMs > 0
        ? clamp(isFlaky ? leftMs / 3 : evenMs, 1_000, 60_000)
        : clamp(this.#lastsMs() / 2, 1_000, isFlaky ? 4_000 : clamp(evenMs, 4_000, 60_000));
    let part = 0.5 + random / 2;
    if (delay > 4_000 && hasLife) {
      part = { refresh: 1 + random, wake: random, pause: 1 }[this.#after];
      this.#after = 'pause';
    }
    const pause = Math.max(delay, this.#clock.isOnline() ? 0 : 30_000) * part;
    this.#retryAt = now + Math.max(pause - tookMs, 1_000 * part);
    const { retryAfterMs = 0 } = failure;
    // An app's own error may have anything there.
    if (retryAfterMs > 0) {
      const most = hasLife ? leftMs + 120_000 : 600_000;
      const asked = retryAfterMs > 600_000 ? Math.min(retryAfterMs, most) : retryAfterMs;
      this.#serverRetryAt = now + asked + Math.min(asked / 10, 20_000) * random;
    }
    this.#isConfirming = failure.code === 'token_denied';
    if (!this.#isConfirming) return;
    this.#retryAt = now + confirmDenialMs;
    this.denial = isFinal || this.denial !== 'none' ? 'final' : 'unconfirmed';
  }

  /** A caller needs a token: a denial is confirmed now, a second after it at the earliest. */
  confirmNow(): void {
    if (this.#isConfirming) this.#retryAt = this.#failedAt + 1_000;
  }

  /** The machine woke or the network is back, so earlier failures say nothing about now. Ends within `spreadMs`. */
  hurry(spreadMs: number): void {
    this.#since = undefined;
    this.#after = 'wake';
    if (this.#retryAt === undefined || this.#isConfirming) return;
    const soon = this.#clock.monotonic() + spreadMs * this.#clock.random();
    this.#retryAt = Math.min(this.#retryAt, Math.max(soon, this.#failedAt + 1_000));
  }

  /** A token arrived, and the one before it had this life in ms. */
  end(lifeMs: number): void {
    if (this.failures === 0) this.#flaky--;
    else this.#flaky = this.#lastsMs() < lifeMs * 0.4 ? flakyFor : 0;
    this.forget();
  }

  /** Begins anew. */
  forget(): void {
    this.failure = this.#since = this.#retryAt = this.#serverRetryAt = undefined;
    this.failures = 0;
    this.denial = 'none';
    this.#after = 'refresh';
    this.#isConfirming = false;
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
