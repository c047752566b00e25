import { describe, expect, test, vi } from 'vitest';
import { settle } from '../../../src/testing/fake-clock.ts';
import { TokenError } from '../../../src/token/index.ts';
import { hang, hours, minutes, setUp, watch } from './support.ts';

const fail = () => {
  throw new TypeError('no network');
};

describe('before anybody asks, a refresher', () => {
  test('does nothing', () => {
    const { clock, server } = setUp();
    expect([server.requests.length, clock.timerCount, clock.wakeListenerCount]).toEqual([0, 0, 0]);
  });

  test('asks once however often it is started', async () => {
    const { clock, server, refresher } = setUp();
    refresher.start();
    refresher.start();
    await clock.advance(1_000);
    refresher.start();
    await clock.advance(1_000);
    expect(server.requests).toHaveLength(1);
  });
});

describe('getToken', () => {
  test('gives the token held without a request', async () => {
    const { server, refresher } = setUp();
    const first = await refresher.getToken();
    expect(await refresher.getToken()).toBe(first);
    expect(server.requests).toHaveLength(1);
    refresher.stop();
  });

  test('starts the refreshing', async () => {
    const { clock, server, refresher } = setUp();
    await refresher.getToken();
    await clock.advance(minutes(8));
    expect(server.requests.map(({ reason }) => reason)).toEqual(['join', 'refresh']);
  });

  test('waits for another token in the last twentieth of a life, 5 s at most', async () => {
    const { clock, server, refresher } = setUp({ refreshAt: false });
    await refresher.getToken();
    await clock.advance(594_900);
    await refresher.getToken();
    expect(server.requests).toHaveLength(1);
    await clock.advance(200);
    const next = await refresher.getToken();
    expect(server.requests).toHaveLength(2);
    expect(next).toBe(refresher.current);
  });

  test('gives a token near its end rather than none while the source fails', async () => {
    const { clock, server, refresher } = setUp();
    const first = await refresher.getToken();
    server.answer = fail;
    await clock.advance(598_000);
    const token = watch(refresher.getToken());
    await settle();
    expect(token.value).toBe(first);
  });

  test('rejects with the signal that was aborted before, and asks for nothing', async () => {
    const { server, refresher } = setUp();
    await expect(refresher.getToken({ signal: AbortSignal.abort('early') })).rejects.toBe('early');
    expect(server.requests).toHaveLength(0);
  });

  test('rejects after waitMs with the newest failure, not with one from before the last token', async () => {
    const { clock, server, refresher } = setUp();
    server.answer = () => Promise.reject(new TokenError('token_unavailable', 'Long ago.'));
    refresher.start();
    await clock.advance(500);
    server.answer = () => server.token();
    await clock.advance(minutes(1));
    server.answer = hang;
    const token = watch(refresher.getToken({ fresh: true, minValidityMs: minutes(20), waitMs: 2_000 }));
    await clock.advance(2_000);
    expect(token.error).toMatchObject({
      code: 'token_unavailable',
      message: expect.stringMatching(/time given/),
    });
  });

  test('waits as long as it takes with waitMs: Infinity', async () => {
    const { clock, server, refresher } = setUp();
    server.answer = fail;
    const token = watch(refresher.getToken({ waitMs: Number.POSITIVE_INFINITY }));
    await clock.advance(hours(5));
    expect(token.settled).toBe(false);
    server.answer = () => server.token();
    await clock.advance(minutes(1));
    expect(token.value).toBe(refresher.current);
  });

  test('gives the freshest there is where tokens never live as long as wished', async () => {
    const { server, refresher } = setUp();
    expect(await refresher.getToken({ minValidityMs: hours(1) })).toBe(refresher.current);
    expect(server.requests).toHaveLength(1);
    refresher.stop();
  });

  test('leaves no listener on the signal', async () => {
    const { refresher } = setUp();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await refresher.getToken({ signal });
    expect(removed.mock.calls[0]?.[1]).toBe(added.mock.calls[0]?.[1]);
    refresher.stop();
  });
});

describe('one-time tokens', () => {
  test('are another for each who wants a fresh one, asked for one at a time', async () => {
    const { server, refresher } = setUp({ refreshAt: false });
    let open = 0;
    server.answer = async () => {
      expect(++open).toBe(1);
      await settle();
      open--;
      return `one-time-${server.requests.length}`;
    };
    refresher.start();
    const tokens = await Promise.all([1, 2, 3].map(() => refresher.getToken({ fresh: true })));
    expect(tokens.map((token) => token?.value)).toEqual(['one-time-1', 'one-time-2', 'one-time-3']);
    expect(server.requests).toHaveLength(3);
  });

  test('are not refreshed ahead of need', async () => {
    const { clock, server, refresher } = setUp({ refreshAt: false });
    await refresher.getToken({ fresh: true });
    await clock.advance(hours(1));
    expect(server.requests).toHaveLength(1);
  });

  test('are asked for again where the source answers one twice', async () => {
    const { clock, server, refresher, failures } = setUp({ refreshAt: false });
    const answers = ['first', 'first', 'second'];
    server.answer = () => answers.shift()!;
    await refresher.getToken({ fresh: true });
    const next = watch(refresher.getToken({ fresh: true }));
    await clock.advance(2_000);
    expect(next.value?.value).toBe('second');
    expect(failures).toHaveLength(1);
  });
});

describe('guests', () => {
  test('get undefined, and are not asked for again', async () => {
    const { clock, server, refresher, arrivals } = setUp();
    server.answer = () => null;
    expect(await refresher.getToken()).toBeUndefined();
    await clock.advance(hours(30));
    expect(await refresher.getToken()).toBeUndefined();
    expect([server.requests.length, arrivals.length, clock.timerCount]).toEqual([1, 0, 0]);
    refresher.stop();
  });

  test('that never got a token get one when they ask for a fresh one', async () => {
    const { server, refresher } = setUp();
    server.answer = () => null;
    await refresher.getToken();
    server.answer = () => server.token();
    expect(await refresher.getToken({ fresh: true })).toBe(refresher.current);
    refresher.stop();
  });

  test('are what remains when a token has ended and the source has no other', async () => {
    const { clock, server, refresher, failures } = setUp();
    const first = await refresher.getToken();
    server.answer = () => null;
    await clock.advance(599_000);
    expect(refresher.current).toBe(first);
    expect(failures.length).toBeGreaterThan(0);
    await clock.advance(minutes(1));
    expect(await refresher.getToken()).toBeUndefined();
    const { length } = server.requests;
    await clock.advance(hours(1));
    expect(server.requests).toHaveLength(length);
    refresher.stop();
  });
});

describe('a refused token', () => {
  test('is replaced also where the caller that reported it leaves', async () => {
    const { clock, server, refresher } = setUp();
    const rejected = await refresher.getToken();
    server.answer = fail;
    const leaver = new AbortController();
    watch(refresher.getToken({ rejected, signal: leaver.signal }));
    await settle();
    leaver.abort();
    server.answer = () => server.token();
    await clock.advance(2_000);
    expect(refresher.current).toBeDefined();
    expect(refresher.current).not.toBe(rejected);
  });

  test('is not handed out again, and a confirmed denial in its place is final', async () => {
    const { clock, server, refresher } = setUp();
    const rejected = await refresher.getToken();
    server.answer = () => Promise.reject(new TokenError('token_denied', 'No.'));
    const next = watch(refresher.getToken({ rejected, waitMs: minutes(2) }));
    expect(refresher.current).toBeUndefined();
    await clock.advance(hours(1));
    expect(next.error).toMatchObject({ code: 'token_denied' });
    expect(server.requests).toHaveLength(3);
  });

  test('is taken from the request that is under way already', async () => {
    const { clock, server, refresher } = setUp();
    const rejected = await refresher.getToken();
    server.answer = () => new Promise((resolve) => clock.setTimer(() => resolve(server.token()), 2_000));
    await clock.advance(406_000);
    expect(server.requests).toHaveLength(2);
    const next = watch(refresher.getToken({ rejected }));
    await clock.advance(2_000);
    expect(next.value).toBe(refresher.current);
    expect(server.requests).toHaveLength(2);
  });
});

describe('stop() from inside a callback', () => {
  test.each(['onToken', 'onFailure', 'onExpired', 'onClockSkew', 'onWake', 'fetchToken'] as const)(
    'ends everything: %s',
    async (name) => {
      let stop = () => {};
      let calls = 0;
      const stopOnce = () => {
        calls++;
        stop();
      };
      const { clock, server, refresher } = setUp(name === 'fetchToken' ? {} : { [name]: stopOnce });
      stop = () => refresher.stop();
      clock.step(minutes(20));
      if (name === 'fetchToken') {
        server.answer = () => {
          stopOnce();
          return hang();
        };
      }
      refresher.start();
      await clock.advance(1_000);
      server.answer = fail;
      const token = watch(refresher.getToken({ minValidityMs: minutes(30) }));
      await clock.wake('online');
      await clock.advance(minutes(15));
      expect(calls).toBe(1);
      expect([clock.timerCount, clock.wakeListenerCount]).toEqual([0, 0]);
      expect(token.settled).toBe(true);
    },
  );
});

describe('a request that ran out of time', () => {
  test('has waited already: the next one comes as long after its beginning as if it had failed at once', async () => {
    const next = async (answer: () => never | Promise<never>) => {
      const { clock, server, refresher } = setUp();
      await refresher.getToken();
      server.answer = answer;
      await clock.advance(500_000);
      refresher.stop();
      const [, first, second] = server.requests.map(({ at }) => at);
      return second! - first!;
    };
    expect(await next(hang)).toBe(await next(fail));
  });

  test('teaches how long the endpoint takes: the next refreshes wait as long from the first', async () => {
    const { clock, server, refresher, failures } = setUp();
    await refresher.getToken();
    server.answer = () => new Promise((resolve) => clock.setTimer(() => resolve(server.token()), 35_000));
    await clock.advance(minutes(60));
    expect(failures).toHaveLength(2);
    expect(refresher.current).toBeDefined();
    server.answer = () => server.token();
    await clock.advance(minutes(10));
    server.answer = hang;
    await clock.advance(minutes(10));
    expect(failures[2]?.error.message).toContain('within 10 s');
    refresher.stop();
  });

  test('is not waited for so long that the token ends before another try', async () => {
    const { clock, server, refresher, expiries } = setUp();
    clock.nextRandom = () => 0.35;
    await refresher.getToken();
    server.answer = () => (clock.monotonic() < 545_000 ? hang() : server.token());
    await clock.advance(minutes(10));
    expect(expiries).toEqual([]);
    refresher.stop();
  });
});

describe('a token that was told as expired', () => {
  test.each([
    ['the wall clock is set back', async ({ clock }: ReturnType<typeof setUp>) => clock.step(-hours(2))],
    [
      'answers put the server clock back',
      async ({ clock, server }: ReturnType<typeof setUp>) => {
        for (let answer = 0; answer < 3; answer++) await clock.advance(minutes(1));
        expect(server.requests.length).toBeGreaterThan(3);
      },
    ],
  ])('is never handed out again: %s', async (_, setBack) => {
    const all = setUp();
    const { clock, server, refresher, expiries } = all;
    const token = server.token();
    server.answer = () => ({ token, serverTime: server.now() });
    await refresher.getToken();
    // By the local clock an hour passes, and the source has nothing but that token.
    clock.step(hours(1));
    await clock.advance(20_000);
    expect(expiries).toHaveLength(1);
    await setBack(all);
    const again = watch(refresher.getToken({ waitMs: minutes(4) }));
    for (let second = 0; second < 240; second++) {
      await clock.advance(1_000);
      expect(refresher.current).toBeUndefined();
    }
    expect(again.value).toBeUndefined();
    expect(again.error).toMatchObject({ code: 'token_malformed' });
    refresher.stop();
  });
});

describe('a token that ends while the machine sleeps over a request', () => {
  test('is not handed out, though an answer with it sets the server clock back', async () => {
    const { clock, server, refresher } = setUp({ refreshAt: false });
    // A clock that is 3 s fast is believed, and the token's age says little of the time.
    clock.step(3_001);
    const token = server.token({ iat: server.now() / 1_000 - 3_600 });
    let answer = () => {};
    server.answer = () => new Promise((resolve) => (answer = () => resolve(token)));
    const first = refresher.getToken();
    answer();
    await first;
    await clock.advance(588_500);
    const again = watch(refresher.getToken({ minValidityMs: 8_600 }));
    server.sleep(13_000);
    answer();
    await settle();
    expect([again.value, refresher.current]).toEqual([undefined, undefined]);
    refresher.stop();
  });
});

describe('callbacks', () => {
  test('may ask for a token, without a second request or timer', async () => {
    let ask = () => {};
    const { clock, server, refresher } = setUp({ onExpired: () => ask(), onFailure: () => ask() });
    ask = () => void watch(refresher.getToken());
    await refresher.getToken();
    let open = 0;
    server.answer = async () => {
      expect(++open).toBe(1);
      await settle();
      open--;
      return fail();
    };
    for (let second = 0; second < 1200; second++) {
      await clock.advance(1_000);
      expect(clock.timerCount).toBe(1);
    }
  });

  test('that throw are reported and change nothing', async () => {
    const reported = vi.fn<(error: unknown) => void>();
    vi.stubGlobal('reportError', reported);
    const boom = () => {
      throw new Error('from the app');
    };
    const { clock, server, refresher } = setUp({
      onToken: boom,
      onFailure: boom,
      onExpired: boom,
      onWake: boom,
    });
    await refresher.getToken();
    server.answer = fail;
    await clock.wake('online');
    await clock.advance(minutes(11));
    server.answer = () => server.token();
    await clock.advance(minutes(1));
    expect(refresher.current).toBeDefined();
    expect(reported.mock.calls.length).toBeGreaterThan(3);
    vi.unstubAllGlobals();
  });
});

describe('the time of the server', () => {
  const setUpWithDate = () => {
    const all = setUp();
    const { server } = all;
    server.answer = () => ({ token: server.token({ iat: undefined }), serverTime: server.now() });
    return all;
  };

  test('comes from serverTime where the token has no iat', async () => {
    const { clock, server, refresher, skews } = setUpWithDate();
    clock.step(-hours(3));
    refresher.start();
    await clock.advance(hours(2));
    expect(skews).toEqual([-hours(3)]);
    expect(server.requests.length).toBeLessThan(22);
    expect(refresher.current!.expiresAt).toBeGreaterThan(server.now());
  });

  test('comes from the middle of the request', async () => {
    const { clock, server, refresher, skews } = setUp();
    server.answer = async () => {
      const serverTime = server.now();
      await new Promise<void>((resolve) => clock.setTimer(resolve, 8_000));
      return { token: 'opaque', serverTime: serverTime + 4_000, expiresIn: 60 };
    };
    refresher.start();
    await clock.advance(9_000);
    expect(skews).toEqual([]);
    expect(refresher.current!.expiresAt).toBe(server.now() - 1_000 - 4_000 + 60_000);
  });

  test('is not set back by the Date of a cached answer', async () => {
    const { clock, server, refresher, failures } = setUpWithDate();
    await refresher.getToken();
    const made = server.now();
    const cached = { token: server.token({ iat: undefined, jti: 'cached' }), serverTime: made + 500 };
    await clock.advance(minutes(5));
    server.answer = () => cached;
    await clock.advance(minutes(20));
    expect(refresher.current).toBeUndefined();
    expect(failures.every(({ error }) => error.code === 'token_malformed')).toBe(true);
  });

  test('allows for a nbf of the same second', async () => {
    const { clock, server, refresher } = setUp();
    const nbf = Math.ceil(server.now() / 1000) + 1;
    server.answer = () => ({ token: server.token({ nbf }), serverTime: server.now() });
    const token = watch(refresher.getToken());
    await settle();
    expect(token.value).toBeDefined();
    expect(clock.timerCount).toBe(1);
    refresher.stop();
  });
});

describe('hostile numbers', () => {
  test.each([
    [{ retryAfterMs: Number.NaN }, 1],
    [{ retryAfterMs: -1 }, 1],
    [{ retryAfterMs: Number.POSITIVE_INFINITY }, 600],
  ])('in a TokenError make no storm and no standstill: %j', async (options, seconds) => {
    const { clock, server, refresher } = setUp();
    server.answer = () => Promise.reject(new TokenError('token_unavailable', 'Odd.', options));
    refresher.start();
    await clock.advance(seconds * 1000 - 600);
    expect(server.requests).toHaveLength(1);
    await clock.advance(minutes(2));
    expect(server.requests.length).toBeGreaterThan(1);
    expect(server.requests.length).toBeLessThan(70);
  });
});

describe('flapping', () => {
  test.each(['online', 'visible'] as const)('%s makes no storm', async (reason) => {
    const { clock, server, refresher } = setUp();
    server.answer = fail;
    refresher.start();
    for (let turn = 0; turn < 600; turn++) {
      await clock.wake(reason);
      await clock.advance(100);
    }
    expect(server.requests.length).toBeLessThanOrEqual(120);
  });
});

describe('an answer without the time', () => {
  test('does not bring back a token that ended in sleep, when it is that token again', async () => {
    const { clock, server, refresher } = setUp();
    const ended = await refresher.getToken();
    server.answer = () => ended!.value;
    server.sleep(minutes(20));
    const token = watch(refresher.getToken({ waitMs: 1_000 }));
    await clock.advance(1_000);
    expect(refresher.current).toBeUndefined();
    expect(token.error).toMatchObject({ code: 'token_malformed' });
  });

  test('replaces no good token by one that ends before it', async () => {
    const { clock, server, refresher, failures } = setUp();
    const lives = [600, 60];
    server.answer = () => ({ token: `opaque-${lives.length}`, expiresIn: lives.shift() ?? 600 });
    const held = await refresher.getToken();
    await clock.advance(410_000);
    expect(failures.map(({ error }) => error.message)).toEqual([expect.stringMatching(/no newer token/)]);
    expect(refresher.current).toBe(held);
  });
});

describe('a refresher behind a proxy, as of Vue', () => {
  /** Wraps an object, and each object that is read from it; functions stay as they are. */
  const reactive = <Target extends object>(target: Target): Target =>
    new Proxy(target, {
      get: (object, key, receiver) => {
        const value: unknown = Reflect.get(object, key, receiver);
        return typeof value === 'object' && value !== null ? reactive(value) : value;
      },
    });

  test('works, and so do its tokens', async () => {
    const { clock, server, refresher } = setUp();
    const proxy = reactive(refresher);
    proxy.start();
    const token = reactive((await proxy.getToken())!);
    expect([token.isExpired, token.value, proxy.current?.value]).toEqual([
      false,
      refresher.current?.value,
      refresher.current?.value,
    ]);
    await clock.advance(minutes(1));
    proxy.renew();
    await settle();
    expect(server.requests).toHaveLength(2);
    proxy.stop();
    expect(clock.timerCount).toBe(0);
  });
});
