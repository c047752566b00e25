import type { RoomSessionEvents } from './events.ts';
import type { Join } from './join.ts';
import type { RoomSessionOptions } from './options.ts';
import { TokenRefresher } from './token/refresher.ts';
import { own } from './untrusted.ts';

type TokenEvent = 'tokenRefreshed' | 'tokenRefreshFailed' | 'tokenExpired' | 'clockSkew' | 'woke';
type Emit = <Name extends TokenEvent>(event: Name, payload: RoomSessionEvents[Name]) => void;

/** The refresher of one join, which tells the join and the app what happens; `undefined` for a guest. */
export function joinRefresher(
  join: Join,
  { adapter, tokenSource, token }: RoomSessionOptions,
  sessionId: string,
  emit: Emit,
): TokenRefresher | undefined {
  if (!tokenSource) return undefined;
  const { refreshAt, timeoutMs } = own(token);
  const { room, identity, clock, signal: joinSignal } = join;
  return new TokenRefresher((request) => tokenSource({ room, identity, sessionId, joinSignal, ...request }), {
    refreshAt: adapter.oneTimeTokens ? false : refreshAt,
    timeoutMs,
    clock,
    check: (token) => adapter.checkToken?.(token, { room, identity }),
    onToken: ({ token, ...arrival }) => {
      join.tokenArrived(token);
      emit('tokenRefreshed', { expiresAt: token.expiresAt, ...arrival });
    },
    onFailure: (failure) => {
      emit('tokenRefreshFailed', { ...failure, final: failure.retryAt === undefined });
      join.tokenFailed(failure);
    },
    onExpired: () => emit('tokenExpired', { room }),
    onClockSkew: (skew) => emit('clockSkew', skew),
    onWake: (wake) => emit('woke', wake),
  });
}
