import type { Clock, WakeReason } from '../clock.ts';
import type { TokenError } from '../errors.ts';
import type { Token } from './jwt.ts';
import type { RefreshWindow } from './schedule.ts';
import type { TokenAnswer, TokenReason } from './source.ts';
import type { WaitOptions } from './waiters.ts';

/** Asks for a token once. What it throws means "ask again", except for a `TokenError` with code `token_denied`. */
export type FetchToken = (request: {
  readonly reason: TokenReason;
  /** Aborts at the request's deadline, and when the answer is not needed. */
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
  /** How many failures in a row this makes, from 1. */
  readonly attempt: number;
  /**
   * When it is tried again, ms since the epoch by the local clock; `undefined`: never, the denial is final. Denied for the
   * first time since a token came, the source is asked once more, a minute later.
   */
  readonly retryAt: number | undefined;
}

/** How a {@link TokenRefresher} works, and what it tells. */
export interface TokenRefresherOptions {
  /** The share of a token's life after which it is refreshed; `false`: only when a caller asks. Default 0.6 to 0.7. */
  readonly refreshAt?: RefreshWindow | false | undefined;
  /** Deadline of one request in ms, body included; nearly twice as long after each that ran out of it, up to a minute. Default 10 000. */
  readonly timeoutMs?: number | undefined;
  /** Throws a `TokenError` for a token that must not be used, such as one for another room. Default: every token is used. */
  readonly check?: ((token: Token) => void) | undefined;
  /** Where time, timers and chance come from. Default: the browser's. */
  readonly clock?: Clock | undefined;
  /** A new token arrived. */
  readonly onToken?: ((arrival: TokenArrival) => void) | undefined;
  /** A request failed, or its answer had no usable token. */
  readonly onFailure?: ((failure: TokenFailure) => void) | undefined;
  /** The token in use has ended before another one came. */
  readonly onExpired?: (() => void) | undefined;
  /** The local clock is off by 5 s or more, ahead where positive; told once, and again when that changes by 5 s. */
  readonly onClockSkew?: ((skew: { readonly ms: number }) => void) | undefined;
  /** Time may have passed unnoticed: the machine slept, the page was shown again, the network came back. */
  readonly onWake?: ((wake: { readonly reason: WakeReason }) => void) | undefined;
}

/** Which token a caller wants, and how long it waits. */
export interface GetTokenOptions extends WaitOptions {
  /** The backend rejected this token: it is not handed out again, and another is asked for once. Default: none. */
  readonly rejected?: Token | undefined;
}
