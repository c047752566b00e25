/**
 * Why a clock says that time may have passed unnoticed.
 *
 * - `online`: the network came back.
 * - `visible`: the page was shown again, or came back from the back/forward cache.
 * - `slept`: the machine or the page stood still for a while; requests begun before are as good as lost.
 */
export type WakeReason = 'online' | 'visible' | 'slept';

const checkEveryMs = 15_000;
/** A check this late means sleep or freeze; a hidden page's timers come once a minute, which is no sleep. */
const lateMs = 60_000;
/** Wall time this far ahead of monotonic time means that the machine slept (or that the clock was set). */
const aheadMs = 5_000;
/** One wake has several events, all within this many ms: `resume`, `pageshow`, `visibilitychange`. */
const oneWakeMs = 1_000;

type Listener = (reason: WakeReason) => void;

const listeners = new Set<Listener>();
let stopWatching: () => void;

/**
 * Calls back when the page or machine woke, or the network came back; returns what ends that. All listeners share one
 * set of page events and one clock check every 15 s, which are there only while there is a listener.
 */
export function onWake(listener: Listener): () => void {
  // A listener may be added twice under one function: each call gets its own entry.
  const entry: Listener = (reason) => listener(reason);
  if (listeners.size === 0) stopWatching = watch();
  listeners.add(entry);
  return () => {
    listeners.delete(entry);
    if (listeners.size === 0) stopWatching();
  };
}

function watch(): () => void {
  const events = new AbortController();
  let steady: number;
  let ahead: number;
  let told: WakeReason | undefined;
  let toldAt: number;
  /** Tells of sleep, or where there was none of `reason`. */
  const check = (reason?: WakeReason | false): void => {
    const steadyBefore = steady;
    const aheadBefore = ahead;
    steady = performance.now();
    ahead = Date.now() - steady;
    const slept = ahead - aheadBefore > aheadMs || steady - steadyBefore > checkEveryMs + lateMs;
    if (!slept && !reason) return;
    const wake = slept ? 'slept' : (reason as WakeReason);
    // Sleep says more than "visible" does, and each return of the network counts.
    const isKnown = wake === 'visible' || (wake === 'slept' && told === wake);
    const isSame = isKnown && steady - toldAt < oneWakeMs;
    told = isSame ? told : wake;
    toldAt = steady;
    if (!isSame) for (const listener of [...listeners]) listener(wake);
  };
  const page = globalThis.document;
  /** @param reasonOf what an event of this type tells, where it tells anything */
  const on = (
    target: Pick<EventTarget, 'addEventListener'> | undefined,
    type: string,
    reasonOf: (event: Event) => WakeReason | false,
  ): void => target?.addEventListener?.(type, (event) => check(reasonOf(event)), { signal: events.signal });
  check();
  on(globalThis, 'online', () => 'online');
  on(globalThis, 'pageshow', (event) => (event as PageTransitionEvent).persisted && 'visible');
  on(page, 'visibilitychange', () => page.visibilityState === 'visible' && 'visible');
  // Page Lifecycle: a frozen page goes on here, with its timers and sockets as old as the freeze.
  on(page, 'resume', () => 'slept');
  const timer: unknown = setInterval(check, checkEveryMs);
  // In Node a clock check alone must not keep the process alive.
  (timer as { unref?: () => void }).unref?.();
  return () => {
    // With a reason of our own: one that is made here remembers who called, and what they hold.
    events.abort('stopped');
    clearInterval(timer as number);
  };
}
