import { RoomSessionError } from '../../errors.ts';
import { parseUrl } from '../check-url.ts';
import type { JitsiOptions } from './options.ts';

/**
 * Looks at the name of a deployment.
 *
 * @throws `invalid_argument` unless `domain` is a host, with a port and a path at most
 */
export function checkDomain(domain: unknown): void {
  const isHost = typeof domain === 'string' && /^[^/?#@\s]+(\/[^?#\s]*)?$/.test(domain);
  if (isHost && !domain.includes('//') && parseUrl(`https://${domain}`)) return;
  throw new RoomSessionError(
    'invalid_argument',
    'domain must be a host such as meet.example.org, without "https://".',
  );
}

/** Where the vendor's script is by default. JaaS has one for each AppID. */
export function scriptUrlOf(
  { domain, scriptUrl }: Pick<JitsiOptions, 'domain' | 'scriptUrl'>,
  room: string,
): string {
  if (scriptUrl) return scriptUrl;
  const isOwnMachine =
    /^(localhost|127\.[\d.]+|\[::1])(?![^:/])/.test(domain) && globalThis.location?.protocol === 'http:';
  const appId = appIdOf(room);
  return `${isOwnMachine ? 'http' : 'https'}://${domain}/${appId ? `${appId}/` : ''}external_api.js`;
}

/** What the page drops from names, and what no address can have. The slash is the one between tenant and room. */
const dropped = /[:?#[\]@!$&'()*+,;=></"\p{Cc}]/gu;

/**
 * A name as Prosody compares it, and as it stands in the meeting's address: the page encodes it in this way too, and the
 * token's claim `room` must be the same text.
 */
const encodeName = (name: string): string =>
  encodeURIComponent(name.normalize('NFKC').toLowerCase()).toLowerCase();

/**
 * The room as it stands in the meeting's address, with the tenant before it. Where no tenant is given, the room may name
 * one itself, before a slash.
 *
 * @throws `invalid_argument` for a name that the page would change, or take for another part of the address
 */
export function encodeRoom(room: string, tenant: string | undefined): string {
  const parts = tenant === undefined ? room.split('/') : [tenant, room];
  if (parts.length > 2) throw invalidName(room, 'more than one "/"');
  // Prosody's form: a letter that looks like a dot or a slash may be one there.
  for (const part of parts.map((given) => given.normalize('NFKC'))) {
    const characters = new Set(part.match(dropped));
    if (characters.size > 0)
      throw invalidName(room, [...characters].map((one) => JSON.stringify(one)).join(' '));
    if (/^\.{0,2}$/.test(part)) throw invalidName(room, part ? `"${part}" as a name` : 'an empty name');
  }
  const name = encodeName(parts.pop() as string);
  return [...parts.map(encodeURIComponent), name].join('/');
}

function invalidName(room: string, what: string): RoomSessionError {
  const message = `The room "${room}" has what a Jitsi address cannot have: ${what}. Use letters, digits and "-".`;
  return new RoomSessionError('invalid_argument', message);
}

/** The name that Prosody knows the room by, without the tenant. */
export const nodeOf = (roomName: string): string => roomName.replace(/^.*\//, '');

/** JaaS's name for a customer, which stands before the room. */
export const appIdOf = (room: string): string | undefined =>
  /^vpaas-magic-cookie-[^/]+(?=\/)/i.exec(room)?.[0];
