import type { WakeReason } from './clock.ts';

const checkEveryMs = 15_000;
/** A check this late means sleep or freeze; a hidden page's timers come once a minute, which is no sleep. */
const lateMs = 60_000;
/** Wall time this far ahead of monotonic time means that the machine slept (or that the clock was set). */
const aheadMs = 5_000;

const listeners = new Set<(reason: WakeReason) => void>();
let stopWatching: (() => void) | undefined;

/**
 * Calls back when the page or machine woke, or the network came back; returns what ends that. All listeners share one
 * set of page events and one clock check every 15 s, which are there only while somebody listens.
 */
export function onWake(listener: (reason: WakeReason) => void): () => void {
  // A listener may be added twice under one function: each call gets its own entry.
  const entry = (reason: WakeReason) => listener(reason);
  listeners.add(entry);
  stopWatching ??= watch((reason) => {
    for (const each of [...listeners]) each(reason);
  });
  return () => {
    listeners.delete(entry);
    if (listeners.size > 0) return;
    stopWatching?.();
    stopWatching = undefined;
  };
}

function watch(tell: (reason: WakeReason) => void): () => void {
  const events = new AbortController();
  const page = globalThis.document;
  let wall = Date.now();
  let steady = performance.now();
  /** Tells of sleep, or where there was none of `reason`. */
  const check = (reason?: WakeReason): void => {
    const passedWall = Date.now() - wall;
    const passedSteady = performance.now() - steady;
    wall += passedWall;
    steady += passedSteady;
    const slept = passedWall - passedSteady > aheadMs || passedSteady > checkEveryMs + lateMs;
    if (slept) tell('slept');
    else if (reason) tell(reason);
  };
  const on = (target: EventTarget | undefined, type: string, listener: (event: Event) => void) =>
    target?.addEventListener?.(type, listener, { signal: events.signal });
  on(globalThis as unknown as EventTarget, 'online', () => check('online'));
  on(globalThis as unknown as EventTarget, 'pageshow', (event) => {
    if ((event as PageTransitionEvent).persisted) check('visible');
  });
  on(page, 'visibilitychange', () => {
    if (page.visibilityState === 'visible') check('visible');
  });
  // Page Lifecycle: a frozen page goes on here, with its timers and sockets as old as the freeze.
  on(page, 'resume', () => check('slept'));
  const timer: unknown = setInterval(check, checkEveryMs);
  // In Node a clock check alone must not keep the process alive.
  (timer as { unref?: () => void }).unref?.();
  return () => {
    events.abort();
    clearInterval(timer as number);
  };
}
