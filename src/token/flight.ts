import { TokenError } from '../errors.ts';
import type { FetchToken } from './refresher-options.ts';
import type { TokenAnswer, TokenReason } from './source.ts';

/** How a request for a token ended. */
export type Landing = { readonly answer: TokenAnswer } | { readonly error: TokenError };

/** One request for a token, from its start to its landing; given up, it lands no more. Times are monotonic, in ms. */
export class Flight {
  readonly reason: TokenReason;
  readonly startedAt: number;
  readonly deadline: number;
  readonly #controller = new AbortController();

  constructor(reason: TokenReason, startedAt: number, limitMs: number) {
    this.reason = reason;
    this.startedAt = startedAt;
    this.deadline = startedAt + limitMs;
  }

  /** Asks now, and calls `onLand` once, later. */
  start(fetchToken: FetchToken, onLand: (landing: Landing) => void): void {
    const { signal } = this.#controller;
    const land = (landing: Landing) => signal.aborted || onLand(landing);
    // A function that throws at once, and one that never settles, are the same to us.
    new Promise<TokenAnswer>((resolve) => resolve(fetchToken({ reason: this.reason, signal }))).then(
      (answer) => land({ answer }),
      (error: unknown) => land({ error: asTokenError(error) }),
    );
  }

  giveUp(reason: Error): void {
    this.#controller.abort(reason);
  }
}

/** What a source or a check threw, as one of our errors. */
export function asTokenError(error: unknown): TokenError {
  if (error instanceof TokenError) return error;
  // The cause may be anything, a request with the token in it too: its kind is told, not its text.
  const kind = error instanceof Error ? error.name : typeof error;
  return new TokenError('token_unavailable', `The token source failed (${kind}). It is asked again.`, {
    cause: error,
  });
}
