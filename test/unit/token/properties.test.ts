import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { browserClock } from '../../../src/clock.ts';
import {
  RoomSessionError,
  type Token,
  type TokenAnswer,
  TokenError,
  TokenRefresher,
  type TokenRefresherOptions,
  tokenEndpoint,
} from '../../../src/index.ts';
import { FakeClock, settle } from '../../../src/testing/fake-clock.ts';
import { FakeServer, hang, makeJwt } from './support.ts';

const second = 1_000;
const lives = fc.constantFrom(1, 5, 45, 600, 86_400, 2_592_000);

const answers = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('token'), life: lives, latencyMs: fc.nat(900) }) },
  fc.record({
    kind: fc.constantFrom('slow'),
    life: lives,
    latencyMs: fc.integer({ min: 1_000, max: 60_000 }),
  }),
  fc.record({
    kind: fc.constantFrom(
      'throws',
      'hangs',
      'same',
      'older',
      'dead',
      'future',
      'nonsense',
      'guest',
      'opaque',
    ),
  }),
  fc.record({ kind: fc.constant('retryAfter'), seconds: fc.oneof(fc.nat(700), fc.double()) }),
);

const steps = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.integer({ min: 0, max: 900_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.nat(3_000) }) },
  fc.record({ do: fc.constant('sleep'), ms: fc.nat(7_200_000) }),
  fc.record({ do: fc.constant('set clock'), ms: fc.integer({ min: -7_200_000, max: 7_200_000 }) }),
  fc.record({ do: fc.constantFrom('online', 'visible', 'slept') }),
  fc.record({ do: fc.constantFrom('go offline', 'go online', 'reject') }),
  fc.record({
    do: fc.constant('get'),
    options: fc.record({
      fresh: fc.boolean(),
      minValidityMs: fc.option(fc.nat(700_000), { nil: undefined }),
      waitMs: fc.constantFrom(0, 1_000, 30_000, Number.POSITIVE_INFINITY),
    }),
  }),
);

type Answer = { kind: string; life?: number; latencyMs?: number; seconds?: number };
type Step = { do: string; ms?: number; options?: object };

/** A refresher, the endpoint that fails it, and what must hold at each moment. */
class World {
  /** What must not be. Where it happens an exception would be taken for a failure of the endpoint's. */
  readonly problems: string[] = [];
  readonly clock = new CheckedClock(this.problems);
  readonly server = new FakeServer(this.clock);
  readonly refresher: TokenRefresher;
  open = 0;
  /** Someone said no, or the source knows guests only: nothing is to be done any more. */
  isFinal = false;
  readonly sleeps: boolean;
  readonly #script: Answer[];
  /** The newest token that arrived. */
  #last = 'undefined';

  constructor(script: Answer[], todo: readonly Step[], options: TokenRefresherOptions) {
    this.#script = script;
    this.sleeps = todo.some((step) => step.do === 'sleep');
    this.refresher = new TokenRefresher(this.server.fetchToken, { ...options, clock: this.clock });
    this.server.answer = async ({ signal }) => {
      if (++this.open > 1) this.problems.push('two requests at once');
      let closed = false;
      const close = () => {
        if (!closed) this.open--;
        closed = true;
      };
      signal.addEventListener('abort', close);
      try {
        const answer = await this.#answer(this.#script.shift() ?? { kind: 'token', life: 600, latencyMs: 0 });
        if (!signal.aborted) this.#last = (answer as { token?: string } | null)?.token ?? this.#last;
        return answer;
      } finally {
        close();
      }
    };
  }

  async #answer({ kind, life = 600, latencyMs = 0, seconds = 0 }: Answer): Promise<TokenAnswer> {
    const { server } = this;
    const answer = (claims: Record<string, unknown>) => {
      const iat = server.now() / second;
      const token = makeJwt({ iat, exp: iat + life, ...claims });
      return { token, serverTime: server.now() };
    };
    await new Promise<void>((resolve) => this.clock.setTimer(resolve, latencyMs));
    switch (kind) {
      case 'throws':
        throw new TypeError('no network');
      case 'hangs':
        return hang();
      case 'same':
        return this.#last;
      case 'older':
        return answer({ iat: server.now() / second - 3_600 });
      case 'dead':
        return answer({ exp: server.now() / second - 60 });
      case 'future':
        return answer({ nbf: server.now() / second + 60 });
      case 'nonsense':
        return { token: {}, expiresIn: Number.NaN } as unknown as TokenAnswer;
      case 'opaque':
        return { token: `opaque-${Math.random()}`, expiresIn: life, serverTime: server.now() };
      case 'guest':
        this.isFinal = true;
        return null;
      case 'retryAfter':
        throw new TokenError('token_unavailable', 'Busy.', { retryAfterMs: seconds * second });
      default:
        return answer({});
    }
  }

  async run(step: Step): Promise<void> {
    const { clock, server, refresher } = this;
    const { ms = 0 } = step;
    if (step.do === 'advance') await clock.advance(ms);
    else if (step.do === 'sleep') {
      server.sleep(ms);
    } else if (step.do === 'set clock') {
      // A clock set back hides a sleep from everybody: these scripts have one or the other.
      clock.step(this.sleeps ? Math.abs(ms) : ms);
    } else if (step.do === 'go offline') clock.online = false;
    else if (step.do === 'go online') clock.online = true;
    else if (step.do === 'reject') this.#get({ rejected: refresher.current });
    else if (step.do === 'get') this.#get(step.options ?? {});
    else await clock.wake(step.do as 'online');
    await settle();
    const waits = clock.timerCount > 0 || this.open > 0;
    const rests = refresher.current !== undefined && refresher.current.expiresAt === Number.POSITIVE_INFINITY;
    if (!waits && !rests && !this.isFinal) this.problems.push('nothing to wait for');
    expect(this.problems).toEqual([]);
  }

  #get(options: object): void {
    const { server } = this;
    this.refresher.getToken(options).then(
      (token: Token | undefined) => {
        if (!token) this.isFinal = true;
        else if (token.expiresAt <= server.now() - second) this.problems.push('a dead token');
      },
      (error: unknown) => error instanceof RoomSessionError || this.problems.push(`not typed: ${error}`),
    );
  }
}

/** Refuses delays that no timer can have. */
class CheckedClock extends FakeClock {
  readonly #problems: string[];

  constructor(problems: string[]) {
    super();
    this.#problems = problems;
  }

  override setTimer(callback: () => void, delayMs: number): () => void {
    if (!(delayMs >= 0)) this.#problems.push(`a delay of ${delayMs}`);
    return super.setTimer(callback, delayMs);
  }
}

test('whatever time and the endpoint do: one request at once, no dead token, and always something to wait for', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(answers, { maxLength: 30 }),
      fc.array(steps, { minLength: 5, maxLength: 40 }),
      fc.boolean(),
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      async (script, todo, ahead, random) => {
        const world = new World([...script], todo, ahead ? {} : { refreshAt: false });
        world.clock.nextRandom = () => random.next().value;
        world.refresher.start();
        for (const step of todo) {
          if (!ahead) world.isFinal = true;
          await world.run(step as Step);
        }
        world.refresher.stop();
        await settle();
        expect([world.problems, world.open, world.clock.wakeListenerCount]).toEqual([[], 0, 0]);
      },
    ),
    { numRuns: 500 },
  );
});

test('whatever delay is asked for, setTimeout gets one that it can hold', () => {
  const delays: number[] = [];
  vi.stubGlobal('setTimeout', (_: unknown, delay: number) => delays.push(delay));
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (delay) => {
      browserClock.setTimer(() => {}, delay);
      expect(delays.at(-1)).toBeGreaterThanOrEqual(0);
      expect(delays.at(-1)).toBeLessThanOrEqual(2 ** 31 - 1);
    }),
  );
  vi.unstubAllGlobals();
});

const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const numbers = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(0, -1, 1e308, -1e308, 1e300));
const claims = fc.record(
  { exp: fc.oneof(numbers, fc.jsonValue()), iat: fc.oneof(numbers, fc.jsonValue()), nbf: fc.jsonValue() },
  { requiredKeys: [] },
);
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
  fc.json({ maxDepth: 6 }),
  fc.string({ unit: 'grapheme' }),
  fc.nat(60_000).map(deep),
  fc.nat(300_000).map((length) => '{"token":"'.padEnd(length, 'x')),
  claims.map((some) => makeJwt(some)),
  fc
    .record({ token: fc.oneof(fc.string(), claims.map(makeJwt), fc.jsonValue()) })
    .map((some) => JSON.stringify(some)),
  fc
    .record({
      token: claims.map(makeJwt),
      expiresIn: fc.jsonValue(),
      expiresAt: numbers,
      serverTime: numbers,
    })
    .map((some) => JSON.stringify(some)),
  fc.constantFrom('', 'null', 'undefined', '{"__proto__":{"token":"x"}}', '{"token":"x","__proto__":1}'),
  fc.nat(20_000).map((depth) => `e30.${Buffer.from(deep(depth)).toString('base64url')}.x`),
);
const headers = fc.record(
  { date: fc.string(), age: fc.string(), 'retry-after': fc.oneof(fc.string(), fc.double().map(String)) },
  { requiredKeys: [] },
);

test('whatever the endpoint answers, there is a token, a guest or a typed error, at once and in few words', async () => {
  await fc.assert(
    fc.asyncProperty(bodies, fc.integer({ min: 200, max: 599 }), headers, async (body, status, head) => {
      const clean = Object.fromEntries(
        Object.entries(head).map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '')]),
      );
      const bodiless = [204, 205, 304].includes(status);
      const source = tokenEndpoint('https://example.org/token', {
        fetch: async () => new Response(bodiless ? null : body, { status, headers: clean }),
      });
      const problems: string[] = [];
      const clock = new CheckedClock(problems);
      const failures: TokenError[] = [];
      const refresher = new TokenRefresher((request) => source({ room: 'r', ...request }), {
        clock,
        onFailure: ({ error }) => failures.push(error),
      });
      const outcome = await refresher.getToken({ waitMs: 0 }).catch((error: unknown) => error);
      for (let turn = 0; turn < 50 && !refresher.current && failures.length === 0; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        if (outcome === undefined) break;
      }
      for (const error of failures) {
        expect(error).toBeInstanceOf(TokenError);
        expect(error.message.length).toBeLessThan(300);
      }
      if (refresher.current) expect(refresher.current.expiresAt).toBeGreaterThan(0);
      refresher.stop();
      expect([problems, clock.timerCount]).toEqual([[], 0]);
    }),
    { numRuns: 400 },
  );
});
