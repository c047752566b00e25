/** Why a token is asked for: the first of a join, one before the last ends, or one in place of a refused one. */
export type TokenReason = 'join' | 'refresh' | 'rejected';

/** What a token source is asked. */
export interface TokenRequest {
  readonly room: string;
  readonly identity?: string | undefined;
  readonly reason: TokenReason;
  /** Aborts at the request's deadline and when nobody needs the answer any more. */
  readonly signal: AbortSignal;
}

/** A token and what is known about it. */
export interface TokenDetails {
  readonly token: string;
  /** Seconds from now until the token ends. */
  readonly expiresIn?: number | undefined;
  /** When the token ends, in seconds since the epoch. */
  readonly expiresAt?: number | undefined;
  /** The server's time when it answered, in ms since the epoch; `tokenEndpoint` takes it from the `Date` header. */
  readonly serverTime?: number | undefined;
  /** The server to join, where a backend spreads its rooms over many. */
  readonly serverUrl?: string | undefined;
  readonly [extra: string]: unknown;
}

/** A token, a token with details, or `null`: no token for you, join as a guest. */
export type TokenAnswer = string | null | TokenDetails;

/**
 * Where tokens come from: `tokenEndpoint(url)`, or any function (GraphQL, a websocket, an auth library). It is called
 * for each attempt. What it throws means "ask again", unless it is a `TokenError` with code `token_denied`: "never".
 */
export type TokenSource = (request: TokenRequest) => TokenAnswer | Promise<TokenAnswer>;
