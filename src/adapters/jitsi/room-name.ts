import { RoomSessionError } from '../../errors.ts';
import type { JitsiOptions } from './options.ts';

/** @throws `invalid_argument` unless `domain` is a host, with a port and a path at most */
export function checkDomain(domain: unknown): void {
  const isHost = typeof domain === 'string' && /^[^/?#@\s]+(\/[^?#\s]*)?$/.test(domain);
  if (isHost && !domain.includes('//') && URL.canParse(`https://${domain}`)) return;
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

/**
 * The room as it stands in the meeting's address, with the tenant before it as it is. The vendor's script does not encode
 * it, so `?`, `#` and spaces are encoded here. To the page, upper case is lower case.
 */
export function encodeRoom(room: string): string {
  const tenants = room.split('/');
  const name = tenants.pop() as string;
  return [...tenants, name.normalize('NFKC').toLowerCase()].map(encodeURIComponent).join('/');
}

/** JaaS's name for a customer, which stands before the room. */
export const appIdOf = (room: string): string | undefined =>
  /^vpaas-magic-cookie-[^/]+(?=\/)/i.exec(room)?.[0];
