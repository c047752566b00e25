// @vitest-environment node
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type TokenAnswer, TokenError, tokenEndpoint } from '../../src/index.ts';
import { settle } from '../../src/testing/index.ts';
import { fakeJwt } from './fake-jwt.ts';
import { collectReports, expectNothingLeft, never, outcome, setUp } from './session-stage.ts';

const at = Date.UTC(2030, 0, 1) / 1000;
const otherRoom = fakeJwt({ room: 'retro', iat: at, exp: at + 100 });
const expired = fakeJwt({ iat: at - 200, exp: at - 100 });

type Answer = () => Response | Promise<Response>;
const status = (code: number, headers?: HeadersInit): Answer => {
  return () => new Response('{"error":"no"}', { status: code, headers: headers ?? {} });
};
/** Without a Date header nothing but the token's own `iat` tells the server's time. */
const headers = { date: new Date(at * 1000).toUTCString() };
const body =
  (text: string): Answer =>
  () =>
    new Response(text, { headers });

/** What an endpoint answers, the error's code, more of the error, and how soon the join rejects, in ms. */
const answers: [what: string, Answer, code: string, more: object, withinMs: number][] = [
  ['401', status(401), 'token_denied', { status: 401 }, 0],
  ['403', status(403), 'token_denied', { status: 403 }, 0],
  ['404', status(404), 'token_unavailable', { status: 404 }, 10_000],
  ['429', status(429, { 'retry-after': '5' }), 'token_unavailable', { status: 429 }, 30_000],
  ['500', status(500), 'token_unavailable', { status: 500 }, 30_000],
  ['HTML', body('<!doctype html><title>Log in</title>'), 'token_malformed', {}, 10_000],
  ['an empty body', body(''), 'token_malformed', {}, 10_000],
  ['"undefined"', body('undefined'), 'token_malformed', {}, 10_000],
  ['"undefined" as JSON', body('"undefined"'), 'token_malformed', {}, 10_000],
  ['JSON without a token', body('{"room":"standup"}'), 'token_malformed', {}, 10_000],
  [
    'a token for another room',
    body(JSON.stringify({ token: otherRoom })),
    'token_mismatch',
    { claim: 'room' },
    0,
  ],
  ['an expired token', body(JSON.stringify({ token: expired })), 'token_malformed', {}, 10_000],
  [
    'nothing, without a network',
    () => Promise.reject(new TypeError('Failed to fetch')),
    'token_unavailable',
    {},
    30_000,
  ],
];

describe('an endpoint that answers', () => {
  test.each(answers)(
    '%s rejects the join and leaves nothing half-open',
    async (_what, answer, code, more, within) => {
      const tokenSource = tokenEndpoint('https://app.example.org/token', { fetch: async () => answer() });
      const stage = setUp({ tokenSource });
      let reached = false;
      stage.adapter.onConnect = () => {
        reached = true;
      };
      Object.assign(stage.adapter, {
        checkToken: ({ claims }: { claims: Record<string, unknown> }, { room }: { room: string }) => {
          if (claims['room'] === undefined || claims['room'] === room) return;
          throw new TokenError('token_mismatch', 'The token is for another room.', { claim: 'room' });
        },
      });
      const join = outcome(stage.session.join('standup'));
      if (within === 30_000) {
        // Time may heal it: asked again until the join runs out of time.
        await stage.clock.advance(29_999);
        expect(join.done).toBe(false);
        await stage.clock.advance(1);
      } else await stage.clock.advance(within);
      expect(join.error).toBeInstanceOf(TokenError);
      expect(join.error).toMatchObject({ code, ...more });
      expect(reached).toBe(false);
      expect(stage.adapter.attempts).toEqual([]);
      expect(stage.states()).toEqual(['connecting', 'disconnected']);
      expectNothingLeft(stage);
      const told = stage.events.length;
      await stage.clock.advance(600_000);
      expect(stage.events).toHaveLength(told);
    },
  );

  test.each([
    ['404', status(404), 3],
    ['HTML', body('<p>'), 3],
  ])('%s is asked three times during a join, and no more', async (_what, answer, times) => {
    let calls = 0;
    const fetch = async () => {
      calls++;
      return answer();
    };
    const stage = setUp({ tokenSource: tokenEndpoint('https://app.example.org/token', { fetch }) });
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(29_000);
    expect(join.done).toBe(true);
    expect(calls).toBe(times);
  });

  test('three odd answers are three of that kind: a network that fails before them does not count', async () => {
    let calls = 0;
    const fetch = async () => {
      if (++calls <= 2) throw new TypeError('Failed to fetch');
      return calls === 3 ? status(404)() : new Response(stage.issue(), { headers });
    };
    const stage = setUp({ tokenSource: tokenEndpoint('https://app.example.org/token', { fetch }) });
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(29_000);
    expect(join).toEqual({ done: true });
    expect(calls).toBe(4);
  });

  test.each([408, 425, 429])('%i is asked again until the join timeout', async (code) => {
    let calls = 0;
    const fetch = async () => {
      calls++;
      return status(code)();
    };
    const stage = setUp({ tokenSource: tokenEndpoint('https://app.example.org/token', { fetch }) });
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(29_999);
    expect(join.done).toBe(false);
    expect(calls).toBeGreaterThan(3);
    await stage.clock.advance(1);
    expect(join.error).toMatchObject({ code: 'token_unavailable', status: code });
  });

  test('a failing refresh is not why a join with a good token runs out of time', async () => {
    const stage = setUp({
      joinTimeoutMs: 90_000,
      tokenSource: ({ reason }) => {
        if (reason === 'join') return stage.issue();
        throw new Error('down');
      },
    });
    stage.adapter.onConnect = (attempt) => attempt.setDeadline(undefined);
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(90_000);
    expect(stage.named('tokenRefreshFailed').length).toBeGreaterThan(0);
    expect(join.error).toMatchObject({ code: 'connect_timeout' });
  });

  test.each([
    ['404', status(404)],
    ['HTML', body('<p>')],
  ])('%s twice and a token then lets the join succeed', async (_what, answer) => {
    let calls = 0;
    const stage = setUp({
      tokenSource: tokenEndpoint('https://app.example.org/token', {
        fetch: async () => (++calls <= 2 ? answer() : Response.json({ token: stage.issue() })),
      }),
    });
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(10_000);
    expect(join).toEqual({ done: true });
  });

  test('an error first and a token then lets the join succeed', async () => {
    let calls = 0;
    const stage = setUp({
      tokenSource: tokenEndpoint('https://app.example.org/token', {
        fetch: async () =>
          ++calls === 1 ? new Response('', { status: 503 }) : Response.json({ token: stage.issue() }),
      }),
    });
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(5_000);
    expect(join).toEqual({ done: true });
    expect(stage.named('tokenRefreshFailed')).toMatchObject([
      { attempt: 1, final: false, error: { status: 503 } },
    ]);
    expect(stage.named('tokenRefreshed')).toMatchObject([{ reason: 'join', attempts: 2 }]);
  });
});

describe('while in the room', () => {
  test('tells that the machine woke, and nothing of it after leaving', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    await stage.clock.wake('slept');
    expect(stage.named('woke')).toEqual([{ reason: 'slept' }]);
    await stage.session.leave();
    await stage.clock.wake('online');
    expect(stage.named('woke')).toHaveLength(1);
    expectNothingLeft(stage);
  });

  test('each refresh is handed to the attempt and told', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    await stage.clock.advance(250_000);
    expect(stage.issued.length).toBeGreaterThanOrEqual(4);
    const got = stage.adapter.tokens.map((token) => token?.value);
    for (const token of stage.issued) expect(got).toContain(token);
    expect(stage.named('tokenRefreshed').map(({ reason }) => reason)).toEqual([
      'join',
      ...stage.issued.slice(1).map(() => 'refresh'),
    ]);
    expect(stage.named('tokenExpired')).toEqual([]);
    await stage.session.leave();
    expectNothingLeft(stage);
  });

  test('an adapter without a token listener gets a valid token at the next attempt all the same', async () => {
    const stage = setUp();
    stage.adapter.onConnect = (attempt) => {
      attempt.onToken(() => {});
      attempt.connected('connected');
    };
    await stage.session.join('standup');
    await stage.clock.advance(100_000);
    expect(stage.issued.length).toBeGreaterThan(1);
    stage.adapter.drop();
    await stage.clock.advance(300);
    expect(stage.adapter.tokens.at(-1)?.value).toBe(stage.issued.at(-1));
  });

  test('a token listener that throws is reported, never felt', async () => {
    const reports = collectReports();
    const stage = setUp();
    const error = new Error('broken');
    stage.adapter.onConnect = (attempt) => {
      attempt.onToken(() => {
        throw error;
      });
      attempt.connected('connected');
    };
    await stage.session.join('standup');
    await stage.clock.advance(100_000);
    expect(stage.session.state).toBe('connected');
    expect(new Set(reports)).toEqual(new Set([error]));
  });

  test('a rejection in the middle of an attempt asks for another token once', async () => {
    const stage = setUp();
    stage.adapter.onConnect = async (attempt) => {
      const { token: rejected, getToken } = attempt;
      const [one, two] = await Promise.all([getToken({ rejected }), getToken({ rejected })]);
      expect(one).toBe(two);
      expect(one).not.toBe(rejected);
      attempt.connected('connected');
    };
    await stage.session.join('standup');
    expect(stage.issued).toHaveLength(2);
    expect(stage.named('tokenRefreshed').map(({ reason }) => reason)).toEqual(['join', 'rejected']);
  });

  test('a 403 at a refresh is final when it is confirmed, and the room goes on', async () => {
    let allowed = true;
    const stage = setUp({
      tokenSource: () => {
        if (!allowed) throw new TokenError('token_denied', 'no more', { status: 403 });
        return stage.issue();
      },
    });
    await stage.session.join('standup');
    allowed = false;
    await stage.clock.advance(300_000);
    expect(stage.session.state).toBe('connected');
    expect(stage.named('tokenRefreshFailed')).toMatchObject([
      { final: false, attempt: 1, error: { code: 'token_denied', status: 403 } },
      { final: true, retryAt: undefined, attempt: 2, error: { code: 'token_denied', status: 403 } },
    ]);
    expect(stage.named('tokenExpired')).toEqual([{ room: 'standup' }]);
    expect(stage.adapter.attempt.signal.aborted).toBe(false);
    await stage.session.leave();
    expectNothingLeft(stage);
  });

  test('renew() asks for a token again after a final denial, for a person who logged in again', async () => {
    let allowed = true;
    const stage = setUp({
      tokenSource: () => {
        if (!allowed) throw new TokenError('token_denied', 'no more', { status: 401 });
        return stage.issue();
      },
    });
    stage.session.renew();
    await stage.session.join('standup');
    allowed = false;
    await stage.clock.advance(300_000);
    expect(stage.named('tokenRefreshFailed').at(-1)).toMatchObject({ final: true });
    const { length } = stage.issued;
    allowed = true;
    stage.session.renew();
    await stage.clock.advance(0);
    expect(stage.session.state).toBe('connected');
    expect(stage.issued).toHaveLength(length + 1);
    expect(stage.named('tokenRefreshed').at(-1)).toMatchObject({ reason: 'refresh' });
    await stage.session.leave();
    stage.session.renew();
    expectNothingLeft(stage);
  });

  test('a failing refresh is told with when it is tried again, and the room goes on', async () => {
    let up = true;
    const stage = setUp({
      tokenSource: () => {
        if (!up) throw new Error('down');
        return stage.issue();
      },
    });
    await stage.session.join('standup');
    up = false;
    await stage.clock.advance(90_000);
    const failures = stage.named('tokenRefreshFailed');
    expect(failures.length).toBeGreaterThan(0);
    failures.forEach((failure, index) => {
      expect(failure).toMatchObject({
        attempt: index + 1,
        final: false,
        error: { code: 'token_unavailable' },
      });
      expect(failure.retryAt).toBeGreaterThan(at * 1000);
    });
    expect(stage.session.state).toBe('connected');
    up = true;
    await stage.clock.advance(60_000);
    expect(stage.named('tokenRefreshed').at(-1)).toMatchObject({
      reason: 'refresh',
      attempts: failures.length + 1,
    });
  });

  test('a token for another room at a refresh does not end the stay, and reaches nobody', async () => {
    const stage = setUp({
      tokenSource: ({ reason }) => stage.issue(reason === 'join' ? {} : { room: 'retro' }),
    });
    Object.assign(stage.adapter, {
      checkToken: ({ claims }: { claims: Record<string, unknown> }) => {
        if (claims['room']) throw new TokenError('token_mismatch', 'another room', { claim: 'room' });
      },
    });
    await stage.session.join('standup');
    await stage.clock.advance(200_000);
    expect(stage.session.state).toBe('connected');
    expect(stage.named('tokenRefreshFailed')[0]).toMatchObject({ error: { code: 'token_mismatch' } });
    expect(new Set(stage.adapter.tokens.map((token) => token?.value))).toEqual(new Set([stage.issued[0]]));
  });

  test('one-time tokens are not refreshed: no timer runs', async () => {
    const stage = setUp();
    Object.assign(stage.adapter, { oneTimeTokens: true });
    stage.adapter.onConnect = async (attempt) => {
      await attempt.getToken();
      attempt.connected('connected');
    };
    await stage.session.join('standup');
    expect(stage.issued).toHaveLength(2);
    await stage.clock.advance(3_600_000);
    expect(stage.issued).toHaveLength(2);
    expect(stage.clock.timerCount).toBe(0);
  });

  test('an adapter that needs a token waits for it, for as long as the source is down', async () => {
    let up = true;
    const stage = setUp({
      tokenSource: () => {
        if (!up) throw new Error('down');
        return stage.issue();
      },
    });
    await stage.session.join('standup');
    up = false;
    await stage.clock.advance(100_000);
    const waiting = outcome(stage.adapter.attempt.getToken());
    await stage.clock.advance(200_000);
    expect(waiting.done).toBe(false);
    up = true;
    await stage.clock.advance(60_000);
    expect(waiting).toEqual({ done: true });
  });

  test('an adapter may give up waiting for a token by a signal of its own', async () => {
    const stage = setUp({ tokenSource: ({ reason }) => (reason === 'join' ? stage.issue() : never) });
    await stage.session.join('standup');
    const own = new AbortController();
    const reason = new Error('another try');
    const rejected = stage.adapter.tokens[0];
    const waiting = outcome(stage.adapter.attempt.getToken({ rejected, signal: own.signal }));
    await settle();
    own.abort(reason);
    await settle();
    expect(waiting.error).toBe(reason);
    expect(stage.session.state).toBe('connected');
  });

  test('options say when tokens are refreshed and how long a request may take', async () => {
    const reasons: unknown[] = [];
    const stage = setUp({
      token: { refreshAt: { from: 0.1, to: 0.1 }, timeoutMs: 500 },
      tokenSource: ({ signal }) => {
        if (stage.issued.length < 1) return stage.issue();
        signal.addEventListener('abort', () => reasons.push(stage.clock.monotonic()));
        return new Promise<TokenAnswer>(() => {});
      },
    });
    await stage.session.join('standup');
    await stage.clock.advance(10_600);
    expect(reasons).toEqual([10_500]);
  });
});

describe('no twenty characters of a token', () => {
  /** Everything that an app may see or print of a session. */
  const printed = (values: readonly unknown[]): string =>
    values
      .map((value) => {
        const error = value instanceof Error ? [String(value), value.stack, value.message] : [];
        return [
          inspect(value, { depth: 12, showHidden: true, getters: true }),
          JSON.stringify(value),
          ...error,
        ].join('\n');
      })
      .join('\n');

  const expectNone = (text: string, tokens: readonly string[]): void => {
    for (const token of tokens) {
      for (let start = 0; start + 20 <= token.length; start++) {
        if (text.includes(token.slice(start, start + 20)))
          throw new Error(`The output holds ${token.slice(start)}`);
      }
    }
  };

  test('are in an event, a report or the session', async () => {
    const reports = collectReports();
    const stage = setUp({
      tokenSource: () => {
        if (stage.issued.length % 2 === 1) {
          stage.issue();
          throw new Error('down');
        }
        return { token: stage.issue(), serverUrl: 'wss://media.example.org' };
      },
    });
    await stage.session.join('standup');
    stage.adapter.attempt.participantJoined({ id: 'ada' });
    await stage.clock.advance(600_000);
    const text = printed([...stage.events, stage.session, ...stage.adapter.tokens, ...reports]);
    expect(stage.events.length).toBeGreaterThan(10);
    expectNone(text, stage.issued);
  });

  test.each([
    ['an expired one', (token: string) => new Response(JSON.stringify({ token }), { headers })],
    ['one echoed with a refusal', (token: string) => new Response(`{"token":"${token}"}`, { status: 403 })],
    ['one in a wrong field', (token: string) => new Response(JSON.stringify({ thing: token }))],
    ['one in HTML', (token: string) => new Response(`<p>${token}</p>`)],
    ['one with spaces', (token: string) => new Response(`${token} ${token}`)],
    ['one as a field’s name', (token: string) => new Response(JSON.stringify({ [token]: 1 }))],
    ['one in the error of fetch', (token: string) => Promise.reject(new TypeError(`Failed: ${token}`))],
  ])('are in the error of an answer with %s', async (_what, answer) => {
    const stage = setUp({
      tokenSource: tokenEndpoint('https://app.example.org/token', { fetch: async () => answer(expired) }),
    });
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(30_000);
    const { error } = join as { error: Error };
    expect(error).toBeInstanceOf(TokenError);
    expectNone(printed([error, ...stage.events]), [expired]);
  });
});
