import { browserClock, type Clock, type WakeReason } from '../clock.ts';
import { TokenError } from '../errors.ts';
import { callSafely } from '../report-error.ts';
import { readAnswer } from './answer.ts';
import { asTokenError } from './as-token-error.ts';
import type { Flight } from './flight.ts';
import { HeldToken } from './held-token.ts';
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
import { Trouble } from './trouble.ts';
import { serveWaiters, stoppedError, type Waiters, wait } from './waiters.ts';

/** The server clock is looked at this often while a token is in use, so that it sees each step of the wall clock. */
const lookEveryMs = 15_000;

/** What a {@link TokenRefresher} does. It lives apart, because a framework's proxy cannot reach private members. */
export class RefreshLoop {
  readonly #fetchToken: FetchToken;
  readonly #options: TokenRefresherOptions;
  readonly #clock: Clock;
  readonly #time: ServerClock;
  readonly #waiters: Waiters = new Set();
  readonly #held = new HeldToken();
  /** The next request is due now, whether a caller waits or not. */
  #isDue = false;
  /** When the next request is due, by the server's clock; `Infinity`: not before a caller asks. */
  #refreshAt = Infinity;
  /** When to tell that the token has ended, by the server's clock. */
  #tellExpiryAt = Infinity;
  /** Requests in a row that ran out of time; fewer than none after a wake. */
  #timeouts = 0;
  readonly #trouble: Trouble;
  #flight: Flight | undefined;
  #stopped = false;
  #cancelTimer: (() => void) | undefined;
  #stopWaking: (() => void) | undefined;

  constructor(fetchToken: FetchToken, options: TokenRefresherOptions) {
    this.#fetchToken = fetchToken;
    this.#options = options;
    this.#clock = options.clock ?? browserClock;
    this.#time = new ServerClock(this.#clock);
    this.#trouble = new Trouble(this.#clock);
  }

  get current(): Token | undefined {
    return this.#held.current;
  }

  start(): void {
    if (this.#held.token === undefined) this.#isDue = true;
    this.#run();
  }

  async getToken(options: GetTokenOptions): Promise<Token | undefined> {
    options.signal?.throwIfAborted();
    if (this.#stopped) throw stoppedError();
    if (options.rejected && options.rejected === this.#held.token) {
      this.#held.state = 'rejected';
      this.#isDue = true;
    }
    const token = wait(this.#waiters, options, this.#clock.monotonic(), () => this.#run());
    this.#serve();
    if (this.#waiters.size > 0) this.#trouble.confirmNow();
    this.#run();
    return token;
  }

  renew(): void {
    if (this.#trouble.denial !== 'none') this.#trouble.forget();
    this.#trouble.hurry(0);
    this.#isDue = true;
    this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#stopWaking?.();
    this.#flight?.controller.abort(stoppedError());
    for (const { settle } of this.#waiters) settle(Promise.reject(stoppedError()));
    this.#held.token = undefined;
  }

  /** Does what is due, then sets the one timer for what is due next. Every event comes through here. */
  #run(): void {
    if (this.#stopped) return;
    this.#stopWaking ??= this.#clock.onWake((reason) => this.#wake(reason));
    this.#checkExpiry();
    const flight = this.#flight;
    if (flight && flight.deadline <= this.#clock.monotonic()) {
      this.#timeouts++;
      const ms = flight.deadline - flight.startedAt;
      const error = new TokenError('token_unavailable', `No token came within ${+(ms / 1000).toFixed(1)} s.`);
      flight.controller.abort(error);
      this.#fail(error, flight);
    }
    this.#serve();
    if (!this.#flight && this.#requestInMs() === 0) this.#request();
    this.#setTimer();
  }

  #checkExpiry(): void {
    if (this.#tellExpiryAt > this.#time.now()) return;
    this.#tellExpiryAt = Infinity;
    if (this.#held.state !== 'rejected') this.#held.state = 'ended';
    // Not since the token ended: that may be long ago when the machine slept.
    this.#trouble.withoutToken();
    this.#tell(this.#options.onExpired, undefined);
  }

  #setTimer(): void {
    this.#cancelTimer?.();
    if (this.#stopped) return;
    const steady = this.#clock.monotonic();
    const delays = [this.#flight ? this.#flight.deadline - steady : this.#requestInMs()];
    if (this.#tellExpiryAt < Infinity) {
      delays.push(this.#tellExpiryAt - this.#time.now(), Math.max(lookEveryMs, this.#held.lifeMs / 40));
    }
    for (const { deadline } of this.#waiters) delays.push(deadline - steady);
    const delay = Math.min(...delays);
    if (!Number.isFinite(delay)) return;
    this.#cancelTimer = this.#clock.setTimer(() => this.#run(), Math.max(Math.ceil(delay), 1));
  }

  /** How long to wait before the next request, in ms; `Infinity` where none is wanted. */
  #requestInMs(): number {
    if (this.#stopped || this.#trouble.denial === 'final') return Infinity;
    const now = this.#time.now();
    // From here on it stays due, also where an answer sets the clock back.
    if (this.#refreshAt <= now) this.#isDue = true;
    const { pauseMs } = this.#trouble;
    return this.#isDue || this.#waiters.size > 0 ? pauseMs : Math.max(this.#refreshAt - now, pauseMs);
  }

  /** How long the token in use is still valid, in ms; 0 without one. */
  #leftMs(): number {
    return this.current ? this.current.expiresAt - this.#time.now() : 0;
  }

  #serve(justArrived = false): void {
    const { token, lifeMs, current, state } = this.#held;
    const isServed = serveWaiters(this.#waiters, {
      token: current,
      leftMs: token === null ? Infinity : this.#leftMs(),
      // Servers write whole seconds, and what is sent takes a moment.
      usualMs: Math.min(lifeMs / 20, this.#trouble.failure ? 1_000 : 5_000),
      justArrived,
      isUsed: state === 'used',
      now: this.#clock.monotonic(),
      failure: this.#trouble.failure,
      denial: this.#trouble.denial,
    });
    if (isServed) this.#held.state = 'used';
  }

  async #request(): Promise<void> {
    const reason = !this.#held.token ? 'join' : this.#held.state === 'rejected' ? 'rejected' : 'refresh';
    const limitMs = requestLimit(this.#options.timeoutMs, this.#timeouts, this.#leftMs());
    const controller = new AbortController();
    const { signal } = controller;
    const startedAt = this.#clock.monotonic();
    const flight: Flight = { startedAt, deadline: startedAt + limitMs, controller };
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
    flight.controller.signal.throwIfAborted();
    this.#checkExpiry(); // before the answer may set the clock back
    const { refreshAt: window = defaultRefreshWindow, check, onToken, onClockSkew } = this.#options;
    const heldIsGood = window !== false && this.current !== undefined;
    const roundTripMs = this.#clock.monotonic() - flight.startedAt;
    const token = readAnswer(answer, this.#time, roundTripMs, this.#held.token, heldIsGood);
    const isSame = token !== null && token === this.#held.token;
    if (isSame && [...this.#waiters].some(({ fresh }) => fresh)) {
      throw new TokenError('token_malformed', 'The token source answered the token in use again.');
    }
    if (token && !isSame) check?.(token);
    const attempts = this.#trouble.failures + 1;
    this.#trouble.end(this.#held.lifeMs);
    // A slow answer says that the next one needs as long.
    if (roundTripMs < (flight.deadline - flight.startedAt) / 2) this.#timeouts = 0;
    this.#flight = undefined;
    this.#isDue = false;
    const leftMs = token ? token.expiresAt - this.#time.now() : Infinity;
    if (!isSame) this.#held.take(token, leftMs);
    this.#tellExpiryAt = token?.expiresAt ?? Infinity;
    this.#refreshAt = Infinity;
    if (window && Number.isFinite(leftMs)) {
      const random = this.#clock.random();
      const delay = isSame
        ? askAgainDelay(leftMs, this.#held.lifeMs, random)
        : refreshDelay(leftMs, window, random, this.#clock.isHidden());
      this.#refreshAt = this.#time.now() + delay;
    }
    this.#serve(true);
    if (token && !isSame) this.#tell(onToken, { token, reason, attempts });
    const ms = this.#time.newSkewMs();
    if (ms !== undefined) this.#tell(onClockSkew, { ms });
  }

  #fail(error: TokenError, flight: Flight): void {
    this.#flight = undefined;
    this.#trouble.failure = error;
    // Some callers are content with the token in use now.
    this.#serve();
    const leftMs = this.#waiters.size === 0 ? this.#leftMs() : 0;
    const tookMs = this.#clock.monotonic() - flight.startedAt;
    this.#trouble.add(error, this.#held.token === undefined, { leftMs, lifeMs: this.#held.lifeMs, tookMs });
    // Where no request is due, a caller may have one after the pause.
    const { denial, failures: attempt, pauseMs } = this.#trouble;
    const inMs = this.#requestInMs();
    const retryAt = denial === 'final' ? undefined : this.#clock.now() + (inMs < Infinity ? inMs : pauseMs);
    this.#tell(this.#options.onFailure, { error, attempt, retryAt });
  }

  #wake(reason: WakeReason): void {
    if (reason === 'slept') {
      this.#flight?.controller.abort(new TokenError('token_unavailable', 'The machine slept.'));
      this.#flight = undefined;
    }
    this.#timeouts = reason === 'visible' ? 0 : timeoutsAfterWake;
    // Everybody in the same network comes back at the same moment.
    this.#trouble.hurry(this.current ? 2_000 : 300);
    this.#tell(this.#options.onWake, { reason });
    this.#run();
  }

  #tell<Payload>(callback: ((payload: Payload) => void) | undefined, payload: Payload): void {
    if (!this.#stopped) callSafely(callback, payload);
  }
}
