import { type ErrorCode, ifClean, RoomSessionError, TokenError, type TokenErrorOptions } from '../errors.ts';

/** Makes one of our errors from what a source or a check threw. An error of ours with a token code keeps its code. */
export function asTokenError(error: unknown): TokenError {
  const isOurs = error instanceof RoomSessionError && error.code.startsWith('token_');
  if (!isOurs) {
    const name = error instanceof Error ? error.name : typeof error;
    const kind = ifClean(/^\w{1,40}$/.exec(name)?.[0]) ?? 'Error';
    const cause = error instanceof Error ? error : undefined;
    return new TokenError('token_unavailable', `The token source failed (${kind}).`, { cause });
  }
  // The app may have put more on it since it was made.
  if (error instanceof TokenError && isMs(error.retryAfterMs) && ifClean(error)) return error;
  const { code, message, status, retryAfterMs, ...rest } = error as RoomSessionError & TokenErrorOptions;
  return new TokenError(code as Extract<ErrorCode, `token_${string}`>, message, {
    cause: error.cause,
    status: typeof status === 'number' ? status : undefined,
    retryAfterMs: isMs(retryAfterMs) ? retryAfterMs : undefined,
    claim: rest.claim,
  });
}

function isMs(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && !Number.isNaN(value));
}
