import { vi } from 'vitest';
import type { FakeClock } from '../../../src/testing/index.ts';

/** Lets the vendor's time and ours pass side by side. */
export function passOn(clock: FakeClock): (ms: number) => Promise<void> {
  return async (ms) => {
    await clock.advance(0);
    for (let left = ms; left > 0; left -= 100) {
      const step = Math.min(left, 100);
      await vi.advanceTimersByTimeAsync(step);
      await clock.advance(step);
    }
    await clock.advance(0);
  };
}
