import { TokenError } from '../errors.ts';

/** Two parts of a JWT, or one as long of anything else that may be a secret. */
const secret = /[\w-]{16,}\.[\w-]{16,}|[\w+/=-]{80,}/;

/** What a source or a check threw, as one of our errors. Its cause is left out where its text seems to tell a token. */
export function asTokenError(error: unknown): TokenError {
  if (error instanceof TokenError) return error;
  const isError = error instanceof Error;
  const cause = isError && !secret.test(error.message + error.stack) ? error : undefined;
  const kind = isError ? error.name : typeof error;
  return new TokenError('token_unavailable', `The token source failed (${kind}).`, { cause });
}
