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
  // Prosody takes what is no text at the login, and lets it into no room; `null` is not even answered.
  const isCompared = claim !== undefined && claim !== '*' && `${regex}` !== 'true';
  const isNode = typeof claim === 'string' && claim.toLowerCase() === node;
  if (isCompared && !isNode) throw mismatch('room', `${claim}`, node);
  const appId = appIdOf(roomName);
  if (appId && typeof sub === 'string' && sub !== appId) throw mismatch('sub', sub, appId);
}

function mismatch(claim: string, value: string, wanted: string): TokenError {
  return new TokenError('token_mismatch', `The token's ${claim} is "${value}", not "${wanted}".`, { claim });
}
