import { vi } from 'vitest';
import type { FakeClock } from '../../src/testing/index.ts';

/** Lets the vendor's time and ours pass side by side, in steps that grow. */
export function passQuickly(clock: FakeClock): (ms: number) => Promise<void> {
  return async (ms) => {
    await clock.advance(0);
    let step = 50;
    for (let left = ms; left > 0; left -= step) {
      step = Math.min(left, Math.max(50, (ms - left) / 4), 1_000);
      await vi.advanceTimersByTimeAsync(step);
      await clock.advance(step);
    }
    await clock.advance(0);
  };
}
