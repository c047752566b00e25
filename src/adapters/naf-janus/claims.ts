import type { JoinRequest } from '../../adapter.ts';
import { TokenError } from '../../errors.ts';
import type { Token } from '../../token/jwt.ts';

/**
 * The claims of `auth.rs` of the plugin: `join_hub`, and `room_ids` where there are any. A token that is no JWT has no
 * claims.
 *
 * @throws `token_mismatch` where the server would reject the token
 */
export function checkToken({ claims }: Token, { room }: JoinRequest): void {
  const { join_hub, room_ids } = claims;
  if (Array.isArray(room_ids) && !room_ids.some((id) => typeof id === 'string' && id.normalize() === room)) {
    throw mismatch('room_ids', `The token is for other rooms. Sign it with "${room}" in room_ids.`);
  }
  if (Object.keys(claims).length > 0 && join_hub !== true) {
    throw mismatch('join_hub', 'The token is not for joining. Sign it with join_hub true.');
  }
}

/**
 * The server answers "success" to a kick that it does not carry out.
 *
 * @throws `token_mismatch` where the server would ignore the kick
 */
export function checkMayKick(token: Token | undefined): void {
  if (!token || Object.keys(token.claims).length === 0 || token.claims['kick_users'] === true) return;
  throw mismatch('kick_users', 'The token is not for kicking. Sign it with kick_users true.');
}

function mismatch(claim: string, message: string): TokenError {
  return new TokenError('token_mismatch', message, { claim });
}
