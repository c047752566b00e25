import { onWake, type WakeReason } from './wake.ts';

export type { WakeReason } from './wake.ts';

/**
 * Time as one small port: everything in this package that waits or compares moments does it through a `Clock`, so that
 * tests and simulations can turn it. `FakeClock` of `room-session/testing` is the other one.
 */
export interface Clock {
  /** Wall time in ms since the epoch. It may be wrong, and may step. */
  now(): number;
  /** Monotonic time in ms from an arbitrary start. It may stand still while the machine sleeps. */
  monotonic(): number;
  /** Calls back once after `delayMs`, 2^31−1 at most, or later; returns what cancels it. */
  setTimer(callback: () => void, delayMs: number): () => void;
  /** Calls back when time may have passed unnoticed; returns what ends that. */
  onWake(listener: (reason: WakeReason) => void): () => void;
  /** False where the platform is sure that there is no network. */
  isOnline(): boolean;
  /** True where timers may come as much as a minute late: a hidden page. */
  isHidden(): boolean;
  /** A random number from 0 to 1, 1 excluded. */
  random(): number;
}

const longestTimer = 2 ** 31 - 1;

/** The platform's own clock: a browser page, or Node without the page's events. Touches no global before its first use. */
export const browserClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(callback, delayMs) {
    // Longer delays fire at once: setTimeout keeps them in a signed 32-bit number (HTML, section "Timers").
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), longestTimer));
    return () => clearTimeout(timer);
  },
  onWake,
  isOnline: () => globalThis.navigator?.onLine !== false,
  isHidden: () => globalThis.document?.visibilityState === 'hidden',
  random: () => Math.random(),
};
