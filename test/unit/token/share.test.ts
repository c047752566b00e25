// @vitest-environment node
import { afterEach, expect, test, vi } from 'vitest';
import { shareTokens, type TokenAnswer, type TokenReason, type TokenRequest } from '../../../src/index.ts';

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

test('a failure is the own one, and lets go of the lock', async () => {
  const { first, asked } = openTabs((serial) => {
    if (serial === 1) throw new Error('no network');
    return 'token';
  });
  await expect(first(request('join'))).rejects.toThrow('no network');
  expect(tokenOf(await first(request('join')))).toBe('token');
  expect(asked()).toBe(2);
});

test('an answer that cannot be sent to other tabs is asked for in each', async () => {
  const { first, second, asked } = openTabs(() => ({ token: 'token', now: () => 1 }));
  await first(request('join'));
  expect(tokenOf(await second(request('join')))).toBe('token');
  expect(asked()).toBe(2);
});

test.each(['BroadcastChannel', 'navigator'])('a browser without %s asks the source', async (missing) => {
  vi.stubGlobal(missing, undefined);
  const { first, asked } = openTabs();
  expect(tokenOf(await first(request('join')))).toBe('token-1');
  expect(asked()).toBe(1);
});
