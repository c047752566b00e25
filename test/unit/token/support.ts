import { FakeClock } from '../../../src/testing/fake-clock.ts';
import type {
  FetchToken,
  TokenAnswer,
  TokenArrival,
  TokenFailure,
  TokenReason,
  TokenRefresherOptions,
  WakeReason,
} from '../../../src/token/index.ts';
import { TokenRefresher } from '../../../src/token/index.ts';

/** A JWT whose signature nobody checks; each call makes another one. */
export function makeJwt(claims: Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signature = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${signature}`;
}

interface Request {
  /** True time since the start, ms. */
  readonly at: number;
  readonly reason: TokenReason;
  readonly signal: AbortSignal;
}

/** A token server with a right clock of its own, on a machine that never sleeps. */
export class FakeServer {
  lifeMs = 600_000;
  readonly requests: Request[] = [];
  /** What it answers; default a new token at once. */
  answer: (request: Request) => TokenAnswer | Promise<TokenAnswer> = () => this.token();
  readonly #clock: FakeClock;
  readonly #startAt: number;
  #slept = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.#startAt = clock.now();
  }

  /** True time since the start, ms. */
  get elapsed(): number {
    return this.#clock.monotonic() + this.#slept;
  }

  /** True time, ms since the epoch. */
  now(): number {
    return this.#startAt + this.elapsed;
  }

  token(claims: Record<string, unknown> = {}): string {
    const iat = Math.floor(this.now() / 1000);
    return makeJwt({ iat, exp: iat + this.lifeMs / 1000, ...claims });
  }

  readonly fetchToken: FetchToken = ({ reason, signal }) => {
    const request = { at: this.elapsed, reason, signal };
    this.requests.push(request);
    return this.answer(request);
  };

  /** The client's machine sleeps; the server does not. Monotonic time stands still, and nobody is told. */
  sleep(ms: number): void {
    this.#slept += ms;
    this.#clock.sleep(ms);
  }
}

/** A refresher under fake time, its server, and all that it said. */
export function setUp(options: TokenRefresherOptions = {}, clock: FakeClock = new FakeClock()) {
  const server = new FakeServer(clock);
  const arrivals: TokenArrival[] = [];
  const failures: TokenFailure[] = [];
  const skews: number[] = [];
  const wakes: WakeReason[] = [];
  const expiries: number[] = [];
  const refresher = new TokenRefresher(server.fetchToken, {
    clock,
    onToken: (arrival) => arrivals.push(arrival),
    onFailure: (failure) => failures.push(failure),
    onExpired: () => expiries.push(server.elapsed),
    onClockSkew: ({ ms }) => skews.push(ms),
    onWake: ({ reason }) => wakes.push(reason),
    ...options,
  });
  return { clock, server, refresher, arrivals, failures, skews, wakes, expiries };
}

/** What a promise came to, without waiting for it. */
export function watch<Value>(promise: Promise<Value>) {
  const outcome: { value?: Value; error?: unknown; settled: boolean } = { settled: false };
  promise.then(
    (value) => Object.assign(outcome, { value, settled: true }),
    (error: unknown) => Object.assign(outcome, { error, settled: true }),
  );
  return outcome;
}

/** A promise that never settles, as a request that hangs. */
export const hang = (): Promise<never> => new Promise(() => {});

export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => count * 3_600_000;
