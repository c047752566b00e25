/** When to ask for a token, and how long. Pure functions; all times in ms. */

/** Share of a token's remaining life after which it is refreshed, at the earliest and at the latest. */
export interface RefreshWindow {
  /** From 0 to 1; default 0.6. */
  readonly from: number;
  /** From 0 to 1, not less than `from`; default 0.7. */
  readonly to: number;
}

/** The window where the app names none. */
export const defaultRefreshWindow: RefreshWindow = { from: 0.6, to: 0.7 };

/** No refresh sooner than this after the last answer, however short the token's life. */
const shortestIntervalMs = 1_000;

/** A hidden page's timers come once a minute. */
const hiddenTimersMs = 65_000;

/**
 * How long after its arrival a token is refreshed. The place within the window is random, so that a thousand sessions
 * begun in one second do not come back in one second. In a hidden page it is early enough for late timers, as far as
 * the token's life allows.
 */
export function refreshDelay(
  lifeMs: number,
  { from, to }: RefreshWindow,
  random: number,
  isHidden: boolean,
): number {
  const usual = lifeMs * (from + (to - from) * random);
  const early = Math.max(lifeMs - hiddenTimersMs, lifeMs * 0.3);
  return Math.max(isHidden ? Math.min(usual, early) : usual, shortestIntervalMs);
}

/**
 * How long to wait where the source answered the token in use again: half of its rest, so that a backend which keeps its
 * tokens for a while is asked a few times. In the last tenth of the life nothing is left to win before its end.
 */
export function askAgainDelay(leftMs: number, lifeMs: number, random: number): number {
  return leftMs > lifeMs / 10 ? leftMs / 2 : leftMs + shortestIntervalMs * random;
}

/**
 * How long a request may take: nearly twice as long after each that ran out of time, up to a minute, so that a slow endpoint is
 * waited for in the end. But not so long that the token in use ends before there is another try.
 *
 * @param timeouts how many requests in a row ran out of time; see {@link timeoutsAfterWake}
 * @param leftMs how long the token in use is still valid
 */
export function requestLimit(timeoutMs: number = 10_000, timeouts: number, leftMs: number): number {
  const most = Math.max(timeoutMs, leftMs > 0 ? Math.min(leftMs * 0.7, 60_000) : 60_000);
  return Math.min(timeoutMs * 1.9 ** timeouts, most);
}

/**
 * What counts for `timeouts` after a wake. The connections that the browser keeps open may be dead then, and a request on
 * one is never answered. So the first requests have a seventh of the usual time, and more from one to the next.
 */
export const timeoutsAfterWake = -3;
