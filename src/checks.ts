import { RoomSessionError } from './errors.ts';
import type { RoomSessionOptions } from './options.ts';

/**
 * Looks at the options of a session.
 *
 * @throws `invalid_argument` for options that no session can be made of
 */
export function checkOptions(options: RoomSessionOptions): void {
  if (typeof options?.adapter?.connect !== 'function') {
    throw invalidArgument('RoomSession needs an adapter, such as antMedia({ websocketUrl })');
  }
  if (options.tokenSource && typeof options.tokenSource !== 'function') {
    throw invalidArgument('tokenSource must be a function, such as tokenEndpoint(url)');
  }
}

/**
 * Looks at what is to be joined.
 *
 * @throws `invalid_argument` for a room or an identity that is not a non-empty string
 */
export function checkJoin(room: unknown, identity: unknown): void {
  checkName('room', room);
  if (identity !== undefined) checkName('identity', identity);
}

/**
 * Looks at what a person says of itself.
 *
 * @throws `invalid_argument` unless it is an object that JSON can carry
 */
export function checkMetadata(metadata: unknown): void {
  try {
    if (JSON.stringify(metadata).startsWith('{')) return;
  } catch {}
  throw invalidArgument('metadata must be an object that JSON can carry');
}

function checkName(what: string, value: unknown): void {
  if (value && typeof value === 'string') {
    if (isWellFormed(value)) return;
    throw invalidArgument(`${what} ends or begins in the middle of a character, such as half an emoji`);
  }
  throw invalidArgument(`${what} must be a non-empty string, got ${JSON.stringify(value) ?? typeof value}`);
}

/** Half a surrogate pair has no form in an address or on the wire. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function invalidArgument(message: string): RoomSessionError {
  return new RoomSessionError('invalid_argument', `${message}.`);
}
