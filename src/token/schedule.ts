/** When to refresh and when to ask again. Pure: numbers in, numbers out; all in ms. */

/** Share of a token's remaining life after which it is refreshed, at the earliest and at the latest. */
export interface RefreshWindow {
  /** From 0 to 1; default 0.6. */
  readonly from: number;
  /** From 0 to 1, not less than `from`; default 0.75. */
  readonly to: number;
}

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

/** How long a token must still be valid to be handed out when the caller does not say: time for it to arrive. */
export function defaultMinValidity(lifeMs: number): number {
  return Math.min(lifeMs * 0.05, 5_000);
}

/**
 * How long to wait after a failure. Lazy while the token held is good for a while (a third of what is left of its life),
 * brisk near its end, then longer and longer up to a cap: half of the time gone without a token, an eighteenth of a
 * token's life at most (within 4 and 45 s). Half of each delay is random.
 *
 * @param lifeLeftMs life left in the token held, 0 or less without one
 * @param withoutTokenMs how long there has been no valid token
 * @param lifeMs the life that tokens of this source have; `Infinity` where none was seen yet
 * @param isOnline false where the platform is sure that there is no network. It may be wrong: it is asked now and then
 *   all the same
 * @param random from 0 to 1, 1 excluded
 */
export function retryDelay(
  lifeLeftMs: number,
  withoutTokenMs: number,
  lifeMs: number,
  isOnline: boolean,
  random: number,
): number {
  const cap = clamp(lifeMs / 18, 4_000, 45_000);
  const delay = lifeLeftMs > 0 ? clamp(lifeLeftMs / 3, 1_000, 60_000) : clamp(withoutTokenMs / 2, 1_000, cap);
  return Math.max(delay, isOnline ? 0 : 30_000) * (0.5 + random / 2);
}

/** The deadline of one request: longer after each that ran out of time, so that a slow endpoint wins in the end. */
export function requestDeadline(timeoutMs: number, timeouts: number): number {
  return Math.min(timeoutMs * 1.5 ** timeouts, Math.max(timeoutMs, 30_000));
}

/** A server's `Retry-After`, 10 min at most, plus up to a tenth (20 s at most): its clients shall not come back as one. */
export function retryAfterDelay(retryAfterMs: number, random: number): number {
  const delay = clamp(retryAfterMs, 0, 600_000);
  return delay + Math.min(delay / 10, 20_000) * random;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
