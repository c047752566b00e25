import { describe, expect, test, vi } from 'vitest';
import { RoomSessionError, type TokenAnswer, TokenError, TokenRefresher } from '../../../src/index.ts';
import { FakeClock, settle } from '../../../src/testing/index.ts';
import { fakeJwt } from '../fake-jwt.ts';
import { minutes, setUp } from './support.ts';

/** What the refresher makes of one answer: how long the token lives, in s, a guest, or the error. */
async function outcomeOf(make: (clock: FakeClock) => unknown) {
  const clock = new FakeClock();
  return new Promise<unknown>((resolve) => {
    const refresher = new TokenRefresher(() => make(clock) as TokenAnswer, {
      clock,
      onFailure: ({ error }) => end(error),
    });
    const end = (outcome: unknown) => {
      refresher.stop();
      resolve(outcome);
    };
    refresher.getToken().then(
      (token) => end(token && (token.expiresAt - clock.now()) / 1000),
      () => {},
    );
  });
}

const hour = 3_600;

describe('the life of an opaque token', () => {
  test.each([
    [300, 300],
    ['300', 300],
    [' 300 ', 300],
    [0.5, 0.5],
    ['1h', hour],
    ['15m', 900],
    ['5 minutes', 300],
    ['1 hour', hour],
    ['7d', 7 * 24 * hour],
    ['2 weeks', 14 * 24 * hour],
    ['1y', 31_557_600],
    ['1h30m', 1.5 * hour],
    ['1.5h', 1.5 * hour],
    ['1 hour, 30 min', 1.5 * hour],
    ['90 SECONDS', 90],
    ['500 ms', 0.5],
    ['60000 milliseconds', 60],
    ['PT15M', 900],
    ['PT1H30M', 1.5 * hour],
    ['P7D', 7 * 24 * hour],
    ['P1DT1H', 25 * hour],
    ['00:05:00', 300],
    ['1.00:00:30.5', 24 * hour + 30.5],
    [600_000, 600],
    ['300000', 300],
    [3_600_000, hour],
    [86_400_000, 24 * hour],
    [60_000, 60],
    [59_000, 59_000],
    [61_001, 61_001],
    [7_200, 2 * hour],
    [72_000, 20 * hour],
    [86_400, 24 * hour],
    [2_592_000, 30 * 24 * hour],
    [0, Infinity],
    [-1, Infinity],
    ['0', Infinity],
    ['-1', Infinity],
    [null, Infinity],
    [undefined, Infinity],
  ])('of expiresIn %j is %d s', async (expiresIn, life) => {
    expect(await outcomeOf(() => ({ token: 'opaque', expiresIn }))).toBeCloseTo(life, 3);
    expect(await outcomeOf(() => ({ token: 'opaque', expires_in: expiresIn }))).toBeCloseTo(life, 3);
  });

  const iso = (clock: FakeClock) => new Date(clock.now() + 300_000).toISOString();
  test.each<[string, (clock: FakeClock) => unknown]>([
    ['s', (clock) => clock.now() / 1000 + 300],
    ['s as text', (clock) => String(clock.now() / 1000 + 300)],
    ['ms', (clock) => clock.now() + 300_000],
    ['a Date', (clock) => new Date(clock.now() + 300_000)],
    ['an ISO date', iso],
    ['an ISO date with an offset', (clock) => iso(clock).replace('Z', '+00:00')],
    ['an ISO date without a zone', (clock) => iso(clock).replace('Z', '')],
    ['a date of SQL', (clock) => iso(clock).replace('T', ' ').replace('.000Z', '')],
    ['a date of PostgreSQL', (clock) => iso(clock).replace('T', ' ').replace('Z', '+00')],
    [
      'a date of PostgreSQL in another zone',
      (clock) =>
        new Date(clock.now() + 300_000 + 2 * 3_600_000).toISOString().replace('T', ' ').replace('Z', '+02'),
    ],
    ['µs', (clock) => (clock.now() + 300_000) * 1_000],
    ['ns as text', (clock) => `${clock.now() + 300_000}000000`],
    ['an HTTP date', (clock) => new Date(clock.now() + 300_000).toUTCString()],
    ['words', () => '5m'],
  ])('of expiresAt as %s is 300 s', async (_, make) => {
    expect(await outcomeOf((clock) => ({ token: 'opaque', expiresAt: make(clock) }))).toBeCloseTo(300, 0);
    expect(await outcomeOf((clock) => ({ token: 'opaque', expires_at: make(clock) }))).toBeCloseTo(300, 0);
  });

  test('of expiresAt in the year 9999 is endless for all practical purposes', async () => {
    for (const expiresAt of ['9999-12-31T23:59:59Z', 253_402_300_799_000, 253_402_300_799]) {
      expect(await outcomeOf(() => ({ token: 'opaque', expiresAt }))).toBeGreaterThan(1e9);
    }
  });

  test.each(['America/New_York', 'Asia/Tokyo', 'UTC'])(
    'of a date without a zone is right in UTC and in the local time of %s',
    async (zone) => {
      vi.stubEnv('TZ', zone);
      const inUtc = (at: number) => new Date(at).toISOString().replace('Z', '');
      const inZone = (at: number) => inUtc(at - new Date(at).getTimezoneOffset() * 60_000);
      for (const write of [inUtc, inZone]) {
        const make = (clock: FakeClock) => ({ token: 'opaque', expiresAt: write(clock.now() + 300_000) });
        expect(await outcomeOf(make)).toBe(300);
      }
      vi.unstubAllEnvs();
    },
  );

  test.each([
    ['expiresIn', 'soon', 'text'],
    ['expiresIn', '', 'text'],
    ['expiresIn', '1 month', 'text'],
    ['expiresIn', '5 m 3', 'text'],
    ['expiresIn', '1.2.3h', 'text'],
    ['expiresIn', Number.NaN, 'number'],
    ['expiresIn', true, 'boolean'],
    ['expiresIn', { minutes: 5 }, 'object'],
    ['expiresAt', 'next Tuesday', 'text'],
    ['expiresAt', new Date(Number.NaN), 'object'],
    ['expiresAt', `2030-01-01${' '.repeat(60)}`, 'text'],
  ])('of %s %j is an error that names field and form', async (field, value, form) => {
    const error = (await outcomeOf(() => ({ token: 'opaque', [field]: value }))) as TokenError;
    expect(error).toMatchObject({ code: 'token_malformed' });
    expect(error.message).toContain(`${field} in a form that is not understood (${form})`);
  });
});

describe('the life of a JWT', () => {
  const jwt = (clock: FakeClock, life = 600) =>
    fakeJwt({ iat: clock.now() / 1000, exp: clock.now() / 1000 + life });

  test.each([
    ['what is not understood does not count', 'soon', 600],
    ['a date without a zone does not count', '2030-01-01T00:00:01', 600],
    ['the shorter life counts', '5m', 300],
    ['the shorter life counts, also its own', '1h', 600],
    ['0 says nothing', 0, 600],
  ])('beside expiresIn: %s', async (_, expiresIn, life) => {
    expect(await outcomeOf((clock) => ({ token: jwt(clock), expiresIn }))).toBeCloseTo(life, 0);
  });

  test.each([
    ['1h', hour],
    ['15m', 900],
    ['5 minutes', 300],
    ['7d', 604_800],
    [3_600_000, hour],
    ['PT15M', 900],
  ])('with expiresIn %j beside it is asked for no more often than needed', async (expiresIn, life) => {
    const { clock, server, refresher } = setUp();
    server.answer = () => ({ token: server.token({ exp: server.now() / 1000 + life }), expiresIn });
    refresher.start();
    await clock.advance(150_000);
    refresher.stop();
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['exp as text', String],
    ['exp as a number', Number],
  ] as const)('%s is understood', async (_, as) => {
    const make = (clock: FakeClock) => fakeJwt({ exp: as(clock.now() / 1000 + 300) });
    expect(await outcomeOf(make)).toBeCloseTo(300, 0);
  });

  test.each(['', ' ', 'soon', '2030-01-01', null, true, {}])('exp %j is no time', async (exp) => {
    expect(await outcomeOf(() => fakeJwt({ exp }))).toBe(Infinity);
  });
});

test.each([
  ['a Response', () => new Response('{"token":"a"}'), 'the whole HTTP response'],
  [
    'an answer of axios',
    () => ({ data: { token: 'a' }, status: 200, headers: {} }),
    'the whole HTTP response',
  ],
  ['undefined', () => undefined, 'undefined instead of a token'],
  ['a number', () => 42, 'number instead of a token'],
  ['a number as the token', () => ({ token: 42 }), 'number for a token'],
  ['an object as the token', () => ({ token: {} }), 'object for a token'],
  ['no token', () => ({ room: 'standup' }), 'undefined for a token'],
  ['"undefined" as the token', () => 'undefined', '"undefined" for a token'],
])('a source that returns %s is told so', async (_, make, message) => {
  const error = (await outcomeOf(make)) as TokenError;
  expect(error.code).toBe('token_malformed');
  expect(error.message).toContain(message);
});

test.each([null, { token: null }])('%j is a guest', async (answer) => {
  expect(await outcomeOf(() => answer)).toBeUndefined();
});

describe('the time that an answer says', () => {
  const server = 1_900_000_000;
  test.each([
    ['ms', server * 1000],
    ['s', server],
    ['a date', new Date(server * 1000).toISOString()],
  ])('is understood in %s', async (_, serverTime) => {
    const { refresher, server: fake, skews } = setUp();
    fake.answer = () => ({ token: fakeJwt({ exp: server + 600 }), serverTime }) as TokenAnswer;
    await refresher.getToken();
    expect(skews).toHaveLength(1);
    expect(refresher.current?.isExpired).toBe(false);
    refresher.stop();
  });

  test.each([Number.NaN, -5, 'soon', 300, {}])('%j is no time: iat counts', async (serverTime) => {
    const { refresher, server: fake, skews } = setUp();
    fake.answer = () => ({ token: fake.token(), serverTime }) as unknown as TokenAnswer;
    await refresher.getToken();
    expect(skews).toEqual([]);
    refresher.stop();
  });
});

describe('an error of ours', () => {
  test.each(['a source', 'check'])('that is thrown by %s counts as its code says', async (who) => {
    const { clock, server, refresher, failures } = setUp({
      check: () => {
        if (who === 'check') throw new RoomSessionError('token_denied', 'Not invited.');
      },
    });
    server.answer = () => {
      if (who === 'a source') throw new RoomSessionError('token_denied', 'Not invited.');
      return server.token();
    };
    refresher.start();
    await settle();
    await clock.advance(minutes(5));
    expect(server.requests).toHaveLength(1);
    expect(failures).toMatchObject([
      { retryAt: undefined, error: { code: 'token_denied', message: 'Not invited.' } },
    ]);
    expect(failures[0]?.error).toBeInstanceOf(TokenError);
    refresher.stop();
  });
});
