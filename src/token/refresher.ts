import { browserClock, type Clock, type WakeReason } from '../clock.ts';
import { RoomSessionError, TokenError } from '../errors.ts';
import { callSafely } from '../report-error.ts';
import { readAnswer } from './answer.ts';
import { asTokenError } from './as-token-error.ts';
import { Backoff } from './backoff.ts';
import type { Token } from './jwt.ts';
import type { FetchToken, GetTokenOptions, TokenRefresherOptions } from './refresher-options.ts';
import { defaultRefreshWindow, refreshDelay } from './schedule.ts';
import { ServerClock } from './server-clock.ts';
import type { TokenAnswer, TokenReason } from './source.ts';
import { type Waiters, wait } from './waiters.ts';

const never = Infinity;
const toldSkewMs = 5_000;
/**
 * Holds one token and keeps it valid: refreshed ahead of its end, asked for again after failures, for as long as it
 * takes, until the source denies it or `stop()` is called. One token, one timer, one request at a time.
 *
 * Nothing happens before `start()` or the first `getToken()`.
 *
 * @example
 * const refresher = new TokenRefresher(async () => (await fetch('/api/token')).json());
 * send((await refresher.getToken())?.value);
 */
export class TokenRefresher {
  readonly #fetchToken: FetchToken;
  readonly #options: TokenRefresherOptions;
  readonly #clock: Clock;
  readonly #time: ServerClock;
  readonly #waiters: Waiters = new Set();
  /** `null`: the source let us in as a guest. */
  #held: Token | null | undefined;
  /** Somebody got the token held, so it is fresh no more. */
  #used = false;
  /** A backend refused the token held. */
  #refused = false;
  #lifeMs = never;
  /** By the server's clock, as all moments here where nothing else is said. */
  #refreshAt = never;
  /** When to tell that the token held is over. */
  #tellExpiryAt = never;
  #skewTold = 0;
  /** The newest failure since the last token, and how many there were. */
  #failure: TokenError | undefined;
  #failures = 0;
  /** Requests in a row that ran out of time. */
  #timeouts = 0;
  #backoff: Backoff;
  /** The request under way; when the newest one started, and its deadline (monotonic). */
  #flight: AbortController | undefined;
  #startedAt = 0;
  #lateAt = never;
  #stopped = false;
  #cancelTimer: (() => void) | undefined;
  #stopWaking: (() => void) | undefined;

  constructor(fetchToken: FetchToken, options: TokenRefresherOptions = {}) {
    this.#fetchToken = fetchToken;
    this.#options = options;
    this.#clock = options.clock ?? browserClock;
    this.#time = new ServerClock(this.#clock);
    this.#backoff = new Backoff(this.#clock);
  }

  /** The token held, as long as it is valid by the server's time and no backend has refused it. */
  get current(): Token | undefined {
    const held = this.#held;
    return held && !held.isExpired && !this.#refused ? held : undefined;
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
    const token = wait(this.#waiters, options, this.#clock.monotonic(), () => this.#run());
    this.#run();
    return token;
  }

  /** Ends everything: the request under way is aborted, those who wait are told, and no callback comes after this. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#stopWaking?.();
    this.#flight?.abort(stoppedError());
    for (const { settle } of this.#waiters) settle(Promise.reject(stoppedError()));
  }

  /** Does whatever is due, then sets the one timer for what is due next. Every event comes through here. */
  #run(): void {
    if (this.#stopped) return;
    this.#stopWaking ??= this.#clock.onWake((reason) => this.#wake(reason));
    if (this.#tellExpiryAt <= this.#time.now()) {
      // Not since it ended: that may be long ago when the machine slept.
      this.#backoff.without(this.#time.now());
      this.#tellExpiryAt = never;
      this.#tell(this.#options.onExpired, undefined);
    }
    if (this.#flight && this.#lateAt <= this.#clock.monotonic()) {
      const limitMs = this.#lateAt - this.#startedAt;
      this.#timeouts++;
      this.#fail(this.#giveUp(`No token came within ${Math.round(limitMs / 1000)} s.`));
    }
    this.#serve();
    if (!this.#flight && this.#dueAt() <= this.#time.now()) this.#request();
    this.#cancelTimer?.();
    const now = this.#time.now();
    const steady = this.#clock.monotonic();
    let delay = Math.min(
      this.#flight ? this.#lateAt - steady : this.#dueAt() - now,
      this.#tellExpiryAt - now,
    );
    for (const { deadline } of this.#waiters) delay = Math.min(delay, deadline - steady);
    if (this.#stopped || delay === never) return;
    this.#cancelTimer = this.#clock.setTimer(() => this.#run(), Math.max(Math.ceil(delay), 1));
  }

  /** When the next request may go out; `never`: none is wanted. */
  #dueAt(): number {
    if (this.#stopped || this.#isDenied()) return never;
    return Math.max(this.#waiters.size > 0 ? -never : this.#refreshAt, this.#backoff.notBefore());
  }

  #isDenied(): boolean {
    return this.#failure?.code === 'token_denied';
  }

  /** Settles those who can be given the token held, and those whose time is over. */
  #serve(justArrived = false): void {
    const { current } = this;
    const leftMs = current ? current.expiresAt - this.#time.now() : this.#held === null ? never : -never;
    for (const { fresh, minValidityMs, deadline, settle } of this.#waiters) {
      // Time for it to arrive; but while the source fails, a token near its end is better than none. And the freshest
      // there is serves everybody who waited, also who wished for a longer life than tokens have here.
      const enoughMs = minValidityMs ?? (this.#failure ? 0 : Math.min(this.#lifeMs / 20, 5_000));
      if ((justArrived || leftMs > enoughMs) && !(fresh && this.#used)) {
        this.#used = true;
        settle(current);
      } else if (this.#isDenied() || deadline <= this.#clock.monotonic()) {
        const late = new TokenError('token_unavailable', 'No token came in the time given.');
        settle(Promise.reject(this.#failure ?? late));
      }
    }
  }

  async #request(): Promise<void> {
    const reason = !this.#held ? 'join' : this.#refused ? 'rejected' : 'refresh';
    const flight = new AbortController();
    const { signal } = flight;
    this.#flight = flight;
    this.#startedAt = this.#clock.monotonic();
    const { timeoutMs = 10_000 } = this.#options;
    // Longer after each that ran out of time, so that a slow endpoint wins in the end.
    const limitMs = Math.min(timeoutMs * 1.5 ** this.#timeouts, Math.max(timeoutMs, 30_000));
    this.#lateAt = this.#startedAt + limitMs;
    // A function that throws at once, and one that rejects, are the same to us.
    const asked = new Promise<TokenAnswer>((resolve) => resolve(this.#fetchToken({ reason, signal })));
    try {
      this.#take(await asked, reason, signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(asTokenError(error));
    }
    this.#run();
  }

  /** @throws where the answer holds no token to use */
  #take(answer: TokenAnswer, reason: TokenReason, signal: AbortSignal): void {
    signal.throwIfAborted();
    const { refreshAt: window = defaultRefreshWindow, check, onToken, onClockSkew } = this.#options;
    const heldIsGood = window !== false && this.current !== undefined;
    const roundTripMs = this.#clock.monotonic() - this.#startedAt;
    const token = readAnswer(answer, this.#time, roundTripMs, this.#held, heldIsGood);
    if (token) check?.(token);

    const now = this.#time.now();
    const attempts = this.#failures + 1;
    this.#flight = undefined;
    this.#failures = this.#timeouts = 0;
    this.#failure = undefined;
    this.#backoff = new Backoff(this.#clock);
    this.#held = token;
    this.#used = this.#refused = false;
    this.#tellExpiryAt = token ? token.expiresAt : never;
    this.#lifeMs = this.#tellExpiryAt - now;
    this.#refreshAt = window
      ? now + refreshDelay(this.#lifeMs, window, this.#clock.random(), this.#clock.isHidden())
      : never;
    this.#serve(true);
    if (token) this.#tell(onToken, { token, reason, attempts });

    const ms = Math.round(this.#clock.now() - this.#time.now());
    if (Math.abs(ms - this.#skewTold) < toldSkewMs) return;
    this.#skewTold = ms;
    this.#tell(onClockSkew, { ms });
  }

  #fail(error: TokenError): void {
    const now = this.#time.now();
    this.#flight = undefined;
    this.#failure = error;
    this.#failures++;
    this.#serve();
    const { current } = this;
    const lifeLeftMs = current && this.#waiters.size === 0 ? current.expiresAt - now : 0;
    const tookMs = this.#clock.monotonic() - this.#startedAt;
    this.#backoff.plan(now, lifeLeftMs, this.#lifeMs, tookMs, error.retryAfterMs);
    const retryAt = this.#isDenied() ? undefined : this.#clock.now() + this.#dueAt() - now;
    this.#tell(this.#options.onFailure, { error, attempt: this.#failures, retryAt });
  }

  #giveUp(why: string): TokenError {
    const error = new TokenError('token_unavailable', why);
    this.#flight?.abort(error);
    this.#flight = undefined;
    return error;
  }

  #wake(reason: WakeReason): void {
    if (reason === 'slept') this.#giveUp('The machine slept.');
    this.#timeouts = 0;
    // Everybody in the same network comes back at the same moment.
    this.#backoff.hurry(this.#time.now(), this.current ? 2_000 : 300);
    this.#tell(this.#options.onWake, { reason });
    this.#run();
  }

  #tell<Payload>(callback: ((payload: Payload) => void) | undefined, payload: Payload): void {
    if (!this.#stopped) callSafely(callback, payload);
  }
}

const stoppedError = () =>
  new RoomSessionError('invalid_state', 'The token refresher was stopped; make a new one.');
