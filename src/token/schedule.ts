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

/**
 * How long after its arrival a token is refreshed. The place within the window is random, so that a thousand sessions
 * begun in one second do not come back in one second.
 */
export function refreshDelay(lifeMs: number, window: RefreshWindow, random: number): number {
  return Math.max(lifeMs * (window.from + (window.to - window.from) * random), shortestIntervalMs);
}

/** How long a token must still be valid to be handed out when the caller does not say: time for it to arrive. */
export function defaultMinValidity(lifeMs: number): number {
  return Math.min(lifeMs * 0.05, 5_000);
}

/** What {@link retryDelay} decides from. */
export interface RetrySituation {
  /** Life left in the token held, 0 or less without one. */
  readonly lifeLeftMs: number;
  /** How long there has been no valid token. */
  readonly withoutTokenMs: number;
  /** The life that tokens of this source have; `Infinity` where none was seen yet. */
  readonly lifeMs: number;
  /** False where the platform is sure that there is no network. */
  readonly online: boolean;
  /** From 0 to 1, 1 excluded. */
  readonly random: number;
}

/** What `onLine` says may be wrong: without network, ask this often all the same. */
const offlineProbeMs = 30_000;

/**
 * How long to wait after a failure. Lazy while the token held is good for a while, brisk near its end, then longer and
 * longer up to a cap: the delay follows the time gone without a token, so it doubles about every other try. The cap is a
 * fourteenth of a token's life, 4 to 45 s. Half of each delay is random.
 */
export function retryDelay(situation: RetrySituation): number {
  const { lifeLeftMs, withoutTokenMs, lifeMs, online, random } = situation;
  const cap = clamp(lifeMs / 14, 4_000, 45_000);
  const delay = lifeLeftMs > 0 ? clamp(lifeLeftMs / 4, 1_000, 60_000) : clamp(withoutTokenMs, 1_000, cap);
  const jittered = delay * (0.5 + random / 2);
  return online ? jittered : Math.max(jittered, offlineProbeMs * (0.5 + random / 2));
}

/** The deadline of one request: longer after each that ran out of time, so that a slow endpoint wins in the end. */
export function requestDeadline(timeoutMs: number, timeouts: number): number {
  return Math.min(timeoutMs * 1.5 ** timeouts, Math.max(timeoutMs, 30_000));
}

const longestRetryAfterMs = 10 * 60_000;

/** A server's `Retry-After`, never longer than 10 min, plus up to a tenth so that its clients do not come back as one. */
export function retryAfterDelay(retryAfterMs: number, random: number): number {
  return Math.min(retryAfterMs, longestRetryAfterMs) + Math.min(retryAfterMs * 0.1, 10_000) * random;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
