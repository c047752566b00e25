import { describe, expect, test } from 'vitest';
import { TokenError } from '../../../src/token/index.ts';
import { hang, minutes, setUp, watch } from './support.ts';

const fail = () => Promise.reject(new TypeError('no network'));

/** The requests of a server, and the time between them. */
const times = ({ requests }: { requests: readonly { at: number }[] }) => requests.map(({ at }) => at);
const gaps = (all: number[]) => all.slice(1).map((at, index) => at - all[index]!);

describe('a pause', () => {
  test('after Retry-After is up to a tenth longer, at random', async () => {
    const { clock, server, refresher } = setUp();
    clock.nextRandom = () => 0.999;
    server.answer = () =>
      Promise.reject(new TokenError('token_unavailable', 'Busy.', { retryAfterMs: 120_000 }));
    refresher.start();
    await clock.advance(131_900);
    expect(server.requests).toHaveLength(1);
    await clock.advance(200);
    expect(server.requests).toHaveLength(2);
  });

  test('after a long Retry-After is 20 s longer at most', async () => {
    const { clock, server, refresher } = setUp();
    clock.nextRandom = () => 0.999;
    server.answer = () =>
      Promise.reject(new TokenError('token_unavailable', 'Busy.', { retryAfterMs: 600_000 }));
    refresher.start();
    await clock.advance(619_000);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1_100);
    expect(server.requests).toHaveLength(2);
  });

  test.each([601_000, minutes(60), 9e99, Number.POSITIVE_INFINITY])(
    'after a Retry-After of %d ms ends two minutes after the token',
    async (retryAfterMs) => {
      const { clock, server, refresher, failures } = setUp();
      clock.nextRandom = () => 0;
      await refresher.getToken();
      server.answer = () => Promise.reject(new TokenError('token_unavailable', 'Busy.', { retryAfterMs }));
      await clock.advance(minutes(6));
      expect(failures.map(({ retryAt }) => retryAt! - clock.now())).toEqual([minutes(6)]);
      await clock.advance(minutes(6) - 1_000);
      expect(server.requests).toHaveLength(2);
      await clock.advance(2_000);
      expect(server.requests).toHaveLength(3);
      // Without a token, two minutes from now.
      expect(failures[1]!.retryAt! - clock.now()).toBeLessThanOrEqual(minutes(2));
      refresher.stop();
    },
  );

  test('in a long outage is 0.0825 of a life, and not random', async () => {
    const { clock, server, refresher } = setUp();
    server.lifeMs = 300_000;
    await refresher.getToken();
    server.answer = fail;
    await clock.advance(minutes(20));
    expect(gaps(times(server)).slice(-5)).toEqual([24_750, 24_750, 24_750, 24_750, 24_750]);
  });

  test('is up to twice as long the first time, so that a herd whose refreshes met an outage is spread evenly', async () => {
    const firstPause = async (random: number) => {
      const { clock, server, refresher } = setUp();
      await refresher.getToken();
      server.answer = fail;
      clock.nextRandom = () => random;
      await clock.advance(minutes(10));
      return gaps(times(server)).slice(1, 3);
    };
    expect(await firstPause(0)).toEqual([49_500, 49_500]);
    expect(await firstPause(0.5)).toEqual([74_250, 49_500]);
  });

  test('is random once after a wake, so that those who woke together part', async () => {
    const firstPause = async (random: number) => {
      const { clock, server, refresher } = setUp();
      await refresher.getToken();
      await clock.advance(minutes(5));
      server.answer = fail;
      clock.nextRandom = () => random;
      await clock.wake('online');
      refresher.renew();
      await clock.advance(minutes(3));
      return gaps(times(server)).slice(1, 3);
    };
    expect(await firstPause(0.5)).toEqual([24_750, 49_500]);
    expect(await firstPause(0.75)).toEqual([37_125, 49_500]);
  });

  test('is short again after a success, whatever was before', async () => {
    const { clock, server, refresher } = setUp();
    server.answer = fail;
    refresher.start();
    await clock.advance(minutes(5));
    server.answer = () => server.token();
    await clock.advance(minutes(1));
    const before = server.requests.length;
    server.answer = fail;
    watch(refresher.getToken({ rejected: refresher.current }));
    await clock.advance(2_000);
    expect(server.requests).toHaveLength(before + 3);
  });

  test('is short again after a wake, for what failed before says nothing', async () => {
    const { clock, server, refresher } = setUp();
    server.answer = fail;
    refresher.start();
    await clock.advance(minutes(20));
    const before = server.requests.length;
    await clock.wake('online');
    await clock.advance(4_000);
    expect(server.requests.length).toBeGreaterThanOrEqual(before + 4);
  });

  test('is as long as before where the wall clock is set back after sleep', async () => {
    const { clock, server, refresher } = setUp();
    await refresher.getToken();
    server.sleep(minutes(60));
    server.answer = fail;
    await clock.wake('slept');
    await clock.advance(1_000);
    clock.step(-minutes(30));
    server.answer = () => server.token();
    await clock.advance(3_000);
    expect(refresher.current?.expiresAt).toBeGreaterThan(server.now());
  });
});

describe('after a wake', () => {
  test.each([
    ['within 2 s while a token is good', false, 1_900, 2_100],
    ['within 300 ms without a token', true, 250, 350],
  ])('the next request goes out %s, at random', async (_, isRejected, early, late) => {
    const { clock, server, refresher } = setUp();
    clock.nextRandom = () => 0.999;
    const rejected = await refresher.getToken();
    server.answer = fail;
    await clock.advance(minutes(8));
    if (isRejected) watch(refresher.getToken({ rejected, waitMs: minutes(9) }));
    await clock.advance(minutes(1.5));
    const pause = 48_000;
    const since = clock.monotonic() - server.requests.at(-1)!.at;
    await clock.advance(since > pause - 5_000 ? 10_000 : 2_000);
    const before = server.requests.length;
    await clock.wake('visible');
    await clock.advance(early);
    expect(server.requests).toHaveLength(before);
    await clock.advance(late - early);
    expect(server.requests).toHaveLength(before + 1);
  });

  test.each([
    ['online', 1_458],
    ['slept', 1_458],
    ['visible', 10_000],
  ] as const)('a request is not waited for as long as before it: %s', async (reason, limitMs) => {
    const { clock, server, refresher } = setUp();
    server.answer = hang;
    refresher.start();
    await clock.advance(20_000);
    server.answer = fail;
    await clock.advance(60_000);
    server.answer = hang;
    await clock.wake(reason);
    const before = server.requests.length;
    while (server.requests.length === before) await clock.advance(100);
    const { at, signal } = server.requests.at(-1)!;
    await clock.advance(at + limitMs - 100 - clock.monotonic());
    expect(signal.aborted).toBe(false);
    await clock.advance(200);
    expect(signal.aborted).toBe(true);
  });
});

describe('a slow endpoint', () => {
  test('that takes 35 s is waited for in the end', async () => {
    const { clock, server, refresher } = setUp();
    await refresher.getToken();
    server.answer = async () => {
      await new Promise<void>((resolve) => clock.setTimer(resolve, 35_000));
      return server.token();
    };
    for (let second = 0; second < 7_200; second++) {
      await clock.advance(1_000);
      expect(refresher.current).toBeDefined();
    }
  });

  test('is taken to have answered 5 s ago at most', async () => {
    const { clock, server, refresher } = setUp({ timeoutMs: 30_000 });
    server.answer = async () => {
      await new Promise<void>((resolve) => clock.setTimer(resolve, 20_000));
      return { token: 'opaque', expiresIn: 60 };
    };
    refresher.start();
    await clock.advance(20_000);
    expect(refresher.current!.expiresAt).toBe(clock.now() - 5_000 + 60_000);
  });
});
