/**
 * The backend keeps a token for some minutes (Redis, a CDN in front of it, one per user), or renders it into the
 * page, and the person joins later. Where no `Date` can be read (another origin's default; any source of one's own) its
 * `iat` is taken for now: a clock that is right is called minutes fast, and the token is handed out after its end.
 */
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../src/testing/index.ts';
import { type TokenAnswer, TokenRefresher } from '../../../src/token/index.ts';
import { fakeJwt } from '../fake-jwt.ts';
import { minutes, setUp, watch } from './support.ts';

const lifeS = 600;

/** The longest time that a token was handed out after its end, in s; the local clock is right. */
async function worst(answer: (nowS: number, n: number) => TokenAnswer, hours = 1) {
  const clock = new FakeClock();
  let n = 0;
  const skews: number[] = [];
  const refresher = new TokenRefresher(() => answer(clock.now() / 1000, n++), {
    clock,
    onClockSkew: ({ ms }) => skews.push(ms / 1000),
  });
  refresher.start();
  let lateS = 0;
  for (let second = 0; second < hours * 3600; second++) {
    await clock.advance(1_000);
    const exp = Number(refresher.current?.claims['exp']);
    lateS = Math.max(lateS, clock.now() / 1000 - exp || 0);
  }
  refresher.stop();
  return { lateS: Math.round(lateS), skews: skews.slice(0, 2) };
}

test('a backend that hands out each token for its first 9 minutes; this one comes 8 minutes old', async () => {
  const result = await worst((nowS) => {
    const iat = Math.floor((nowS + 480) / 540) * 540 - 480;
    return fakeJwt({ iat, exp: iat + lifeS, room: 'standup' });
  });
  expect(result).toEqual({ lateS: 0, skews: [] });
});

test('a token that the page was rendered with 8 minutes ago, then fresh ones', async () => {
  const result = await worst((nowS, n) => {
    const iat = n === 0 ? nowS - 480 : nowS;
    return fakeJwt({ iat, exp: iat + lifeS, jti: n });
  });
  expect(result).toEqual({ lateS: 0, skews: [] });
});

test('a JWT without iat beside the life of something else (the login’s cookie: a day)', async () => {
  const result = await worst((nowS, n) => ({
    token: fakeJwt({ exp: nowS + lifeS, jti: n }),
    expiresIn: 86_400,
  }));
  expect(result.lateS).toBe(0);
});

test('a token from a cache with the Date of that cache, 8 minutes old, then fresh ones', async () => {
  const result = await worst((nowS, n) => {
    const madeS = n === 0 ? nowS - 480 : nowS;
    const token = fakeJwt({ iat: madeS, exp: madeS + lifeS, jti: n });
    return { token, serverTime: madeS * 1000 };
  });
  expect(result).toEqual({ lateS: 0, skews: [] });
});

test('a token that lives by the local clock and a Date that is minutes old, again and again', async () => {
  const result = await worst((nowS, n) => {
    const madeS = nowS - 60 * (n % 5);
    return { token: fakeJwt({ iat: madeS, exp: madeS + lifeS, jti: n }), serverTime: madeS * 1000 };
  });
  expect(result).toEqual({ lateS: 0, skews: [] });
});

describe('a clock that is wrong', () => {
  test.each([
    ['fast by more than a life, without a Date', minutes(20), false],
    ['slow, without a Date', -minutes(3), false],
    ['fast by less than a life, with a Date, at the second answer', minutes(4), true],
  ])('is still found: %s', async (_, ms, hasDate) => {
    const { clock, server, refresher, skews } = setUp();
    clock.step(ms);
    server.answer = () =>
      hasDate ? { token: server.token(), serverTime: server.now() } : { token: server.token() };
    refresher.start();
    await clock.advance(minutes(8));
    expect(skews.map((skew) => Math.round(skew / 10_000) * 10_000)).toEqual([ms]);
    expect(refresher.current!.expiresAt).toBeGreaterThan(server.now());
    refresher.stop();
  });
});

describe('a backend that answers the same token until its end', () => {
  test('is asked a few times, and nothing is told of it', async () => {
    const { clock, server, refresher, failures, arrivals } = setUp();
    let kept = server.token();
    let endsAt = 600_000;
    server.answer = ({ at }) => {
      if (at < endsAt) return { token: kept, serverTime: server.now() };
      kept = server.token();
      endsAt = at + 600_000;
      return { token: kept, serverTime: server.now() };
    };
    refresher.start();
    let withoutS = 0;
    for (let second = 0; second < 3_600; second++) {
      await clock.advance(1_000);
      if (!refresher.current) withoutS++;
    }
    expect(failures).toEqual([]);
    expect(arrivals).toHaveLength(6);
    expect(server.requests.length).toBeLessThan(31);
    expect(withoutS).toBeLessThan(6 * 4);
    refresher.stop();
  });

  test('has no fresh token for a caller that wants one, which is a failure', async () => {
    const { clock, server, refresher, failures } = setUp();
    const first = await refresher.getToken();
    server.answer = () => first!.value;
    const fresh = watch(refresher.getToken({ fresh: true, waitMs: 5_000 }));
    await clock.advance(5_000);
    expect(fresh.error).toMatchObject({ code: 'token_malformed' });
    expect(failures.length).toBeGreaterThan(1);
    expect(failures.length).toBeLessThan(8);
    refresher.stop();
  });
});

test.each([true, false])(
  'a server clock that is put right by an hour costs two answers (Date: %s)',
  async (hasDate) => {
    const { clock, server, refresher, arrivals, failures } = setUp();
    let aheadMs = minutes(60);
    server.answer = () => {
      const iat = (server.now() + aheadMs) / 1000;
      const token = server.token({ iat, exp: iat + 600 });
      return hasDate ? { token, serverTime: server.now() + aheadMs } : { token };
    };
    refresher.start();
    await clock.advance(minutes(5));
    aheadMs = 0;
    await clock.advance(minutes(4));
    expect(failures).toHaveLength(1);
    expect(arrivals).toHaveLength(2);
    expect(refresher.current).toBeDefined();
    refresher.stop();
  },
);
