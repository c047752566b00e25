import type { Clock, WakeReason } from '../clock.ts';

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/**
 * A clock that a test turns. Wall and monotonic time are apart, so that skew, steps and sleep can be told
 * from each other; timers follow monotonic time, as a browser's do.
 */
export class FakeClock implements Clock {
  online = true;
  /** Whether the page is hidden; timers stay as they are. */
  hidden = false;
  /** What `random()` answers. Default 0.5. */
  nextRandom: () => number = () => 0.5;
  #wall: number;
  #monotonic = 0;
  readonly #timers = new Set<Timer>();
  readonly #wakeListeners = new Set<(reason: WakeReason) => void>();

  /** @param startAt the wall time at the start, ms since the epoch; default 2030-01-01 */
  constructor(startAt: number = Date.UTC(2030, 0, 1)) {
    this.#wall = startAt;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer: Timer = { dueAt: this.#monotonic + Math.min(Math.max(delayMs, 0), 2 ** 31 - 1), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  onWake(listener: (reason: WakeReason) => void): () => void {
    const entry = (reason: WakeReason) => listener(reason);
    this.#wakeListeners.add(entry);
    return () => this.#wakeListeners.delete(entry);
  }

  isOnline(): boolean {
    return this.online;
  }

  isHidden(): boolean {
    return this.hidden;
  }

  random(): number {
    return this.nextRandom();
  }

  /** How many timers are pending. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** How many listen for waking. */
  get wakeListenerCount(): number {
    return this.#wakeListeners.size;
  }

  /** Lets time pass: runs the timers due on the way, in order, and what they promise. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle();
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.dueAt - b.dueAt)[0];
      if (!next || next.dueAt > end) break;
      this.#pass(Math.max(next.dueAt - this.#monotonic, 0));
      this.#timers.delete(next);
      next.callback();
      await settle();
    }
    this.#pass(end - this.#monotonic);
    await settle();
  }

  /** The machine sleeps: wall time goes on, monotonic time and timers stand still. No listener is called. */
  sleep(ms: number): void {
    this.#wall += ms;
  }

  /** The wall clock is set, by `ms`. */
  step(ms: number): void {
    this.#wall += ms;
  }

  /** Calls all listeners of `onWake`. */
  async wake(reason: WakeReason): Promise<void> {
    for (const listener of [...this.#wakeListeners]) listener(reason);
    await settle();
  }

  #pass(ms: number): void {
    this.#wall += ms;
    this.#monotonic += ms;
  }
}

/**
 * Lets everything run that waits for nothing but promises.
 *
 * @param turns how many microtasks that may take; default 50
 */
export async function settle(turns: number = 50): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}
