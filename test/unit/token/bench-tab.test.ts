// @vitest-environment node
/** The simulated tab that the token bench measures in: a bench is worth as much as its model. */
import { expect, test } from 'vitest';
import type { Outcome } from '../../bench/token/scenario.ts';
import { Tab } from '../../bench/token/tab.ts';

const minute = 60_000;

function openTab(outcomeAt: (at: number) => Outcome = () => ({ kind: 'good', latencyMs: 100 })) {
  const tab = new Tab({ seed: 1, lifeMs: 600_000, outcomeAt });
  const { window } = tab.page;
  const fired: number[] = [];
  const setTimer = window['setTimeout'] as (callback: () => void, ms: number) => void;
  const fetch = window['fetch'] as typeof globalThis.fetch;
  return { tab, window, fired, fetch, after: (ms: number) => setTimer(() => fired.push(tab.now), ms) };
}

test('timers fire in order, at their time, and at once beyond what 32 bits hold', async () => {
  const { tab, fired, after } = openTab();
  for (const ms of [3_000, 1_000, 2 ** 31, 2_000]) after(ms);
  await tab.advanceTo(10_000);
  expect(fired).toEqual([0, 1_000, 2_000, 3_000]);
});

test('a hidden tab fires once a second, and once a minute after five minutes', async () => {
  const { tab, fired, after } = openTab();
  tab.setHidden(true);
  for (const ms of [1_500, 5 * minute + 1]) after(ms);
  await tab.advanceTo(10 * minute);
  expect(fired).toEqual([2_000, 6 * minute]);
});

test.each([
  ['stand still', true, 30 * minute + 5_000],
  ['catch up', false, 30 * minute],
])('in sleep timers %s', async (_, freezes, firesAt) => {
  const { tab, fired, after } = openTab();
  tab.sleepFreezes = freezes;
  tab.at(minute, () => tab.stop('suspended'));
  tab.at(30 * minute, () => tab.goOn());
  after(minute + 5_000);
  await tab.advanceTo(40 * minute);
  expect(fired).toEqual([firesAt]);
  expect(tab.monotonic).toBe(freezes ? 11 * minute : 40 * minute);
});

test('a request that is under way when the machine falls asleep never ends', async () => {
  const { tab, fetch } = openTab();
  let ended = false;
  fetch('/token').finally(() => {
    ended = true;
  });
  tab.at(50, () => tab.stop('suspended'));
  tab.at(minute, () => tab.goOn());
  await tab.advanceTo(10 * minute);
  expect(ended).toBe(false);
});

test('an answer that comes to a frozen page waits for it to go on', async () => {
  const { tab, fetch } = openTab();
  let endedAt = 0;
  fetch('/token').then(() => {
    endedAt = tab.now;
  });
  tab.at(50, () => tab.stop('frozen'));
  tab.at(minute, () => tab.goOn());
  await tab.advanceTo(10 * minute);
  expect(endedAt).toBe(minute);
});

test('without network a request fails at once, and one that hangs goes on until it is aborted', async () => {
  const { tab, fetch } = openTab(() => ({ kind: 'hang', latencyMs: 0 }));
  const aborted = new AbortController();
  const hanging = fetch('/token', { signal: aborted.signal }).catch((error: unknown) => error);
  tab.setNetwork(false);
  const failing = fetch('/token').catch((error: unknown) => error);
  await tab.advanceTo(1_000);
  expect(await failing).toBeInstanceOf(TypeError);
  aborted.abort(new Error('enough'));
  expect(await hanging).toEqual(new Error('enough'));
});

test('the page reads the wall clock of the tab, which may be wrong', async () => {
  const { tab, window } = openTab();
  const date = window['Date'] as DateConstructor;
  tab.wallShiftMs = -minute;
  await tab.advanceTo(2 * minute);
  expect(date.now()).toBe(Date.UTC(2030, 0, 1, 0, 1));
  expect(new date().toISOString()).toBe('2030-01-01T00:01:00.000Z');
});
