import { RoomSessionError, TokenError } from '../../errors.ts';
import type { Claims } from '../../token/jwt.ts';
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

/** Where the vendor's script is, unless the app says so. JaaS has one for each AppID. */
export function scriptUrlOf({ domain, scriptUrl }: JitsiOptions, room: string): string {
  if (scriptUrl) return scriptUrl;
  const isOwnMachine =
    /^(localhost|127\.[\d.]+|\[::1])(?![^:/])/.test(domain) && globalThis.location?.protocol === 'http:';
  const appId = appIdOf(room);
  return `${isOwnMachine ? 'http' : 'https'}://${domain}/${appId ? `${appId}/` : ''}external_api.js`;
}

/**
 * The room as it stands in the meeting's address, a tenant before it as it is. The vendor's script puts it there to the
 * letter, so `?`, `#` and spaces are encoded here; upper case is lower case to the page.
 */
export function encodeRoom(room: string): string {
  const tenants = room.split('/');
  const name = tenants.pop() as string;
  return [...tenants, name.normalize('NFKC').toLowerCase()].map(encodeURIComponent).join('/');
}

/**
 * What Prosody looks at when somebody enters (mod_token_verification): `room`, in lower case, is the room's name or `*`,
 * or a pattern where `context.room.regex` says so. On JaaS `sub` is the AppID.
 *
 * @throws `TokenError` `token_mismatch`, naming the claim
 */
export function checkClaims({ room: claim, sub, context }: Claims, room: string): void {
  const { regex } = Object(Object(context).room);
  const name = room.split('/').pop() as string;
  if (typeof claim === 'string' && claim !== '*' && `${regex}` !== 'true') {
    // The room's address at the server: encoded, in lower case, without what the page drops.
    const node = encodeRoom(name)
      .toLowerCase()
      .replace(/[!'()*]/g, '');
    const claimed = claim.toLowerCase();
    if (claimed !== node && claimed !== name.toLowerCase()) throw mismatch('room', claim, name);
  }
  const appId = appIdOf(room);
  if (appId && typeof sub === 'string' && sub !== appId) throw mismatch('sub', sub, appId);
}

/** JaaS's name for a customer, which goes before the room. */
const appIdOf = (room: string): string | undefined => /^vpaas-magic-cookie-[^/]+(?=\/)/i.exec(room)?.[0];

function mismatch(claim: string, value: string, wanted: string): TokenError {
  return new TokenError('token_mismatch', `The token's ${claim} is "${value}", not "${wanted}".`, { claim });
}
