import { ifClean, withoutSecrets } from './secrets.ts';

export { ifClean };

/**
 * What went wrong, in one word that a program can branch on.
 *
 * - `token_denied`: the token source said no; asking again does not help.
 * - `token_unavailable`: no token could be had (network, 5xx, 429, timeout); it is asked for again later.
 * - `token_malformed`: the source answered, but with nothing usable (HTML, empty, `"undefined"`, no token, an expired one).
 * - `token_mismatch`: a claim of the token names another room, identity or right; said before any backend is called.
 * - `connect_failed`: the backend could not be reached or ended the room with an error of its own.
 * - `connect_timeout`: not in the room within the join timeout.
 * - `connect_denied`: the backend refused: a fresh token did not help, or its policy says no.
 * - `browser_unsupported`: the browser has no WebRTC, or it is turned off; or it cannot share the screen.
 * - `vendor_missing`: the vendor's library is not there.
 * - `invalid_argument`: an argument or option is not what it must be.
 * - `invalid_state`: the call does not fit the moment, such as a second `join`.
 */
export type ErrorCode =
  | 'token_denied'
  | 'token_unavailable'
  | 'token_malformed'
  | 'token_mismatch'
  | 'connect_failed'
  | 'connect_timeout'
  | 'connect_denied'
  | 'browser_unsupported'
  | 'vendor_missing'
  | 'invalid_argument'
  | 'invalid_state';

/** Where each code has a section: `homepage` of package.json, and the site's page. */
const page = 'https://room-session.example/errors#';

/** What a {@link RoomSessionError} may carry besides its code and message. */
export interface RoomSessionErrorOptions {
  /** The error underneath. Default: none. */
  readonly cause?: unknown;
  /** The backend's own word for it, such as Ant Media's `unauthorized_access`. Default: none. */
  readonly vendorCode?: string | undefined;
  /** What the backend cannot do, such as `messages`. Default: none. */
  readonly capability?: string | undefined;
}

/**
 * The one error class of the package, with {@link TokenError} as its only relative. The message says what was wrong
 * and what to do. What seems to be a token is left out of it and of all that it carries. `cause` is the error underneath, where there is one.
 */
export class RoomSessionError extends Error {
  override readonly name: string = 'RoomSessionError';
  readonly code: ErrorCode;
  /** The address of the page that says what this code means and what to do. */
  readonly docs: string;
  /** The error underneath, where there is one. Also in projects whose `lib` does not know it. */
  declare readonly cause: unknown;
  /** The backend's own word for it, such as Ant Media's `unauthorized_access`. */
  declare readonly vendorCode: string | undefined;
  /** What the backend cannot do, where that is the reason: see `session.can`. */
  declare readonly capability: string | undefined;

  /** What seems to hold a token is left out, of the message and of the options. */
  constructor(code: ErrorCode, message: string, options: RoomSessionErrorOptions = {}) {
    const clean = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, ifClean(value)]));
    super(withoutSecrets(`${message}`), clean);
    this.code = code;
    this.docs = page + code;
    Object.assign(this, clean);
  }

  /** Whether the token or the person was refused, so that another attempt does not help: `token_denied`, `connect_denied`. */
  get isDenied(): boolean {
    return this.code === 'token_denied' || this.code === 'connect_denied';
  }
}

/** What a {@link TokenError} may carry. */
export interface TokenErrorOptions {
  /** The error underneath. Default: none. */
  readonly cause?: unknown;
  /** HTTP status of the endpoint's answer. Default: none. */
  readonly status?: number | undefined;
  /** How long the endpoint asked us to wait, in ms. Default: none. */
  readonly retryAfterMs?: number | undefined;
  /** The claim that does not fit, such as `streamId`. Default: none. */
  readonly claim?: string | undefined;
}

/** What can be wrong with a token; see {@link ErrorCode}. */
export type TokenErrorCode = 'token_denied' | 'token_unavailable' | 'token_malformed' | 'token_mismatch';

/**
 * No usable token. A token source throws one to say what the refresher shall do: `token_denied` stops it for good,
 * every other code makes it ask again (not before `retryAfterMs`). Anything else that a source throws counts as
 * `token_unavailable`.
 */
export class TokenError extends RoomSessionError {
  override readonly name: string = 'TokenError';
  /** HTTP status of the endpoint's answer, where there was one. */
  declare readonly status: number | undefined;
  /** How long the endpoint asked us to wait, in ms. */
  declare readonly retryAfterMs: number | undefined;
  /** The claim that does not fit, such as `streamId`. */
  declare readonly claim: string | undefined;

  constructor(code: TokenErrorCode, message: string, options?: TokenErrorOptions) {
    super(code, message, options);
  }
}
