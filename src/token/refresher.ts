import { browserClock, type Clock, type WakeReason } from '../clock.ts';
import { RoomSessionError, TokenError } from '../errors.ts';
import { callSafely } from '../report-error.ts';
import { readAnswer } from './answer.ts';
import { Backoff } from './backoff.ts';
import { asTokenError, Flight } from './flight.ts';
import type { Token } from './jwt.ts';
import type { FetchToken, GetTokenOptions, TokenRefresherOptions } from './refresher-options.ts';
import * as schedule from './schedule.ts';
import { ServerClock } from './server-clock.ts';
import type { TokenAnswer } from './source.ts';
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
  /** `null`: the source let us in as a guest. */
  #held: Token | null | undefined;
  /** Somebody got the token held, so it is fresh no more. */
  #used = false;
  /** A backend refused the token held. */
  #refused = false;
  #lifeMs = never;
  /** By the server's clock, as all moments here. */
  #refreshAt = never;
  /** When to tell that the token held is over. */
  #tellExpiryAt = never;
  #skewTold = 0;
  /** The newest failure since the last token. */
  #failure: TokenError | undefined;
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

  /** The token held, as long as it is valid by the server's time and no backend has refused it. */
  get current(): Token | undefined {
    const held = this.#held;
    return held && held.expiresAt > this.#time.now() && !this.#refused ? held : undefined;
  }

  /** Asks for the first token ahead of need, so that the first `getToken()` finds it there or on its way. */
  start(): void {
    if (this.#held === undefined) this.#refreshAt = -never;
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
    if (options.rejected && options.rejected === this.#held) {
      this.#refused = true;
      this.#refreshAt = -never;
    }
    const token = this.#waiters.add(options, () => this.#run());
    this.#run();
    return token;
  }

  /** Ends everything: the request under way is aborted, those who wait are told, and no callback comes after this. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#stopWaking?.();
    this.#flight?.giveUp(stoppedError());
    this.#waiters.reject(stoppedError());
  }

  /** Does whatever is due, then sets the one timer for what is due next. Every event comes through here. */
  #run(): void {
    if (this.#stopped) return;
    this.#stopWaking ??= this.#clock.onWake((reason) => this.#wake(reason));
    this.#tellExpiry();
    this.#endLateFlight();
    this.#serveWaiters();
    if (!this.#flight && this.#dueAt() <= this.#time.now()) this.#request();
    this.#setTimer();
  }

  /** When the next request may go out; `Infinity`: none is wanted. */
  #dueAt(): number {
    if (this.#stopped || this.#isDenied()) return never;
    return Math.max(this.#waiters.size > 0 ? -never : this.#refreshAt, this.#backoff.notBefore);
  }

  #isDenied(): boolean {
    return this.#failure?.code === 'token_denied';
  }

  #setTimer(): void {
    this.#cancelTimer?.();
    const now = this.#time.now();
    const steady = this.#clock.monotonic();
    const delay = Math.min(
      this.#waiters.nextDeadline - steady,
      this.#flight ? this.#flight.deadline - steady : this.#dueAt() - now,
      this.#tellExpiryAt - now,
    );
    if (this.#stopped || delay === never) return;
    this.#cancelTimer = this.#clock.setTimer(() => this.#run(), Math.max(Math.ceil(delay), 1));
  }

  #request(): void {
    const reason = !this.#held ? 'join' : this.#refused ? 'rejected' : 'refresh';
    const limitMs = schedule.requestDeadline(this.#options.timeoutMs ?? 10_000, this.#backoff.timeouts);
    const flight = new Flight(reason, this.#clock.monotonic(), limitMs);
    this.#flight = flight;
    flight.start(this.#fetchToken, (landing) => {
      this.#flight = undefined;
      try {
        if ('error' in landing) throw landing.error;
        this.#take(landing.answer, flight);
      } catch (error) {
        this.#fail(asTokenError(error), flight);
      }
      this.#run();
    });
  }

  /** @throws where the answer holds no token to use */
  #take(answer: TokenAnswer, { startedAt, reason }: Flight): void {
    const { check, onToken, onClockSkew, refreshAt: window = schedule.defaultRefreshWindow } = this.#options;
    const token = readAnswer(answer, {
      time: this.#time,
      roundTripMs: this.#clock.monotonic() - startedAt,
      held: this.#held,
      heldIsGood: window !== false && this.current !== undefined,
    });
    if (token) check?.(token);

    const now = this.#time.now();
    const attempts = this.#backoff.failures + 1;
    this.#backoff.reset();
    this.#failure = undefined;
    this.#held = token;
    this.#used = this.#refused = false;
    this.#tellExpiryAt = token ? token.expiresAt : never;
    this.#lifeMs = this.#tellExpiryAt - now;
    this.#refreshAt = window
      ? now + schedule.refreshDelay(this.#lifeMs, window, this.#clock.random(), this.#clock.isHidden())
      : never;
    // The freshest there is serves everybody who waited, also who wished for a longer life than tokens have here.
    this.#waiters.serve(token ?? undefined, (waiter) => this.#claim(waiter));
    if (token) callSafely(onToken, { token, reason, attempts });

    const ms = Math.round(this.#time.skewMs);
    if (this.#stopped || Math.abs(ms - this.#skewTold) < toldSkewMs) return;
    this.#skewTold = ms;
    callSafely(onClockSkew, { ms });
  }

  /** Whether this caller may have the token held: a fresh one only if nobody had it before. */
  #claim({ fresh }: Waiter): boolean {
    const free = !fresh || !this.#used;
    this.#used = true;
    return free;
  }

  #fail(error: TokenError, { startedAt }: Flight): void {
    const now = this.#time.now();
    this.#failure = error;
    this.#backoff.failures++;
    this.#serveWaiters();
    const { current } = this;
    const lifeLeftMs = current && this.#waiters.size === 0 ? current.expiresAt - now : 0;
    const tookMs = this.#clock.monotonic() - startedAt;
    this.#backoff.plan(now, lifeLeftMs, this.#lifeMs, tookMs, error.retryAfterMs);
    const retryAt = this.#isDenied() ? undefined : this.#clock.now() + this.#dueAt() - now;
    callSafely(this.#options.onFailure, { error, attempt: this.#backoff.failures, retryAt });
  }

  #serveWaiters(): void {
    const { current } = this;
    if (current || this.#held === null) {
      const leftMs = current ? current.expiresAt - this.#time.now() : never;
      // While the source fails, a token near its end is better than none.
      const enoughMs = this.#failure ? 0 : schedule.defaultMinValidity(this.#lifeMs);
      const suits = ({ minValidityMs = enoughMs }: Waiter) => leftMs > minValidityMs;
      this.#waiters.serve(current, (waiter) => suits(waiter) && this.#claim(waiter));
    }
    const noToken = this.#failure ?? new TokenError('token_unavailable', 'No token came in the time given.');
    this.#waiters.reject(noToken, this.#isDenied() ? never : this.#clock.monotonic());
  }

  #tellExpiry(): void {
    const now = this.#time.now();
    if (this.#tellExpiryAt > now) return;
    // Not since it ended: that may be long ago when the machine slept.
    this.#backoff.without(now);
    this.#tellExpiryAt = never;
    callSafely(this.#options.onExpired);
  }

  #endLateFlight(): void {
    const flight = this.#flight;
    if (!flight || this.#clock.monotonic() < flight.deadline) return;
    this.#backoff.timeouts++;
    this.#fail(this.#giveUp(`No token came within ${Math.round(flight.limitMs / 1000)} s.`), flight);
  }

  #giveUp(why: string): TokenError {
    const error = new TokenError('token_unavailable', why);
    this.#flight?.giveUp(error);
    this.#flight = undefined;
    return error;
  }

  #wake(reason: WakeReason): void {
    if (this.#stopped) return;
    if (reason === 'slept') this.#giveUp('The machine slept.');
    // Everybody in the same network comes back at the same moment.
    this.#backoff.hurry(this.#time.now(), this.current ? 2_000 : 300);
    callSafely(this.#options.onWake, { reason });
    this.#run();
  }
}

const stoppedError = () =>
  new RoomSessionError('invalid_state', 'The token refresher was stopped; make a new one.');
