import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { browserClock, type WakeReason } from '../../../src/clock.ts';

let reasons: WakeReason[] = [];
let stop = () => {};

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['Date', 'performance', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'],
  });
  reasons = [];
  stop = browserClock.onWake((reason) => reasons.push(reason));
});

afterEach(() => {
  stop();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Wall time goes on, monotonic time and timers stand still. */
const sleep = (ms: number) => vi.setSystemTime(Date.now() + ms);

function show(state: 'visible' | 'hidden'): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
  document.dispatchEvent(new Event('visibilitychange'));
}

describe('waking', () => {
  test('is noticed within 15 s of sleep, without any event', () => {
    sleep(60_000);
    vi.advanceTimersByTime(15_000);
    expect(reasons).toEqual(['slept']);
    vi.advanceTimersByTime(600_000);
    expect(reasons).toEqual(['slept']);
  });

  test.each([
    [60_000, []],
    [74_000, []],
    [76_000, ['slept']],
  ])('a clock check that comes %i ms after the last one tells %j', (lateMs, told) => {
    stop();
    let check = () => {};
    vi.spyOn(globalThis, 'setInterval').mockImplementation(((callback: () => void) => {
      check = callback;
      return 0;
    }) as never);
    stop = browserClock.onWake((reason) => reasons.push(reason));
    // A hidden page's timers come once a minute, and wall time and monotonic time go on together.
    vi.advanceTimersByTime(lateMs);
    check();
    expect(reasons).toEqual(told);
  });

  test('is told when the network comes back, the page is shown, or it comes from the back/forward cache', () => {
    globalThis.dispatchEvent(new Event('online'));
    vi.advanceTimersByTime(2_000);
    show('hidden');
    show('visible');
    vi.advanceTimersByTime(2_000);
    globalThis.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
    globalThis.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    expect(reasons).toEqual(['online', 'visible', 'visible']);
  });

  test('is told once, as sleep, when an event comes first after it', () => {
    sleep(60_000);
    globalThis.dispatchEvent(new Event('online'));
    vi.advanceTimersByTime(15_000);
    expect(reasons).toEqual(['slept']);
  });

  test.each<[string, string[], WakeReason[]]>([
    ['the back/forward cache', ['pageshow', 'visible'], ['visible']],
    ['a freeze', ['resume', 'visible', 'pageshow'], ['slept']],
    ['a freeze, with the network back', ['resume', 'visible', 'online', 'visible'], ['slept', 'online']],
    ['a hidden page whose network comes back', ['visible', 'online'], ['visible', 'online']],
  ])('is told once, however many events tell of it: %s', (_, events, told) => {
    for (const event of events) {
      if (event === 'visible') show('visible');
      else if (event === 'resume') document.dispatchEvent(new Event('resume'));
      else globalThis.dispatchEvent(Object.assign(new Event(event), { persisted: true }));
      vi.advanceTimersByTime(200);
    }
    expect(reasons).toEqual(told);
    vi.advanceTimersByTime(1_000);
    show('visible');
    expect(reasons).toEqual([...told, 'visible']);
  });

  test('is told as sleep when a frozen page goes on', () => {
    document.dispatchEvent(new Event('resume'));
    expect(reasons).toEqual(['slept']);
  });

  test('costs one interval for all who listen, and nothing when nobody does', () => {
    const stops = Array.from({ length: 1000 }, () => browserClock.onWake(() => {}));
    expect(vi.getTimerCount()).toBe(1);
    for (const each of stops) each();
    expect(vi.getTimerCount()).toBe(1);
    stop();
    expect(vi.getTimerCount()).toBe(0);
    globalThis.dispatchEvent(new Event('online'));
    expect(reasons).toEqual([]);
  });

  test('goes on for others when one stops listening in the middle of it', () => {
    const order: string[] = [];
    const stopSecond = browserClock.onWake(() => order.push('second'));
    const stopThird = browserClock.onWake(() => order.push('third'));
    const stopFirst = browserClock.onWake(() => stopSecond());
    globalThis.dispatchEvent(new Event('online'));
    globalThis.dispatchEvent(new Event('online'));
    expect(order.filter((name) => name === 'third')).toHaveLength(2);
    stopFirst();
    stopThird();
  });
});

describe("the platform's clock", () => {
  test('keeps timers within what setTimeout can hold', () => {
    const fired = vi.fn<() => void>();
    const cancel = browserClock.setTimer(fired, 2 ** 40);
    vi.advanceTimersByTime(1000);
    expect(fired).not.toHaveBeenCalled();
    cancel();
    browserClock.setTimer(fired, -5);
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledOnce();
  });
});
