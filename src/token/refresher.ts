import { browserClock, type Clock, type WakeReason } from '../clock.ts';
import { RoomSessionError, TokenError } from '../errors.ts';
import { callSafely } from '../report-error.ts';
import { readAnswer, refuseStale } from './answer.ts';
import { Backoff } from './backoff.ts';
import { asTokenError, Flight } from './flight.ts';
import type { Token } from './jwt.ts';
import type { FetchToken, GetTokenOptions, TokenRefresherOptions } from './refresher-options.ts';
import { defaultMinValidity, defaultRefreshWindow, refreshDelay, requestDeadline } from './schedule.ts';
import { ServerClock } from './server-clock.ts';
import type { TokenAnswer, TokenReason } from './source.ts';
import { type Waiter, Waiters } from './waiters.ts';

const never = Number.POSITIVE_INFINITY;
const toldSkewMs = 5_000;

/**
 * Holds one token and keeps it valid: refreshed ahead of its end, asked for again after failures, for as long as it
 * takes, until the source denies it or `stop()` is called. One token, one timer, one request at a time.
 *
 * Nothing happens before `start()` or the first `getToken()`.
 */
export class TokenRefresher {
  readonly #fetchToken: FetchToken;
  readonly #options: TokenRefresherOptions;
  readonly #clock: Clock;
  readonly #time: ServerClock;
  readonly #waiters: Waiters;
  readonly #backoff: Backoff;
  readonly #rejected = new WeakSet<Token>();
  /** `null`: the source let us in as a guest. */
  #held: Token | null | undefined;
  /** Somebody got the token held, so it is fresh no more. */
  #used = false;
  #lifeMs = never;
  /** By the server's clock. */
  #refreshAt = never;
  #expiredTold = true;
  #skewTold = 0;
  #denied: TokenError | undefined;
  #stopped = false;
  #flight: Flight | undefined;
  #cancelTimer: (() => void) | undefined;
  #stopWaking: (() => void) | undefined;

  constructor(fetchToken: FetchToken, options: TokenRefresherOptions = {}) {
    this.#fetchToken = fetchToken;
    this.#options = options;
    this.#clock = options.clock ?? browserClock;
    this.#time = new ServerClock(this.#clock);
    this.#waiters = new Waiters(this.#clock);
    this.#backoff = new Backoff(this.#clock);
  }

  /** The token held, as long as it is valid by the server's time. */
  get current(): Token | undefined {
    const held = this.#held;
    return held && held.expiresAt > this.#time.now() && !this.#rejected.has(held) ? held : undefined;
  }

  /** Asks for the first token ahead of need, so that the first `getToken()` finds it there or on its way. */
  start(): void {
    if (this.#held === undefined) this.#refreshAt = Number.NEGATIVE_INFINITY;
    this.#listen();
    this.#run();
  }

  /**
   * A token that is valid now: the one held, or the next to arrive. `undefined` where the source answered `null`.
   *
   * @throws `TokenError` `token_denied` when the source denies for good; the last failure's error when `waitMs` is over;
   * the signal's reason when it aborts; `invalid_state` after `stop()`
   */
  async getToken(options: GetTokenOptions = {}): Promise<Token | undefined> {
    options.signal?.throwIfAborted();
    if (this.#stopped) throw stoppedError();
    if (options.rejected) this.#rejected.add(options.rejected);
    this.#listen();
    const token = this.#waiters.add(options, () => this.#run());
    this.#run();
    return token;
  }

  /** Ends everything: the request under way is aborted, those who wait are told, and no callback comes after this. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#stopWaking?.();
    this.#abortFlight(stoppedError());
    this.#waiters.rejectAll(stoppedError());
  }

  #listen(): void {
    if (!this.#stopped) this.#stopWaking ??= this.#clock.onWake((reason) => this.#wake(reason));
  }

  /** Does whatever is due, then sets the one timer for what is due next. Every event comes through here. */
  #run(): void {
    this.#cancelTimer?.();
    if (this.#stopped) return;
    this.#tellExpiry();
    this.#endLateFlight();
    this.#serveWaiters();
    if (this.#stopped) return;
    if (!this.#flight && this.#wanted() && this.#time.now() >= this.#dueAt()) this.#request();
    this.#setTimer();
  }

  #wanted(): boolean {
    return !this.#denied && (this.#waiters.size > 0 || this.#refreshAt < never);
  }

  /** When the next request may go out, by the server's clock. */
  #dueAt(): number {
    const wish = this.#waiters.size > 0 ? Number.NEGATIVE_INFINITY : this.#refreshAt;
    return Math.max(wish, this.#backoff.notBefore);
  }

  #setTimer(): void {
    const now = this.#time.now();
    const steady = this.#clock.monotonic();
    let delay = this.#waiters.nextDeadline - steady;
    if (this.#flight) delay = Math.min(delay, this.#flight.deadline - steady);
    else if (this.#wanted()) delay = Math.min(delay, this.#dueAt() - now);
    if (this.#held && !this.#expiredTold) delay = Math.min(delay, this.#held.expiresAt - now);
    if (delay === never) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.setTimer(() => this.#run(), Math.max(delay, 1));
  }

  #request(): void {
    const held = this.#held;
    const reason: TokenReason = !held ? 'join' : this.#rejected.has(held) ? 'rejected' : 'refresh';
    const limitMs = requestDeadline(this.#options.timeoutMs ?? 10_000, this.#backoff.timeouts);
    const flight = new Flight(reason, this.#clock.monotonic(), limitMs);
    this.#flight = flight;
    flight.start(this.#fetchToken, (landing) => {
      this.#flight = undefined;
      if ('error' in landing) this.#fail(landing.error);
      else this.#take(landing.answer, flight);
      this.#run();
    });
  }

  #take(answer: TokenAnswer, { startedAt, reason }: Flight): void {
    const { check, onToken, refreshAt: window = defaultRefreshWindow } = this.#options;
    let token: Token | null;
    try {
      token = readAnswer(answer, this.#time, this.#clock.monotonic() - startedAt);
      if (token && this.#held)
        refuseStale(token, this.#held, window !== false && !this.#rejected.has(this.#held));
      if (token) check?.(token);
    } catch (error) {
      this.#fail(asTokenError(error));
      return;
    }
    const attempts = this.#backoff.failures + 1;
    const now = this.#time.now();
    this.#backoff.reset();
    this.#held = token;
    this.#used = false;
    this.#lifeMs = token ? token.expiresAt - now : never;
    this.#expiredTold = this.#lifeMs === never;
    this.#refreshAt =
      window === false ? never : now + refreshDelay(this.#lifeMs, window, this.#clock.random());
    // The freshest there is serves everybody who waited, also who wished for a longer life than tokens have here.
    this.#waiters.serve((waiter) => this.#claim(waiter), token ?? undefined);
    if (token) callSafely(onToken, { token, reason, attempts });
    this.#tellSkew();
  }

  /** Whether this caller may have the token held: a fresh one only if nobody had it before. */
  #claim({ fresh }: Waiter): boolean {
    const free = !fresh || !this.#used;
    this.#used = true;
    return free;
  }

  #fail(error: TokenError): void {
    const now = this.#time.now();
    const { current } = this;
    if (error.code === 'token_denied') {
      this.#denied = error;
      this.#refreshAt = never;
    } else if (current) {
      // Better a token near its end than none.
      this.#waiters.serve(
        (waiter) => waiter.minValidityMs === undefined && !waiter.fresh && this.#claim(waiter),
        current,
      );
    }
    const lifeLeftMs = current && this.#waiters.size === 0 ? current.expiresAt - now : 0;
    this.#backoff.failed(error, { now, lifeLeftMs, lifeMs: this.#lifeMs });
    this.#waiters.lastFailure = error;
    const retryAt = this.#denied ? undefined : this.#clock.now() + this.#dueAt() - now;
    callSafely(this.#options.onFailure, { error, attempt: this.#backoff.failures, retryAt });
  }

  #serveWaiters(): void {
    const { current } = this;
    if (current || this.#held === null) {
      const leftMs = current ? current.expiresAt - this.#time.now() : never;
      const enoughMs = this.#denied ? 0 : defaultMinValidity(this.#lifeMs);
      const suits = ({ minValidityMs = enoughMs }: Waiter) => leftMs > minValidityMs;
      this.#waiters.serve((waiter) => suits(waiter) && this.#claim(waiter), current);
    }
    if (this.#denied) this.#waiters.rejectAll(this.#denied);
    this.#waiters.rejectLate();
  }

  #tellExpiry(): void {
    if (!this.#held || this.#expiredTold || this.#held.expiresAt > this.#time.now()) return;
    this.#expiredTold = true;
    this.#backoff.without(this.#held.expiresAt);
    callSafely(this.#options.onExpired);
  }

  #tellSkew(): void {
    const ms = Math.round(this.#time.skewMs);
    if (this.#stopped || Math.abs(ms - this.#skewTold) < toldSkewMs) return;
    this.#skewTold = ms;
    callSafely(this.#options.onClockSkew, { ms });
  }

  #endLateFlight(): void {
    const flight = this.#flight;
    if (!flight || this.#clock.monotonic() < flight.deadline) return;
    const seconds = Math.round((flight.deadline - flight.startedAt) / 1000);
    const error = new TokenError('token_unavailable', `The token source did not answer within ${seconds} s.`);
    this.#abortFlight(error);
    this.#backoff.timeouts++;
    this.#fail(error);
  }

  #abortFlight(reason: Error): void {
    this.#flight?.giveUp(reason);
    this.#flight = undefined;
  }

  #wake(reason: WakeReason): void {
    if (reason === 'slept' && this.#flight) {
      this.#abortFlight(new TokenError('token_unavailable', 'The machine slept during the request.'));
    }
    // Everybody in the same network comes back at the same moment.
    this.#backoff.hurry(this.#time.now(), this.current ? 2_000 : 300);
    this.#run();
  }
}

const stoppedError = () =>
  new RoomSessionError('invalid_state', 'The token refresher was stopped; make a new one.');
