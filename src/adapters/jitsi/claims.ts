import { TokenError } from '../../errors.ts';
import type { Token } from '../../token/jwt.ts';
import { appIdOf, nodeOf } from './room-name.ts';

/**
 * Checks what the server checks when a person enters (Prosody's mod_token_verification). The claim `room` is the room's
 * name as it is encoded in the address, in any case; `*`; or a pattern where `context.room.regex` says so. On JaaS `sub` is
 * the AppID.
 *
 * @param roomName the room as it stands in the meeting's address
 * @throws `TokenError` `token_mismatch`, with the claim
 */
export function checkClaims({ claims: { room: claim, sub, context } }: Token, roomName: string): void {
  const { regex } = Object(Object(context).room);
  const node = nodeOf(roomName);
  const isCompared = typeof claim === 'string' && claim !== '*' && `${regex}` !== 'true';
  if (isCompared && claim.toLowerCase() !== node) throw mismatch('room', claim, node);
  const appId = appIdOf(roomName);
  if (appId && typeof sub === 'string' && sub !== appId) throw mismatch('sub', sub, appId);
}

function mismatch(claim: string, value: string, wanted: string): TokenError {
  return new TokenError('token_mismatch', `The token's ${claim} is "${value}", not "${wanted}".`, { claim });
}
