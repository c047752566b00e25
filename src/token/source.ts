/** Why a token is asked for: the first of a join, one before the last ends, or one in place of a refused one. */
export type TokenReason = 'join' | 'refresh' | 'rejected';

/** What a token source is asked. */
export interface TokenRequest {
  readonly room: string;
  readonly identity?: string | undefined;
  readonly reason: TokenReason;
  /** Aborts at the request's deadline and when the answer is no longer needed. */
  readonly signal: AbortSignal;
  /** The random id of the session, as in its log and report: for a header to the endpoint, so that both logs can be matched. */
  readonly sessionId?: string | undefined;
  /** Aborts when the join ends: a source forgets then what it remembers of the person. */
  readonly joinSignal?: AbortSignal | undefined;
}

/** A token and what is known about it. */
export interface TokenDetails {
  readonly token: string;
  /** Seconds from now until the token ends; or text such as `1h`, `5 minutes`, `PT5M`. 0 and -1: it never ends. */
  readonly expiresIn?: number | string | undefined;
  /** When the token ends: seconds or ms since the epoch, or a date. */
  readonly expiresAt?: number | string | Date | undefined;
  /** The server's time when it answered, in ms since the epoch; `tokenEndpoint` takes it from the `Date` header. */
  readonly serverTime?: number | undefined;
  /** The server to join, where a backend spreads its rooms over many. */
  readonly serverUrl?: string | undefined;
  readonly [extra: string]: unknown;
}

/** A subscriber of Ant Media with a code (TOTP), in place of a token. */
export interface SubscriberCode {
  readonly token?: null | undefined;
  readonly subscriberId: string;
  /** Six digits, as text. The adapter asks for another code right before it sends one. */
  readonly subscriberCode: string;
  readonly [extra: string]: unknown;
}

/** A token, a token with details, a subscriber's code, or `null` or `{ token: null }`: there is no token, join as a guest. */
export type TokenAnswer = string | null | TokenDetails | SubscriberCode | { readonly token: null };

/**
 * Where tokens come from: `tokenEndpoint(url)`, or any function (GraphQL, a websocket, an auth library). It is called
 * for each attempt. What it throws means "ask again", unless it is a `TokenError` with code `token_denied`: "never".
 */
export type TokenSource = (request: TokenRequest) => TokenAnswer | Promise<TokenAnswer>;
