/** When to refresh. Pure: numbers in, numbers out; all in ms. */

/** Share of a token's remaining life after which it is refreshed, at the earliest and at the latest. */
export interface RefreshWindow {
  /** From 0 to 1; default 0.6. */
  readonly from: number;
  /** From 0 to 1, not less than `from`; default 0.75. */
  readonly to: number;
}

/** When a token is refreshed by default. */
export const defaultRefreshWindow: RefreshWindow = { from: 0.6, to: 0.75 };

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
