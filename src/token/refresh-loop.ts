import { browserClock, type Clock, type WakeReason } from '../clock.ts';
import { TokenError } from '../errors.ts';
import { callSafely } from '../report-error.ts';
import { readAnswer } from './answer.ts';
import { asTokenError } from './as-token-error.ts';
import { Backoff } from './backoff.ts';
import { Flight } from './flight.ts';
import type { Token } from './jwt.ts';
import type { FetchToken, GetTokenOptions, TokenRefresherOptions } from './refresher-options.ts';
import {
  askAgainDelay,
  defaultRefreshWindow,
  refreshDelay,
  requestLimit,
  timeoutsAfterWake,
} from './schedule.ts';
import { ServerClock } from './server-clock.ts';
import type { TokenAnswer, TokenReason } from './source.ts';
import { stoppedError, type Waiters, wait, waitError } from './waiters.ts';

/** A source counts as flaky for this many successes after a failure that healed soon. */
const flakyFor = 10;
/** The server clock is looked at this often while a token is in use, so that it sees each step of the wall clock. */
const lookEveryMs = 15_000;

/** What a {@link TokenRefresher} does. It lives apart, because a framework's proxy cannot reach private members. */
export class RefreshLoop {
  readonly #fetchToken: FetchToken;
  readonly #options: TokenRefresherOptions;
  readonly #clock: Clock;
  readonly #time: ServerClock;
  readonly #waiters: Waiters = new Set();
  /** The token in use; `null`: the source let us in as a guest. */
  #held: Token | null | undefined;
  /** `unused`: no caller has it yet. `rejected` by a backend, or `ended`: it is not handed out again. */
  #heldIs: 'unused' | 'used' | 'rejected' | 'ended' = 'unused';
  /** `Infinity`: no token was seen yet, or it has no end. */
  #lifeMs = Number.POSITIVE_INFINITY;
  /** The next request is due now, whether a caller waits or not. */
  #isDue = false;
  /** When the next request is due, by the server's clock; `undefined`: not before a caller asks. */
  #refreshAt: number | undefined;
  /** When to tell that the token has ended, by the server's clock. */
  #tellExpiryAt: number | undefined;
  /** The newest failure since the last token, and how many there were. */
  #failure: TokenError | undefined;
  #failures = 0;
  /** Whether the source denies a token. One denial of a person who had a token is not final before it is confirmed. */
  #denial: 'none' | 'unconfirmed' | 'final' = 'none';
  /** Above 0: the last failures healed soon. */
  #flaky = 0;
  /** Requests in a row that ran out of time; fewer than none after a wake. */
  #timeouts = 0;
  #backoff: Backoff;
  #flight: Flight | undefined;
  #stopped = false;
  #cancelTimer: (() => void) | undefined;
  #stopWaking: (() => void) | undefined;

  constructor(fetchToken: FetchToken, options: TokenRefresherOptions) {
    this.#fetchToken = fetchToken;
    this.#options = options;
    this.#clock = options.clock ?? browserClock;
    this.#time = new ServerClock(this.#clock);
    this.#backoff = new Backoff(this.#clock);
  }

  get current(): Token | undefined {
    const held = this.#held;
    return held && /used$/.test(this.#heldIs) && !held.isExpired ? held : undefined;
  }

  start(): void {
    if (this.#held === undefined) this.#isDue = true;
    this.#run();
  }

  async getToken(options: GetTokenOptions): Promise<Token | undefined> {
    options.signal?.throwIfAborted();
    if (this.#stopped) throw stoppedError();
    if (options.rejected && options.rejected === this.#held) {
      this.#heldIs = 'rejected';
      this.#isDue = true;
    }
    const token = wait(this.#waiters, options, this.#clock.monotonic(), () => this.#run());
    this.#serve();
    if (this.#waiters.size > 0) this.#backoff.confirmNow();
    this.#run();
    return token;
  }

  renew(): void {
    if (this.#denial !== 'none') {
      this.#denial = 'none';
      this.#failure = undefined;
      this.#failures = 0;
      this.#backoff = new Backoff(this.#clock);
    }
    this.#backoff.hurry(0);
    this.#isDue = true;
    this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#stopWaking?.();
    this.#flight?.abort(stoppedError());
    for (const { settle } of this.#waiters) settle(Promise.reject(stoppedError()));
  }

  /** Does what is due, then sets the one timer for what is due next. Every event comes through here. */
  #run(): void {
    if (this.#stopped) return;
    this.#stopWaking ??= this.#clock.onWake((reason) => this.#wake(reason));
    this.#checkExpiry();
    const flight = this.#flight;
    if (flight && flight.deadline <= this.#clock.monotonic()) {
      this.#timeouts++;
      const error = new TokenError(
        'token_unavailable',
        `No token came within ${Math.round(flight.limitMs / 100) / 10} s.`,
      );
      flight.abort(error);
      this.#fail(error, flight);
    }
    this.#serve();
    if (!this.#flight && this.#requestInMs() === 0) this.#request();
    this.#setTimer();
  }

  #checkExpiry(): void {
    if (this.#tellExpiryAt === undefined || this.#tellExpiryAt > this.#time.now()) return;
    this.#tellExpiryAt = undefined;
    // It stays so where an answer sets the server clock back.
    if (this.#heldIs !== 'rejected') this.#heldIs = 'ended';
    // Not since the token ended: that may be long ago when the machine slept.
    this.#backoff.withoutToken();
    this.#tell(this.#options.onExpired, undefined);
  }

  #setTimer(): void {
    this.#cancelTimer?.();
    if (this.#stopped) return;
    const steady = this.#clock.monotonic();
    const requestInMs = this.#flight ? this.#flight.deadline - steady : this.#requestInMs();
    const delays = requestInMs === undefined ? [] : [requestInMs];
    if (this.#tellExpiryAt !== undefined) {
      delays.push(this.#tellExpiryAt - this.#time.now(), Math.max(lookEveryMs, this.#lifeMs / 40));
    }
    for (const { deadline } of this.#waiters) delays.push(deadline - steady);
    const delay = Math.min(...delays);
    if (!Number.isFinite(delay)) return;
    this.#cancelTimer = this.#clock.setTimer(() => this.#run(), Math.max(Math.ceil(delay), 1));
  }

  /** How long to wait before the next request, in ms; `undefined` where none is wanted. */
  #requestInMs(): number | undefined {
    if (this.#stopped || this.#denial === 'final') return undefined;
    const now = this.#time.now();
    // From here on it stays due, also where an answer sets the clock back.
    if (this.#refreshAt !== undefined && this.#refreshAt <= now) this.#isDue = true;
    const pauseMs = this.#backoff.pauseMs();
    if (this.#isDue || this.#waiters.size > 0) return pauseMs;
    return this.#refreshAt === undefined ? undefined : Math.max(this.#refreshAt - now, pauseMs);
  }

  /** Settles the callers that can have the token in use, and those whose time is over. */
  #serve(justArrived = false): void {
    const { current } = this;
    const leftMs = current ? current.expiresAt - this.#time.now() : 0;
    const usualMs = this.#failure ? 0 : Math.min(this.#lifeMs / 20, 5_000);
    for (const waiter of this.#waiters) {
      const { fresh, minValidityMs = usualMs, deadline } = waiter;
      // A token that just arrived serves all who waited: tokens here do not live longer. And while the source fails, one
      // near its end is better than none.
      const isGood = justArrived || this.#held === null || (current && leftMs > minValidityMs);
      if (isGood && !(fresh && this.#heldIs === 'used')) {
        this.#heldIs = 'used';
        waiter.settle(current);
      } else if (this.#denial === 'final' || deadline <= this.#clock.monotonic()) {
        // The error of a denial that is not confirmed would say that it is final.
        waiter.settle(Promise.reject(waitError(this.#denial === 'unconfirmed' ? undefined : this.#failure)));
      }
    }
  }

  async #request(): Promise<void> {
    const reason = !this.#held ? 'join' : this.#heldIs === 'rejected' ? 'rejected' : 'refresh';
    const limitMs = requestLimit(this.#options.timeoutMs, this.#timeouts);
    const flight = new Flight(this.#clock.monotonic(), limitMs);
    const { signal } = flight;
    this.#flight = flight;
    // A function that throws at once, and one that rejects, are the same to us.
    const asked = new Promise<TokenAnswer>((resolve) => resolve(this.#fetchToken({ reason, signal })));
    try {
      this.#take(await asked, reason, flight);
    } catch (error) {
      if (!signal.aborted) this.#fail(asTokenError(error), flight);
    }
    this.#run();
  }

  /** @throws where the answer holds no token to use */
  #take(answer: TokenAnswer, reason: TokenReason, flight: Flight): void {
    flight.signal.throwIfAborted();
    const { refreshAt: window = defaultRefreshWindow, check, onToken, onClockSkew } = this.#options;
    const heldIsGood = window !== false && this.current !== undefined;
    const roundTripMs = this.#clock.monotonic() - flight.startedAt;
    const token = readAnswer(answer, this.#time, roundTripMs, this.#held, heldIsGood);
    const isSame = token !== null && token === this.#held;
    if (isSame && [...this.#waiters].some(({ fresh }) => fresh)) {
      throw new TokenError('token_malformed', 'The token source answered the token in use again.');
    }
    if (token && !isSame) check?.(token);

    const attempts = this.#failures + 1;
    if (attempts === 1) this.#flaky--;
    else this.#flaky = this.#backoff.troubleMs() < this.#lifeMs * 0.4 ? flakyFor : 0;
    this.#flight = undefined;
    this.#failures = this.#timeouts = 0;
    this.#failure = undefined;
    this.#denial = 'none';
    this.#backoff = new Backoff(this.#clock);
    this.#isDue = false;
    const leftMs = token ? token.expiresAt - this.#time.now() : Number.POSITIVE_INFINITY;
    if (!isSame) this.#hold(token, leftMs);
    this.#refreshAt = undefined;
    if (window && Number.isFinite(leftMs)) {
      const random = this.#clock.random();
      const delay = isSame
        ? askAgainDelay(leftMs, this.#lifeMs, random)
        : refreshDelay(leftMs, window, random, this.#clock.isHidden());
      this.#refreshAt = this.#time.now() + delay;
    }
    this.#serve(true);
    if (token && !isSame) this.#tell(onToken, { token, reason, attempts });

    const ms = this.#time.newSkewMs();
    if (ms !== undefined) this.#tell(onClockSkew, { ms });
  }

  #hold(token: Token | null, lifeMs: number): void {
    this.#held = token;
    this.#heldIs = 'unused';
    this.#lifeMs = lifeMs;
    this.#tellExpiryAt = Number.isFinite(lifeMs) ? token?.expiresAt : undefined;
  }

  #fail(error: TokenError, flight: Flight): void {
    const now = this.#time.now();
    this.#flight = undefined;
    this.#failure = error;
    this.#failures++;
    const isDenied = error.code === 'token_denied';
    if (isDenied)
      this.#denial = this.#held === undefined || this.#denial !== 'none' ? 'final' : 'unconfirmed';
    this.#serve();
    const { current } = this;
    this.#backoff.plan({
      lifeLeftMs: current && this.#waiters.size === 0 ? current.expiresAt - now : 0,
      lifeMs: this.#lifeMs,
      isFlaky: this.#flaky > 0,
      tookMs: this.#clock.monotonic() - flight.startedAt,
      retryAfterMs: error.retryAfterMs,
    });
    if (isDenied) this.#backoff.planConfirmation();
    // Where no request is due, a caller may have one after the pause.
    const inMs = this.#requestInMs() ?? this.#backoff.pauseMs();
    const retryAt = this.#denial === 'final' ? undefined : this.#clock.now() + inMs;
    this.#tell(this.#options.onFailure, { error, attempt: this.#failures, retryAt });
  }

  #wake(reason: WakeReason): void {
    if (reason === 'slept') {
      this.#flight?.abort(new TokenError('token_unavailable', 'The machine slept.'));
      this.#flight = undefined;
    }
    this.#timeouts = reason === 'visible' ? 0 : timeoutsAfterWake;
    // Everybody in the same network comes back at the same moment.
    this.#backoff.hurry(this.current ? 2_000 : 300);
    this.#tell(this.#options.onWake, { reason });
    this.#run();
  }

  #tell<Payload>(callback: ((payload: Payload) => void) | undefined, payload: Payload): void {
    if (!this.#stopped) callSafely(callback, payload);
  }
}
