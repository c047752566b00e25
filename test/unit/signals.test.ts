import { expect, test, vi } from 'vitest';
import { withSignals } from '../../src/signals.ts';

/** Work that ends when its signal aborts, with the abort's reason. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener('abort', end);
  });

test.each([0, 1])('work ends when signal %i of two aborts, with its reason', async (which) => {
  const controllers = [new AbortController(), new AbortController()];
  const work = withSignals(
    controllers.map(({ signal }) => signal),
    untilAborted,
  );
  controllers[which]?.abort('the reason');
  await expect(work).rejects.toBe('the reason');
});

test('work gets an aborted signal where one of them has aborted before', async () => {
  const work = withSignals([new AbortController().signal, AbortSignal.abort('before')], untilAborted);
  await expect(work).rejects.toBe('before');
});

test('a signal that is not given does not count', async () => {
  expect(await withSignals([undefined], async ({ aborted }) => aborted)).toBe(false);
});

test('no listener is left after the work, whether it succeeds or fails', async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const add = vi.spyOn(signal, 'addEventListener').mockImplementation((_type, _listener, options) => {
    listeners++;
    if (typeof options === 'object') options.signal?.addEventListener('abort', () => listeners--);
  });
  await withSignals([signal], async () => {
    expect(listeners).toBe(1);
  });
  await expect(withSignals([signal], () => Promise.reject('failed'))).rejects.toBe('failed');
  expect(add).toHaveBeenCalledTimes(2);
  expect(listeners).toBe(0);
});
