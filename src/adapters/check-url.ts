import { RoomSessionError } from '../errors.ts';

/** The address that `url` is, seen from `base`; `undefined` where it is none. `URL.parse` and `URL.canParse` are too young. */
export function parseUrl(url: string, base?: string): URL | undefined {
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
}

/**
 * Looks at the address of a websocket.
 *
 * @param option the adapter's option that may hold it, for the message
 * @throws `invalid_argument` unless `value` is the address of a websocket that this page can open
 */
export function checkUrl(value: unknown, option: string): string {
  const url = String(value);
  // A browser refuses ws: to a page from https, but to its own machine.
  const mixed = globalThis.location?.protocol === 'https:' && /^ws:..(?!localhost|127\.|\[::1])/i.test(url);
  if (parseUrl(url) && /^wss?:/i.test(url) && !mixed) return url;
  throw new RoomSessionError(
    'invalid_argument',
    `${option}, or serverUrl in the token's answer, must be a wss: address, or ws: for a page from http.`,
  );
}
