import { RoomSessionError } from '../errors.ts';

/** When to refresh and when to ask again. Pure: numbers in, numbers out; all in ms. */

/** Share of a token's remaining life after which it is refreshed, at the earliest and at the latest. */
export interface RefreshWindow {
  /** From 0 to 1; default 0.6. */
  readonly from: number;
  /** From 0 to 1, not less than `from`; default 0.75. */
  readonly to: number;
}

export const defaultRefreshWindow: RefreshWindow = { from: 0.6, to: 0.75 };

/** @throws `invalid_argument` for a window that is none */
export function checkWindow(window: RefreshWindow | false = defaultRefreshWindow): void {
  if (!window || (window.from >= 0 && window.from <= window.to && window.to <= 1)) return;
  throw new RoomSessionError(
    'invalid_argument',
    'refreshAt must be false or { from, to } with 0 ≤ from ≤ to ≤ 1.',
  );
}

/** No refresh sooner than this after the last answer, however short the token's life. */
const shortestIntervalMs = 1_000;

/**
 * How long after its arrival a token is refreshed. The place within the window is random, so that a thousand sessions
 * begun in one second do not come back in one second. Where timers come late, it is early enough for that.
 */
export function refreshDelay(lifeMs: number, window: RefreshWindow, random: number, lateMs: number): number {
  const share = window.from + (window.to - window.from) * random;
  return Math.max(Math.min(lifeMs * share, lifeMs - lateMs), shortestIntervalMs);
}

/** By how much to reckon with late timers after one of them came this late: a hidden page's may come once a minute. */
export function expectedLateness(lateMs: number): number {
  return lateMs > 2_000 ? 65_000 : 0;
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
  /** False where the platform is sure that there is no network. It may be wrong: it is asked now and then all the same. */
  readonly online: boolean;
  /** From 0 to 1, 1 excluded. */
  readonly random: number;
}

/**
 * How long to wait after a failure. Lazy while the token held is good for a while, brisk near its end, then longer and
 * longer up to a cap: the delay follows the time gone without a token, so it doubles about every other try. The cap is a
 * fourteenth of a token's life, 4 to 45 s. Half of each delay is random.
 */
export function retryDelay(situation: RetrySituation): number {
  const { lifeLeftMs, withoutTokenMs, lifeMs, online, random } = situation;
  const cap = clamp(lifeMs / 14, 4_000, 45_000);
  const delay = lifeLeftMs > 0 ? clamp(lifeLeftMs / 4, 1_000, 60_000) : clamp(withoutTokenMs, 1_000, cap);
  return Math.max(delay, online ? 0 : 30_000) * (0.5 + random / 2);
}

/** The deadline of one request: longer after each that ran out of time, so that a slow endpoint wins in the end. */
export function requestDeadline(timeoutMs: number, timeouts: number): number {
  return Math.min(timeoutMs * 1.5 ** timeouts, Math.max(timeoutMs, 30_000));
}

/** A server's `Retry-After`, never longer than 10 min, plus up to a tenth so that its clients do not come back as one. */
export function retryAfterDelay(retryAfterMs: number, random: number): number {
  return clamp(retryAfterMs, 0, 600_000) * (1 + random / 10);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
