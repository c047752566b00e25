/** What no other refresher does all of: the list that this one is measured by, a test for each entry. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { RoomSession, TokenError, type TokenRequest, tokenEndpoint } from '../../../src/index.ts';
import { FakeAdapter } from '../../../src/testing/fake-adapter.ts';
import { FakeClock, settle } from '../../../src/testing/fake-clock.ts';
import { FakeServer, hang, hours, minutes, setUp, watch } from './support.ts';

describe('a token refresher', () => {
  // 1
  test.each([
    ['20 min fast', minutes(20)],
    ['20 min slow', -minutes(20)],
    ['a year slow', -hours(24 * 365)],
  ])('holds a valid token under a local clock that is %s, steps and sleeps', async (_, skew) => {
    const { clock, server, refresher } = setUp();
    clock.step(skew);
    refresher.start();
    let dead = 0;
    const look = () => {
      const { current } = refresher;
      if (!current || (current.claims['exp'] as number) * 1000 <= server.now()) dead++;
    };
    for (let second = 0; second < 3600; second += 10) {
      if (second === 900) clock.step(-minutes(45));
      await clock.advance(10_000);
      look();
    }
    server.sleep(minutes(30));
    await clock.wake('slept');
    look();
    expect(dead).toBe(0);
    expect(server.requests.length).toBeLessThan(14);
  });

  // 2
  test('gives each request a deadline, longer after each that ran out, so that a slow server wins', async () => {
    const { clock, server, refresher, failures } = setUp({ timeoutMs: 10_000 });
    server.answer = () => new Promise((resolve) => clock.setTimer(() => resolve(server.token()), 20_000));
    const token = watch(refresher.getToken({ waitMs: minutes(2) }));
    await clock.advance(10_000);
    expect(server.requests[0]?.signal.aborted).toBe(true);
    expect(failures[0]?.error.message).toContain('within 10 s');
    await clock.advance(minutes(1));
    expect(token.value).toBe(refresher.current);
    expect(server.requests).toHaveLength(3);
  });

  test('takes a deadline from a request whose body never ends', async () => {
    const { clock, server, refresher, failures } = setUp();
    const unending = new Response(new ReadableStream({ pull: hang }));
    const source = tokenEndpoint('https://example.org/token', { fetch: async () => unending });
    server.answer = ({ reason, signal }) => source({ room: 'r', reason, signal });
    refresher.start();
    await clock.advance(10_000);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.error.code).toBe('token_unavailable');
  });

  // 3
  test.each([
    ['10 min', 600_000, 360_000, 420_000],
    ['45 s', 45_000, 27_000, 31_500],
    ['2 s', 2_000, 1_200, 1_400],
    ['1 s', 1_000, 1_000, 1_000],
    ['30 days', hours(24 * 30), hours(24 * 18), hours(24 * 21)],
  ])('refreshes a token of %s within a window of its life', async (_, lifeMs, from, to) => {
    for (const random of [0, 0.5, 0.999]) {
      const { clock, server, refresher } = setUp();
      server.lifeMs = lifeMs;
      clock.nextRandom = () => random;
      refresher.start();
      await clock.advance(to);
      const [first, second] = server.requests;
      expect(first?.at).toBe(0);
      expect(second?.at).toBeCloseTo(from + (to - from) * random, -2);
    }
  });

  // 4
  test('retries as seldom near the end of the token, which others have too, as in the rest of an outage', async () => {
    const { clock, server, refresher } = setUp();
    refresher.start();
    await clock.advance(0);
    server.answer = () => {
      throw new TypeError('no network');
    };
    await clock.advance(minutes(30));
    const times = server.requests.slice(1).map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => ({ at, gap: at - times[index]! }));
    for (const [index, { at, gap }] of gaps.entries()) {
      expect(gap).toBe(index === 0 ? 74_250 : 49_500);
      expect(at).toBeGreaterThan(360_000);
    }
    expect(times.filter((at) => at < times[0]! + minutes(20)).length).toBeLessThanOrEqual(26);
    server.answer = () => server.token();
    await clock.advance(60_000);
    expect(refresher.current).toBeDefined();
  });

  test.each(['online', 'visible', 'slept'] as const)('retries soon after waking: %s', async (reason) => {
    const { clock, server, refresher } = setUp();
    server.answer = () => {
      throw new TypeError('no network');
    };
    refresher.start();
    await clock.advance(minutes(20));
    const before = server.requests.length;
    await clock.wake(reason);
    await clock.advance(1_500);
    expect(server.requests.length).toBeGreaterThan(before);
  });

  // 5
  test('sends nothing before Retry-After is over, whoever wakes it or asks', async () => {
    const { clock, server, refresher } = setUp();
    server.answer = () => {
      throw new TokenError('token_unavailable', 'busy', { status: 429, retryAfterMs: 120_000 });
    };
    refresher.start();
    await clock.advance(1_000);
    for (const reason of ['online', 'visible', 'slept'] as const) {
      await clock.wake(reason);
      watch(refresher.getToken());
      watch(refresher.getToken({ fresh: true, minValidityMs: 1e9 }));
      await clock.advance(30_000);
    }
    expect(server.requests).toHaveLength(1);
    await clock.advance(41_100);
    expect(server.requests).toHaveLength(2);
  });

  // 6
  test('asks again after a failure, never after a confirmed token_denied, and again after an unusable answer', async () => {
    const { clock, server, refresher, failures, arrivals } = setUp();
    const answers = [
      () => Promise.reject(new Error('boom')),
      () => 'undefined',
      () => server.token(),
      () => Promise.reject(new TokenError('token_denied', 'No.')),
      () => Promise.reject(new TokenError('token_denied', 'No.')),
    ];
    server.answer = () => answers.shift()!();
    const token = watch(refresher.getToken());
    await clock.advance(10_000);
    expect(token.value).toBeDefined();
    expect(failures.map(({ error }) => error.code)).toEqual(['token_unavailable', 'token_malformed']);
    expect(arrivals[0]?.attempts).toBe(3);
    await clock.advance(hours(2));
    expect(failures.at(-1)).toMatchObject({ error: { code: 'token_denied' }, retryAt: undefined });
    expect(server.requests).toHaveLength(5);
    const late = watch(refresher.getToken());
    await settle();
    expect(late.error).toMatchObject({ code: 'token_denied' });
    expect(clock.timerCount).toBe(0);
  });

  // 7
  test('hands out the good token until its own end, whatever fails meanwhile', async () => {
    const { clock, server, refresher, expiries } = setUp();
    const first = await refresher.getToken();
    const faults: (() => string | Promise<string> | null)[] = [
      () => Promise.reject(new TypeError('no network')),
      () => '<html>',
      () => server.token({ exp: 1 }),
      hang,
      () => null,
      () => Promise.reject(new TokenError('token_denied', 'No.')),
    ];
    server.answer = () => (faults.length > 1 ? faults.shift()! : faults[0]!)();
    for (let second = 0; second < 599; second++) {
      expect(refresher.current).toBe(first);
      const token = watch(refresher.getToken());
      await clock.advance(1_000);
      if (second < 594) expect(token.value).toBe(first);
    }
    await clock.advance(1_000);
    expect(refresher.current).toBeUndefined();
    expect(expiries).toHaveLength(1);
  });

  // 8
  test('sends a request that was under way across sleep again, without any page event', async () => {
    const { clock, server, refresher, wakes } = setUp();
    server.answer = hang;
    const token = watch(refresher.getToken());
    await settle();
    server.sleep(hours(1));
    server.answer = () => server.token();
    await clock.wake('slept');
    expect(server.requests[0]?.signal.aborted).toBe(true);
    expect(server.requests).toHaveLength(2);
    expect(token.value).toBe(refresher.current);
    expect(wakes).toEqual(['slept']);
  });

  // 9
  test.each([45, 90, 120, 150, 600])(
    'keeps a token of %d s valid under timers of once a minute, as far as those allow',
    async (life) => {
      const { clock, server, refresher } = setUp({}, new MinuteClock());
      clock.hidden = true;
      server.lifeMs = life * 1000;
      refresher.start();
      let valid = 0;
      for (let second = 0; second < 7200; second++) {
        await clock.advance(1_000);
        if (refresher.current) valid++;
      }
      const best = Math.min(life / 60, 1);
      expect(valid / 7200).toBeGreaterThan(best - 0.02);
      refresher.stop();
    },
  );

  // 10
  test('probes now and then while the platform says offline, and soon after it says online', async () => {
    const { clock, server, refresher } = setUp();
    clock.online = false;
    server.answer = () => {
      throw new TypeError('no network');
    };
    const token = watch(refresher.getToken({ waitMs: hours(1) }));
    await clock.advance(minutes(10));
    expect(server.requests.length).toBeGreaterThan(15);
    expect(server.requests.length).toBeLessThan(42);
    clock.online = true;
    server.answer = () => server.token();
    await clock.wake('online');
    await clock.advance(300);
    expect(token.value).toBeDefined();
  });

  // 11
  test('makes one request for all who ask, and each may leave by a signal of its own', async () => {
    const { clock, server, refresher } = setUp();
    let answer = (_: string) => {};
    server.answer = () => new Promise((resolve) => (answer = resolve));
    const leaver = new AbortController();
    const left = watch(refresher.getToken({ signal: leaver.signal }));
    const stayed = [watch(refresher.getToken()), watch(refresher.getToken({ minValidityMs: minutes(5) }))];
    leaver.abort(new Error('gone'));
    await settle();
    expect(left.error).toEqual(new Error('gone'));
    expect(server.requests[0]?.signal.aborted).toBe(false);
    answer(server.token());
    await settle();
    expect(stayed.map(({ value }) => value)).toEqual([refresher.current, refresher.current]);
    const longer = watch(refresher.getToken({ minValidityMs: minutes(9) }));
    await clock.advance(minutes(2));
    answer(server.token());
    await settle();
    expect(longer.value).toBe(stayed[0]?.value);
    expect(server.requests).toHaveLength(1);
    watch(refresher.getToken({ minValidityMs: minutes(9) }));
    await settle();
    expect(server.requests).toHaveLength(2);
  });

  test('shares a failure among all whose wait ends with it', async () => {
    const { clock, server, refresher } = setUp();
    server.answer = () => Promise.reject(new TokenError('token_unavailable', 'Busy.', { status: 503 }));
    const all = [1, 2, 3].map(() => watch(refresher.getToken({ waitMs: 1_000 })));
    await clock.advance(1_000);
    for (const { error } of all) expect(error).toMatchObject({ code: 'token_unavailable', status: 503 });
  });

  // 12
  test.each([
    ['a request under way', 100],
    ['asleep until the refresh', 5_000],
    ['between retries', 372_000],
  ])('ends for good at stop(): %s', async (_, stopAt) => {
    const { clock, server, refresher, arrivals, failures } = setUp();
    let late = (_: string) => {};
    server.answer = ({ at }) => {
      if (at === 0) return new Promise((resolve) => (late = resolve));
      throw new TypeError('no network');
    };
    clock.nextRandom = () => 0;
    refresher.start();
    if (stopAt > 100) {
      await clock.advance(1_000);
      late(server.token());
    }
    await clock.advance(stopAt - clock.monotonic());
    const waiting = watch(refresher.getToken({ fresh: true, minValidityMs: 1e9 }));
    await settle();
    const said = () => [server.requests.length, arrivals.length, failures.length];
    const before = said();
    refresher.stop();
    expect([clock.timerCount, clock.wakeListenerCount]).toEqual([0, 0]);
    if (stopAt === 100) expect(server.requests[0]?.signal.aborted).toBe(true);
    late(server.token());
    await settle();
    expect(waiting.error).toMatchObject({ name: 'RoomSessionError', code: 'invalid_state' });
    await clock.wake('online');
    await clock.advance(hours(1));
    expect(said()).toEqual(before);
    await expect(refresher.getToken()).rejects.toMatchObject({ code: 'invalid_state' });
    refresher.start();
    expect([clock.timerCount, clock.wakeListenerCount]).toEqual([0, 0]);
  });

  // 13
  test.each([
    ['an older token', (server: FakeServer) => server.token({ iat: server.now() / 1000 - 900 })],
    ['a dead token', (server: FakeServer) => server.token({ exp: server.now() / 1000 - 1 })],
  ])('takes %s in answer for a failure to retry, not for a reason to ask at once', async (_, make) => {
    const { clock, server, refresher, failures } = setUp();
    const held = await refresher.getToken();
    server.answer = () => make(server);
    await clock.advance(500_000);
    expect(server.requests.length).toBeGreaterThan(1);
    expect(server.requests.length).toBeLessThan(8);
    expect(failures[0]?.error.code).toBe('token_malformed');
    expect(refresher.current).toBe(held);
  });

  // 14
  test('hands out no token that its check refuses, or that is not valid yet', async () => {
    const check = (token: { claims: Readonly<Record<string, unknown>> }) => {
      if (token.claims['room'] === 'other') {
        throw new TokenError('token_mismatch', 'The claim room is "other", expected "mine".', {
          claim: 'room',
        });
      }
    };
    const { clock, server, refresher, failures } = setUp({ check });
    const answers = [
      () => server.token({ room: 'other' }),
      () => server.token({ nbf: server.now() / 1000 + 60 }),
      () => server.token(),
    ];
    server.answer = () => answers.shift()!();
    const token = watch(refresher.getToken({ waitMs: minutes(5) }));
    await clock.advance(minutes(2));
    expect(failures.map(({ error }) => [error.code, error.claim])).toEqual([
      ['token_mismatch', 'room'],
      ['token_mismatch', 'nbf'],
    ]);
    expect(failures[0]?.error.message).toContain('expected "mine"');
    expect(token.value).toBe(refresher.current);
  });

  // 15
  test('shows no token in logs, events, errors and JSON', async () => {
    const { clock, server, refresher, arrivals, failures } = setUp();
    const secrets: string[] = [];
    server.answer = () => {
      const token = server.token();
      secrets.push(token);
      if (secrets.length % 2 === 0) throw Object.assign(new Error(`bad token ${token}`), { body: token });
      return { token, serverUrl: 'wss://example.org' };
    };
    refresher.start();
    await clock.advance(hours(1));
    expect(failures.length).toBeGreaterThan(3);
    const output = [
      inspect([arrivals, failures, refresher], { depth: 9, showHidden: true }),
      JSON.stringify([arrivals, failures, refresher]),
      ...failures.map(({ error }) => `${error} ${error.stack} ${(error.cause as Error)?.stack}`),
      ...arrivals.map(({ token }) => `${token}`),
    ].join();
    expect(output).toContain('Token(');
    for (const secret of secrets) {
      for (let from = 0; from + 20 <= secret.length; from++) {
        expect(output).not.toContain(secret.slice(from, from + 20));
      }
    }
  });

  // 16
  test('tells of tokens, failures, expiry, clock skew and waking', async () => {
    const { clock, server, refresher, arrivals, failures, expiries, skews, wakes } = setUp();
    clock.step(minutes(20));
    refresher.start();
    await clock.advance(0);
    expect(arrivals[0]).toMatchObject({ reason: 'join', attempts: 1 });
    expect(skews).toEqual([minutes(20)]);
    server.answer = () => {
      throw new TypeError('no network');
    };
    await clock.advance(minutes(12));
    expect(expiries).toEqual([600_000]);
    const { attempt, retryAt, error } = failures.at(-1)!;
    expect([attempt, error.code]).toEqual([failures.length, 'token_unavailable']);
    expect(retryAt! - clock.now()).toBeGreaterThan(0);
    const before = server.requests.length;
    await clock.advance(Math.ceil(retryAt! - clock.now()));
    expect(server.requests.length).toBe(before + 1);
    server.answer = () => server.token();
    await clock.wake('online');
    await clock.advance(1_000);
    expect(wakes).toEqual(['online']);
    expect(arrivals.at(-1)).toMatchObject({ reason: 'refresh', attempts: failures.length + 1 });
    expect(skews).toHaveLength(1);
  });

  // 17
  test.each([
    ['a bare JWT', (jwt: string) => jwt, 600],
    ['an object with a JWT', (jwt: string) => ({ token: jwt }), 600],
    ['an opaque token', () => 'opaque-one-time', Number.POSITIVE_INFINITY],
    ['an opaque token with expiresIn', () => ({ token: 'opaque', expiresIn: 120 }), 120],
    ['expiresIn as text', () => ({ token: 'opaque', expiresIn: '120' as unknown as number }), 120],
    ['a JWT that ends before expiresIn does', (jwt: string) => ({ token: jwt, expiresIn: 9_999 }), 600],
    ['expiresAt', () => ({ token: 'opaque', expiresAt: Date.UTC(2030, 0, 1) / 1000 + 50 }), 50],
  ])('understands %s', async (_, make, life) => {
    const { clock, server, refresher } = setUp();
    server.answer = () => make(server.token());
    const token = await refresher.getToken();
    expect((token!.expiresAt - clock.now()) / 1000).toBeCloseTo(life);
    refresher.stop();
  });

  // 18: tested with a server in endpoint.test.ts, and here for what is asked of each request.
  test('asks its providers for each request anew', async () => {
    const { clock, server, refresher } = setUp();
    const seen: string[] = [];
    let count = 0;
    const source = tokenEndpoint(() => `https://example.org/token/${++count}`, {
      headers: () => ({ authorization: `Bearer login-${count}` }),
      params: async () => ({ count: `${count}` }),
      body: ({ room }: TokenRequest) => ({ room, count }),
      fetch: async (url, init) => {
        const auth = new Headers(init?.headers).get('authorization');
        seen.push(`${url} ${auth} ${init?.body}`);
        return new Response(server.token());
      },
    });
    server.answer = ({ reason, signal }) => source({ room: 'r', reason, signal });
    refresher.start();
    await clock.advance(minutes(8));
    expect(seen).toEqual([
      'https://example.org/token/1?count=1 Bearer login-1 {"room":"r","count":1}',
      'https://example.org/token/2?count=2 Bearer login-2 {"room":"r","count":2}',
    ]);
  });

  // 19
  test("brings each fresh token to the session's adapter", async () => {
    const clock = new FakeClock();
    const server = new FakeServer(clock);
    const adapter = new FakeAdapter();
    const session = new RoomSession({ adapter, clock, tokenSource: server.fetchToken });
    await session.join('standup');
    await clock.advance(minutes(20));
    expect(new Set(adapter.tokens.map((token) => token?.value)).size).toBeGreaterThanOrEqual(3);
    expect(adapter.tokens.at(-1)!.expiresAt).toBeGreaterThan(server.now());
    await session.leave();
  });

  // 20
  test('answers 20 refusals of one token with one request, and those of a former one with none', async () => {
    const { server, refresher } = setUp();
    const rejected = await refresher.getToken();
    const all = await Promise.all(Array.from({ length: 20 }, () => refresher.getToken({ rejected })));
    expect(server.requests.map(({ reason }) => reason)).toEqual(['join', 'rejected']);
    expect(new Set(all).size).toBe(1);
    expect(all[0]).not.toBe(rejected);
    expect(await refresher.getToken({ rejected })).toBe(all[0]);
    expect(server.requests).toHaveLength(2);
    refresher.stop();
  });

  // 21
  test('takes time, timers, waking, network state and chance from its clock, and from nowhere else', async () => {
    const used = new Set<string>();
    const clock = new Proxy(new FakeClock(), {
      get: (target, name: keyof FakeClock) => {
        used.add(name);
        const value: unknown = target[name];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const { server, refresher } = setUp({}, clock);
    refresher.start();
    await settle();
    server.answer = () => {
      throw new Error('fails');
    };
    watch(refresher.getToken({ fresh: true, minValidityMs: minutes(20) }));
    await settle();
    refresher.stop();
    expect([...used].sort()).toEqual([
      'isHidden',
      'isOnline',
      'monotonic',
      'now',
      'onWake',
      'random',
      'setTimer',
    ]);
  });
});

/** A page hidden for long: its timers come once a minute, all together. */
class MinuteClock extends FakeClock {
  override setTimer(callback: () => void, delayMs: number): () => void {
    const due = this.monotonic() + delayMs;
    return super.setTimer(callback, Math.ceil(due / 60_000) * 60_000 - this.monotonic());
  }
}
