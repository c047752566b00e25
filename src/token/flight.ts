import { TokenError } from '../errors.ts';
import type { FetchToken } from './refresher-options.ts';
import type { TokenAnswer, TokenReason } from './source.ts';

/** How a request for a token ended. */
export type Landing = { readonly answer: TokenAnswer } | { readonly error: unknown };

/** One request for a token, from its start to its landing; given up, it lands no more. Times are monotonic, in ms. */
export class Flight {
  readonly reason: TokenReason;
  readonly startedAt: number;
  readonly limitMs: number;
  readonly #controller = new AbortController();

  constructor(reason: TokenReason, startedAt: number, limitMs: number) {
    this.reason = reason;
    this.startedAt = startedAt;
    this.limitMs = limitMs;
  }

  get deadline(): number {
    return this.startedAt + this.limitMs;
  }

  /** Asks now, and calls `onLand` once, later. */
  start(fetchToken: FetchToken, onLand: (landing: Landing) => void): void {
    const { signal } = this.#controller;
    const land = (landing: Landing) => signal.aborted || onLand(landing);
    // A function that throws at once, and one that rejects, are the same to us.
    new Promise<TokenAnswer>((resolve) => resolve(fetchToken({ reason: this.reason, signal }))).then(
      (answer) => land({ answer }),
      (error: unknown) => land({ error }),
    );
  }

  giveUp(reason: Error): void {
    this.#controller.abort(reason);
  }
}

/** Two parts of a JWT, or one as long of anything else that may be a secret. */
const secret = /[\w-]{16,}\.[\w-]{16,}|[\w+/=-]{80,}/;

/** What a source or a check threw, as one of our errors. Its cause is left out where its text seems to tell a token. */
export function asTokenError(error: unknown): TokenError {
  if (error instanceof TokenError) return error;
  const isError = error instanceof Error;
  const cause = isError && !secret.test(`${error.message} ${error.stack}`) ? error : undefined;
  const kind = isError ? error.name : typeof error;
  return new TokenError('token_unavailable', `The token source failed (${kind}).`, { cause });
}
