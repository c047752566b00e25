import type { Clock } from './clock.ts';

/**
 * Starts the timer of this name, anew where it runs: `callback` is called after `delayMs`. Without a callback the timer is
 * stopped.
 */
export type Timer = (name: string, delayMs?: number, callback?: () => void) => void;

/** Timers by name. All of them stop when `signal` aborts, and none starts after that. */
export function makeTimers(clock: Clock, signal: AbortSignal): Timer {
  const cancels = new Map<string, () => void>();
  signal.addEventListener('abort', () => {
    for (const cancel of cancels.values()) cancel();
  });
  return (name, delayMs = 0, callback) => {
    cancels.get(name)?.();
    cancels.delete(name);
    if (!callback || signal.aborted) return;
    const run = () => {
      cancels.delete(name);
      callback();
    };
    cancels.set(name, clock.setTimer(run, delayMs));
  };
}
