import { RoomSessionError, TokenError } from '../errors.ts';
import type { Token } from '../token/jwt.ts';

/** The address that `url` is, seen from `base`; `undefined` where it is none. `URL.parse` and `URL.canParse` are too young. */
export function parseUrl(url: string, base?: string): URL | undefined {
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
}

/** Which servers an adapter may open a websocket to. */
export interface ServerOptions {
  /**
   * The hosts that a `serverUrl` in the token's answer may name: `media.example.org`, or `*.example.org` for all below. Default:
   * those of the same site as the server that the adapter was given; any, where it was given none.
   */
  readonly allowedServers?: readonly string[] | undefined;
  /** Allows `ws:` to other machines than this one, where anyone on the way can read the token. Default: `false`. */
  readonly allowInsecure?: boolean | undefined;
}

/**
 * Looks at the address of a websocket.
 *
 * @param option the adapter's option that may hold it, for the message
 * @throws `invalid_argument` unless `value` is one that may be opened
 */
export function checkUrl(value: unknown, option: string, { allowInsecure }: ServerOptions): string {
  const url = parseUrl(String(value));
  const { protocol = '', hostname = '', username, password } = url ?? {};
  const isSafe = protocol === 'wss:' || (protocol === 'ws:' && (allowInsecure || isOwnMachine(hostname)));
  if (isSafe && !username && !password) return String(value);
  throw new RoomSessionError(
    'invalid_argument',
    `${option}, or serverUrl in the token's answer, must be a wss: address without a password. For ws: to another machine set allowInsecure.`,
  );
}

/**
 * Looks at the server that a token's answer names.
 *
 * @param given the address that the adapter was given
 * @throws `token_mismatch` where it may not be taken
 */
export function checkNamedServer(
  token: Token | undefined,
  given: unknown,
  { allowedServers }: ServerOptions,
): void {
  const base = globalThis.location?.href;
  const named = parseUrl(`${token?.details['serverUrl'] ?? ''}`, base);
  const own = given ? parseUrl(`${given}`, base) : undefined;
  if (!token?.details['serverUrl'] || !named) return;
  const { host, hostname } = named;
  const isAllowed = allowedServers
    ? allowedServers.some(
        (allowed) =>
          allowed === host ||
          allowed === hostname ||
          (/^\*\../.test(allowed) && hostname.endsWith(allowed.slice(1))),
      )
    : !own || siteOf(hostname) === siteOf(own.hostname);
  if (isAllowed) return;
  const message = `The token's answer names the server ${host}, which is not allowed. Name it in allowedServers.`;
  throw new TokenError('token_mismatch', message, { claim: 'serverUrl' });
}

/** What the platform itself calls potentially trustworthy (W3C Secure Contexts, section 3.1), as far as it matters here. */
function isOwnMachine(hostname: string): boolean {
  return /^((.+\.)?localhost|127\.[\d.]+|\[::1])$/.test(hostname);
}

/** What belongs to one owner: `example.org`, `example.co.uk`. A browser keeps the list of all such ends to itself. */
function siteOf(hostname: string): string {
  if (isOwnMachine(hostname)) return 'localhost';
  if (/^[\d.]+$|:/.test(hostname)) return hostname;
  const names = hostname.split('.');
  return names.slice(/\.[^.]{1,3}\.[^.]{2}$/.test(hostname) ? -3 : -2).join('.');
}
