import { RoomSessionError } from '../../errors.ts';

/** @throws `invalid_argument` unless `value` is the address of a websocket that this page can open */
export function checkUrl(value: unknown): string {
  const url = String(value);
  // A browser refuses ws: to a page from https, but to its own machine.
  const mixed = globalThis.location?.protocol === 'https:' && /^ws:..(?!localhost|127\.|\[::1])/i.test(url);
  if (URL.canParse(url) && /^wss?:/i.test(url) && !mixed) return url;
  throw invalid(
    "websocketUrl, or serverUrl in the token's answer, must be a wss: address, or ws: for a page from http.",
  );
}

/**
 * The rule is the server's (`StreamIdValidator.java`), which answers `invalidStreamName`.
 *
 * @throws `invalid_argument` unless both can be stream ids, and are different
 */
export function checkIds(room: string, identity: string): void {
  if (room !== identity && /^[\w.-]+ [\w.-]+$/.test(`${room} ${identity}`)) return;
  throw invalid(
    `Room "${room}" and identity "${identity}" must differ, and have only letters, digits, "-", "_" and ".".`,
  );
}

function invalid(message: string): RoomSessionError {
  return new RoomSessionError('invalid_argument', message);
}
