import type { JoinRequest } from '../../adapter.ts';
import { TokenError } from '../../errors.ts';
import type { Token } from '../../token/jwt.ts';
import { appIdOf, encodeRoom } from './room-name.ts';

/**
 * Checks what the server checks when a person enters (Prosody's mod_token_verification). The claim `room` is the room's
 * name in lower case, `*`, or a pattern where `context.room.regex` says so. On JaaS `sub` is the AppID.
 *
 * @throws `TokenError` `token_mismatch`, with the claim
 */
export function checkClaims({ claims: { room: claim, sub, context } }: Token, { room }: JoinRequest): void {
  const { regex } = Object(Object(context).room);
  const name = room.split('/').pop() as string;
  if (typeof claim === 'string' && claim !== '*' && `${regex}` !== 'true') {
    // The room's address at the server: encoded, in lower case, without the characters that the page removes.
    const node = encodeRoom(name)
      .toLowerCase()
      .replace(/[!'()*]/g, '');
    const claimed = claim.toLowerCase();
    if (claimed !== node && claimed !== name.toLowerCase()) throw mismatch('room', claim, name);
  }
  const appId = appIdOf(room);
  if (appId && typeof sub === 'string' && sub !== appId) throw mismatch('sub', sub, appId);
}

function mismatch(claim: string, value: string, wanted: string): TokenError {
  return new TokenError('token_mismatch', `The token's ${claim} is "${value}", not "${wanted}".`, { claim });
}
