// @vitest-environment node
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  RoomSession,
  shareTokens,
  type TokenAnswer,
  type TokenReason,
  type TokenRequest,
} from '../../../src/index.ts';
import { FakeAdapter } from '../../../src/testing/index.ts';
import { fakeJwt } from '../fake-jwt.ts';

let count = 0;
/** Each test has a name of its own: channels and locks are the process's. */
let name = '';

/** Two tabs with one endpoint, which answers `token-1`, `token-2` and so on after a moment. */
function openTabs(answer?: (serial: number) => TokenAnswer) {
  name = `endpoint-${count++}`;
  let asked = 0;
  const source = async () => {
    const serial = ++asked;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return answer ? answer(serial) : `token-${serial}`;
  };
  const tab = () => shareTokens(source, { name, waitMs: 300 });
  return { first: tab(), second: tab(), asked: () => asked };
}

function request(reason: TokenReason, more: Partial<TokenRequest> = {}): TokenRequest {
  return { room: 'standup', identity: 'ada', reason, signal: new AbortController().signal, ...more };
}

const tokenOf = (answer: TokenAnswer) => (typeof answer === 'object' ? answer?.token : answer);

afterEach(() => vi.unstubAllGlobals());

test('a tab gets the token that another one has', async () => {
  const { first, second, asked } = openTabs();
  await first(request('join'));
  expect(tokenOf(await second(request('join')))).toBe('token-1');
  expect(asked()).toBe(1);
});

test('tabs that ask at the same moment send one request', async () => {
  const { first, second, asked } = openTabs();
  const answers = await Promise.all([first(request('join')), second(request('join'))]);
  expect(answers.map(tokenOf)).toEqual(['token-1', 'token-1']);
  expect(asked()).toBe(1);
});

test('a refresh is one request for all, and never answered by an older token', async () => {
  const { first, second, asked } = openTabs();
  await first(request('join'));
  await second(request('join'));
  expect(tokenOf(await second(request('refresh')))).toBe('token-2');
  expect(tokenOf(await first(request('refresh')))).toBe('token-2');
  expect(tokenOf(await first(request('refresh')))).toBe('token-3');
  expect(asked()).toBe(3);
});

test('a refused token is replaced by the source, not by another tab', async () => {
  const { first, second, asked } = openTabs();
  await first(request('join'));
  expect(tokenOf(await second(request('rejected')))).toBe('token-2');
  expect(asked()).toBe(2);
});

test.each([
  ['room', { room: 'other' }],
  ['identity', { identity: 'bob' }],
])('another %s shares nothing', async (_, other) => {
  const { first, second, asked } = openTabs();
  await first(request('join'));
  expect(tokenOf(await second(request('join', other)))).toBe('token-2');
  expect(asked()).toBe(2);
});

test("a guest's null is not shared", async () => {
  const { first, second, asked } = openTabs((serial) => (serial === 1 ? null : 'token'));
  expect(await first(request('join'))).toBeNull();
  expect(tokenOf(await second(request('join')))).toBe('token');
  expect(asked()).toBe(2);
});

test("a subscriber's code is not shared, nor what stands beside it", async () => {
  const answer = { subscriberId: 'ada-7', subscriberCode: '012345' };
  const { first, second, asked } = openTabs((serial) =>
    serial === 1 ? { token: 'beside', ...answer } : answer,
  );
  await first(request('join'));
  expect(await second(request('join'))).toEqual(answer);
  expect(asked()).toBe(2);
});

test('a shared answer is as old as it is', async () => {
  const { first, second } = openTabs(() => ({ token: 'token', expiresIn: 600, serverTime: 1_000_000 }));
  await first(request('join'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const answer = (await second(request('join'))) as { expiresIn: number; serverTime: number };
  expect(answer.expiresIn).toBeLessThan(599.96);
  expect(answer.serverTime).toBeGreaterThan(1_000_040);
});

test('a tab that hangs with the lock holds nobody up for long', async () => {
  const { second, asked } = openTabs();
  const key = JSON.stringify(['room-session', name, 'standup', 'ada']);
  let letGo = () => {};
  const held = navigator.locks.request(key, () => new Promise<void>((resolve) => (letGo = resolve)));
  expect(tokenOf(await second(request('join')))).toBe('token-1');
  expect(asked()).toBe(1);
  letGo();
  await held;
});

test('an aborted request waits for nothing and asks for nothing', async () => {
  const { first, asked } = openTabs();
  const key = JSON.stringify(['room-session', name, 'standup', 'ada']);
  let letGo = () => {};
  const held = navigator.locks.request(key, () => new Promise<void>((resolve) => (letGo = resolve)));
  const aborted = new AbortController();
  const answer = first(request('join', { signal: aborted.signal }));
  aborted.abort(new Error('enough'));
  await expect(answer).rejects.toThrow('enough');
  expect(asked()).toBe(0);
  letGo();
  await held;
});

test.each([
  ['is not there', undefined],
  [
    'is not allowed, as where cookies are blocked',
    class {
      constructor() {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      }
    },
  ],
])('the source is asked as ever where BroadcastChannel %s', async (_, channel) => {
  vi.stubGlobal('BroadcastChannel', channel);
  const { first, second, asked } = openTabs();
  expect(await first(request('join'))).toBe('token-1');
  expect(await second(request('join'))).toBe('token-2');
  expect(await first(request('refresh'))).toBe('token-3');
  expect(asked()).toBe(3);
});

test('a failure is the own one, and lets go of the lock', async () => {
  const { first, asked } = openTabs((serial) => {
    if (serial === 1) throw new Error('no network');
    return 'token';
  });
  await expect(first(request('join'))).rejects.toThrow('no network');
  expect(tokenOf(await first(request('join')))).toBe('token');
  expect(asked()).toBe(2);
});

test('only token, end, server and its time are shared', async () => {
  const known = { token: 'token', expiresIn: 600, serverTime: 1_000_000, serverUrl: 'wss://b.example.org' };
  const { first, second, asked } = openTabs(() => ({ ...known, email: 'ada@example.org', now: () => 1 }));
  expect(await first(request('join'))).toHaveProperty('email');
  const answer = await second(request('join'));
  expect(answer).toMatchObject({ token: 'token', serverUrl: 'wss://b.example.org' });
  expect(answer).not.toHaveProperty('email');
  expect(answer).not.toHaveProperty('now');
  expect(asked()).toBe(1);
});

test.each([
  ['expiresIn', () => ({ token: 'token', expiresIn: 0.05 })],
  ['expiresIn in words', () => ({ token: 'token', expiresIn: '50ms' })],
  ['expiresAt', () => ({ token: 'token', expiresAt: Date.now() + 50 })],
  ['exp', () => fakeJwt({ exp: (Date.now() + 50) / 1000 })],
])('a token that has ended by its %s is not shared', async (_, answer) => {
  const { first, second, asked } = openTabs(answer);
  await first(request('join'));
  await new Promise((resolve) => setTimeout(resolve, 60));
  await second(request('join'));
  expect(asked()).toBe(2);
});

test('a life in words is as much shorter as the token is older', async () => {
  const { first, second } = openTabs(() => ({ token: 'token', expiresIn: '10m' }));
  await first(request('join'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await second(request('join'))) as { expiresIn: number }).toMatchObject({
    expiresIn: expect.closeTo(599.8, 0),
  });
});

describe('whose token it is', () => {
  test('a tab forgets the token when the join ends', async () => {
    const { first, second, asked } = openTabs();
    const join = new AbortController();
    await first(request('join', { joinSignal: join.signal }));
    join.abort();
    expect(tokenOf(await second(request('join')))).toBe('token-2');
    expect(asked()).toBe(2);
  });

  test('a tab remembers the token until the last of its joins ends', async () => {
    const { first, second } = openTabs();
    const [one, two] = [new AbortController(), new AbortController()];
    await first(request('join', { joinSignal: one.signal }));
    await first(request('refresh', { joinSignal: two.signal }));
    one.abort();
    expect(tokenOf(await second(request('join')))).toBe('token-2');
    two.abort();
    expect(tokenOf(await first(request('join')))).toBe('token-2');
  });

  test('an answer that comes after the join has ended is not remembered', async () => {
    const { first, second } = openTabs();
    const join = new AbortController();
    const asking = first(request('join', { joinSignal: join.signal }));
    await new Promise((resolve) => setTimeout(resolve, 110));
    join.abort();
    await asking;
    expect(tokenOf(await second(request('join')))).toBe('token-2');
  });

  test('without an identity, a name in text shares nothing', async () => {
    const { first, second, asked } = openTabs();
    await first(request('join', { identity: undefined }));
    expect(tokenOf(await second(request('join', { identity: undefined })))).toBe('token-2');
    expect(asked()).toBe(2);
  });

  test('a name that is a function is asked for each request', async () => {
    let user = 'ada';
    const prefix = `logins-${count++}`;
    const tab = () => shareTokens(() => `token-of-${user}`, { name: () => `${prefix} ${user}`, waitMs: 300 });
    const [first, second] = [tab(), tab()];
    const anyone = request('join', { identity: undefined });
    expect(tokenOf(await first(anyone))).toBe('token-of-ada');
    expect(tokenOf(await second(anyone))).toBe('token-of-ada');
    user = 'bob';
    expect(tokenOf(await second(anyone))).toBe('token-of-bob');
    user = 'ada';
    expect(tokenOf(await second(request('refresh', { identity: undefined })))).toBe('token-of-ada');
  });

  test('a token that comes after another login is not shared', async () => {
    let user = 'ada';
    const prefix = `logins-${count++}`;
    const name = () => `${prefix} ${user}`;
    const first = shareTokens(
      () => {
        user = 'bob';
        return 'token-of-bob';
      },
      { name },
    );
    await first(request('join'));
    user = 'ada';
    const second = shareTokens(() => 'token-of-ada', { name });
    expect(tokenOf(await second(request('join')))).toBe('token-of-ada');
  });

  test('a session in another tab, after a logout, is in the room as the next person', async () => {
    let user = 'ada';
    const name = `endpoint-${count++}`;
    const tab = () => {
      const users: unknown[] = [];
      const adapter = new FakeAdapter();
      adapter.onConnect = (attempt) => {
        users.push(attempt.token?.claims['sub']);
        attempt.connected('connected');
      };
      const now = Date.now() / 1000;
      const source = () => fakeJwt({ sub: user, iat: now, exp: now + 600 });
      return { users, session: new RoomSession({ adapter, tokenSource: shareTokens(source, { name }) }) };
    };
    const [first, second] = [tab(), tab()];
    await first.session.join('standup', { identity: 'seat-1' });
    await first.session.leave();
    user = 'bob';
    await second.session.join('standup', { identity: 'seat-1' });
    await second.session.leave();
    expect([first.users, second.users]).toEqual([['ada'], ['bob']]);
  });
});

test.each([
  ['no token', { answer: { token: 7 }, at: 1 }],
  ['no answer', { answer: null, at: 1 }],
  ['no time', { answer: { token: 'foreign' } }],
  ['a time that is text', { answer: { token: 'foreign' }, at: 'now' }],
  ['nothing', null],
])('a message with %s is ignored', async (_, message) => {
  const { first, asked } = openTabs();
  const channel = new BroadcastChannel(JSON.stringify(['room-session', name, 'standup', 'ada']));
  channel.onmessage = () => channel.postMessage(message);
  expect(tokenOf(await first(request('join')))).toBe('token-1');
  expect(asked()).toBe(1);
  channel.close();
});

test.each(['BroadcastChannel', 'locks'])('a page that may not have %s asks the source', async (what) => {
  const refuse = () => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  };
  if (what === 'locks') {
    vi.stubGlobal('navigator', {
      get locks() {
        return refuse();
      },
    });
  } else vi.stubGlobal(what, refuse);
  const { first, asked } = openTabs();
  expect(tokenOf(await first(request('join')))).toBe('token-1');
  expect(asked()).toBe(1);
});

test.each(['BroadcastChannel', 'navigator'])('a browser without %s asks the source', async (missing) => {
  vi.stubGlobal(missing, undefined);
  const { first, asked } = openTabs();
  expect(tokenOf(await first(request('join')))).toBe('token-1');
  expect(asked()).toBe(1);
});
