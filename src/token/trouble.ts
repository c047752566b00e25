import type { Clock } from '../clock.ts';
import type { TokenError } from '../errors.ts';
import { Backoff } from './backoff.ts';
import type { Denial } from './waiters.ts';

/** A source counts as flaky for this many successes after a failure that healed soon. */
const flakyFor = 10;

/** What went wrong since the last token. */
export class Trouble {
  readonly #clock: Clock;
  backoff: Backoff;
  /** The newest failure, and how many there were. */
  failure: TokenError | undefined;
  failures = 0;
  denial: Denial = 'none';
  /** Above 0: the last failures healed soon. */
  #flaky = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.backoff = new Backoff(clock);
  }

  /** Whether failures of this source healed soon lately. */
  get isFlaky(): boolean {
    return this.#flaky > 0;
  }

  /** Counts a failure. The denial of a person who had a token is final when it is confirmed. */
  add(failure: TokenError, hadToken: boolean): void {
    this.failure = failure;
    this.failures++;
    if (failure.code !== 'token_denied') return;
    this.denial = hadToken && this.denial === 'none' ? 'unconfirmed' : 'final';
  }

  /** A token arrived, and the one before it had this life in ms. */
  end(lifeMs: number): void {
    if (this.failures === 0) this.#flaky--;
    else this.#flaky = this.backoff.troubleMs() < lifeMs * 0.4 ? flakyFor : 0;
    this.forget();
  }

  /** Begins anew. */
  forget(): void {
    this.failure = undefined;
    this.failures = 0;
    this.denial = 'none';
    this.backoff = new Backoff(this.#clock);
  }
}
