import { type ErrorCode, RoomSessionError, TokenError, type TokenErrorOptions } from '../errors.ts';

/** The start of a JWT, two parts of one, or anything else that is long enough to be a secret. */
const secret = /eyJ[\w-]{16,}|[\w-]{16,}\.[\w-]{16,}|[\w+/=-]{80,}/;
const tokenCodes: readonly string[] = [
  'token_denied',
  'token_unavailable',
  'token_malformed',
  'token_mismatch',
];
/** More objects than an error needs to say what happened. */
const mostObjects = 50;

/**
 * Makes one of our errors from what a source or a check threw. An error of ours with a token code keeps its code. Text that
 * seems to hold a token is left out, of the message and of the cause.
 */
export function asTokenError(error: unknown): TokenError {
  if (error instanceof TokenError && isUsable(error)) return error;
  if (error instanceof RoomSessionError && tokenCodes.includes(error.code)) return cleanCopy(error);
  const name = error instanceof Error ? error.name : typeof error;
  const kind = /^\w{1,40}$/.test(name) && !secret.test(name) ? name : 'Error';
  return new TokenError('token_unavailable', `The token source failed (${kind}).`, {
    cause: safeCause(error),
  });
}

/** The error itself as a cause, or `undefined` where something in it seems to hold a token, or could hold one unseen. */
export function safeCause(error: unknown): Error | undefined {
  return error instanceof Error && isClean(error) ? error : undefined;
}

function isUsable(error: TokenError): boolean {
  return isMs(error.retryAfterMs) && isClean(error);
}

function cleanCopy(error: RoomSessionError): TokenError {
  const { message, code, cause, status, retryAfterMs, claim } = error as RoomSessionError & TokenErrorOptions;
  return new TokenError(
    code as Extract<ErrorCode, `token_${string}`>,
    isCleanValue(message) ? message : 'The token source failed; its message seemed to hold a token.',
    {
      cause: safeCause(cause),
      status: typeof status === 'number' ? status : undefined,
      retryAfterMs: isMs(retryAfterMs) ? retryAfterMs : undefined,
      claim: isCleanValue(claim) ? claim : undefined,
    },
  );
}

function isMs(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && !Number.isNaN(value));
}

function isClean(error: Error): boolean {
  try {
    return isCleanValue(error, new Set());
  } catch {
    // A getter that throws, or a proxy: its content is unknown.
    return false;
  }
}

/** @param seen the objects that were looked into */
function isCleanValue(value: unknown, seen: Set<unknown> = new Set()): boolean {
  if (typeof value === 'string') return !secret.test(value);
  if (typeof value !== 'object' || value === null || seen.has(value)) return true;
  seen.add(value);
  if (seen.size > mostObjects) return false;
  const isError = value instanceof Error;
  // `Headers`, `Request`, `Map` and the like show to a console what their properties do not tell.
  if (!isError && !Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return false;
  // A stack is no property of its own in every browser.
  const names = [...Reflect.ownKeys(value), ...(isError ? ['stack', 'message'] : [])];
  return names.every(
    (name) => isCleanValue(name, seen) && isCleanValue((value as Record<PropertyKey, unknown>)[name], seen),
  );
}
