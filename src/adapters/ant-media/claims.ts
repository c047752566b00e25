import type { JoinRequest } from '../../adapter.ts';
import { TokenError } from '../../errors.ts';
import type { Token } from '../../token/jwt.ts';

/**
 * Ant Media compares two claims. `streamId` must be the room or the own stream. With `type` `publish` a token is good for
 * publishing and playing, with `play` for listening only.
 *
 * @throws `TokenError` with code `token_mismatch` where one of them does not fit
 */
export function checkClaims(
  { claims: { streamId, type } }: Token,
  { room, identity }: JoinRequest,
  listenOnly: boolean,
): void {
  if (typeof streamId === 'string' && ![room, identity].includes(streamId.normalize())) {
    throw mismatch('streamId', `"${streamId}", not "${room}"`);
  }
  if (type === 'play' && !listenOnly) {
    throw mismatch('type', 'playing only: set listenOnly, or sign "publish"');
  }
}

function mismatch(claim: string, purpose: string): TokenError {
  return new TokenError('token_mismatch', `The token is for ${purpose}.`, { claim });
}
