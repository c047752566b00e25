import type { Clock, WakeReason } from '../clock.ts';
import type { TokenError } from '../errors.ts';
import type { Token } from './jwt.ts';
import type { RefreshWindow } from './schedule.ts';
import type { TokenAnswer, TokenReason } from './source.ts';
import type { WaitOptions } from './waiters.ts';

/** Asks for a token once; what it throws means "ask again", except for a `TokenError` with code `token_denied`. */
export type FetchToken = (request: {
  readonly reason: TokenReason;
  /** Aborts at the request's deadline, and when nobody needs the answer any more. */
  readonly signal: AbortSignal;
}) => TokenAnswer | Promise<TokenAnswer>;

/** A token arrived. */
export interface TokenArrival {
  readonly token: Token;
  readonly reason: TokenReason;
  /** How many requests it took. */
  readonly attempts: number;
}

/** A request for a token failed. */
export interface TokenFailure {
  readonly error: TokenError;
  /** The how-many-th failure in a row this is, from 1. */
  readonly attempt: number;
  /** When it is tried again, ms since the epoch by the local clock; `undefined`: never, the failure is final. */
  readonly retryAt: number | undefined;
}

/** Options of `TokenRefresher`. */
export interface TokenRefresherOptions {
  /** The share of a token's life after which it is refreshed, or `false`: never ahead of need. Default 0.6 to 0.75. */
  readonly refreshAt?: RefreshWindow | false | undefined;
  /** Deadline of one request in ms, body included; half as long again after each that ran out of it. Default 10 000. */
  readonly timeoutMs?: number | undefined;
  /** Throws a `TokenError` for a token that must not be used, such as one for another room. Default: none. */
  readonly check?: ((token: Token) => void) | undefined;
  /** Default: the browser's. */
  readonly clock?: Clock | undefined;
  readonly onToken?: ((arrival: TokenArrival) => void) | undefined;
  readonly onFailure?: ((failure: TokenFailure) => void) | undefined;
  /** The token held has ended before another one came. */
  readonly onExpired?: (() => void) | undefined;
  /** The local clock is off by 5 s or more, ahead where positive; told once, and again when that changes by 5 s. */
  readonly onClockSkew?: ((skew: { readonly ms: number }) => void) | undefined;
  /** Time may have passed unnoticed: the machine slept, the page was shown again, the network came back. */
  readonly onWake?: ((wake: { readonly reason: WakeReason }) => void) | undefined;
}

/** Which token a caller needs, and how it waits for it. */
export interface GetTokenOptions extends WaitOptions {
  /** The backend refused this token: it is not handed out again, and another one is asked for once. Default: none. */
  readonly rejected?: Token | undefined;
}
