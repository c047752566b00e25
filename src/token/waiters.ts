import { RoomSessionError, TokenError } from '../errors.ts';
import type { Token } from './jwt.ts';

/** How a caller waits for a token. */
export interface WaitOptions {
  /** Ends this caller's wait; other callers and the request itself go on. Default: none. */
  readonly signal?: AbortSignal | undefined;
  /** How long the token must still be valid, in ms. Default: a twentieth of its life, 5 000 at most. */
  readonly minValidityMs?: number | undefined;
  /** Only a token that no caller has had. Default `false`. */
  readonly fresh?: boolean | undefined;
  /** How long to wait while the source fails, in ms; default 30 000. `Infinity`: until the signal aborts. */
  readonly waitMs?: number | undefined;
}

/** One caller that waits. */
export interface Waiter extends WaitOptions {
  /** Monotonic, ms. */
  readonly deadline: number;
  settle(result: Promise<never> | Token | undefined): void;
}

/** The callers that wait for a token, each with a signal and a deadline of its own. */
export type Waiters = Set<Waiter>;

/**
 * Adds a caller to `waiters` until it is settled.
 *
 * @param now monotonic, ms
 * @param onLeave called when the caller gives up by its signal
 */
export function wait(
  waiters: Waiters,
  options: WaitOptions,
  now: number,
  onLeave: () => void,
): Promise<Token | undefined> {
  const { signal, waitMs = 30_000 } = options;
  return new Promise((resolve) => {
    const settle: Waiter['settle'] = (result) => {
      waiters.delete(waiter);
      signal?.removeEventListener('abort', leave);
      resolve(result);
    };
    const leave = () => {
      settle(Promise.reject(signal?.reason));
      onLeave();
    };
    const waiter: Waiter = { ...options, deadline: now + waitMs, settle };
    waiters.add(waiter);
    signal?.addEventListener('abort', leave);
  });
}

/** Whether the source denies a token. One denial of a person who had a token is not final before it is confirmed. */
export type Denial = 'none' | 'unconfirmed' | 'final';

/** What {@link serveWaiters} decides by. */
interface Served {
  readonly token: Token | undefined;
  /** How long the token is still valid, in ms; `Infinity` for a guest. */
  readonly leftMs: number;
  /** How long it must be valid for a caller that does not say, in ms. */
  readonly usualMs: number;
  /** It serves all who waited: tokens here do not live longer. */
  readonly justArrived: boolean;
  /** A caller has it already. */
  readonly isUsed: boolean;
  /** Monotonic, in ms. */
  readonly now: number;
  readonly failure: TokenError | undefined;
  readonly denial: Denial;
}

/**
 * Settles the callers that can have the token, and those whose time is over.
 *
 * @returns whether a caller got it
 */
export function serveWaiters(waiters: Waiters, served: Served): boolean {
  const { token, leftMs, usualMs, justArrived, now, failure, denial } = served;
  let { isUsed } = served;
  let isServed = false;
  for (const { fresh, minValidityMs, deadline, settle } of waiters) {
    const isGood = justArrived || (leftMs > 0 && leftMs > (minValidityMs ?? usualMs));
    if (isGood && !(fresh && isUsed)) {
      isUsed = isServed = true;
      settle(token);
    } else if (denial === 'final' || deadline <= now) {
      const late = new TokenError('token_unavailable', 'No token came in the time given.');
      // The error of a denial that is not confirmed would say that it is final.
      settle(Promise.reject((denial !== 'unconfirmed' && failure) || late));
    }
  }
  return isServed;
}

/** Why a caller gets no token after `stop()`. */
export function stoppedError(): RoomSessionError {
  return new RoomSessionError('invalid_state', 'The token refresher was stopped. Make a new one.');
}
