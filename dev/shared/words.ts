import type { ConnectionState, RoomSessionEvents, StateChange, TokenError } from 'room-session';

const stateNames: Readonly<Record<ConnectionState, string>> = {
  disconnected: 'Not in a room',
  connecting: 'Joining…',
  waiting: 'Waiting to be let in',
  connected: 'In the room',
  reconnecting: 'Connection lost, coming back…',
};

const reasonNames: Readonly<Record<NonNullable<StateChange['reason']>, string>> = {
  left: 'You left the room',
  failed: 'Could not join',
  denied: 'Not let in',
  removed: 'You were removed from the room',
  ended: 'The room was closed',
  lost: 'Connection lost',
  host: 'Waiting for the host',
  lobby: 'Waiting in the lobby',
  password: 'Waiting for the password',
  prejoin: 'Waiting on the page before the room',
};

/** A state in a person's words. */
export function stateWords({ state, reason }: Pick<StateChange, 'state' | 'reason'>): string {
  return reason === undefined ? stateNames[state] : reasonNames[reason];
}

/** A state in one word, for narrow places. */
export function shortState(state: ConnectionState): string {
  const words = { disconnected: 'out', connecting: 'joining', waiting: 'waiting', connected: 'in the room' };
  return state === 'reconnecting' ? 'reconnecting' : words[state];
}

/** A length of time as one reads it: `2.1 s`, `12 s`, `5 min`, `1 h 30 min`. */
export function durationWords(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return 'without end';
  const seconds = Math.max(ms, 0) / 1000;
  if (seconds < 9.95) return `${trimZero(seconds.toFixed(1))} s`;
  if (seconds < 119.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (seconds % 60 >= 0.5 && seconds % 60 <= 59.5 && minutes < 10) {
    return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  }
  if (minutes < 120) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function trimZero(text: string): string {
  return text.replace(/\.0$/, '');
}

/** What one event of a session means; `now` is the time of the event. No event carries a token, so neither does this. */
export const eventWords = {
  stateChanged(change: StateChange): string {
    const words = stateWords(change);
    return change.error ? `${words}: ${change.error.message}` : words;
  },

  tokenRefreshed({ reason, attempts }: RoomSessionEvents['tokenRefreshed'], lifeMs: number): string {
    const arrival = {
      join: 'Token arrived',
      refresh: 'Token refreshed',
      rejected: 'Token replaced, the server refused the last one',
    }[reason];
    const life = lifeMs === Number.POSITIVE_INFINITY ? 'no end known' : `good for ${durationWords(lifeMs)}`;
    return `${arrival}: ${life}, ${attempts} ${attempts === 1 ? 'request' : 'requests'}`;
  },

  tokenRefreshFailed({ error, retryAt }: RoomSessionEvents['tokenRefreshFailed'], now: number): string {
    const next =
      retryAt === undefined ? 'not asking again' : `asking again in ${durationWords(retryAt - now)}`;
    return `${failureWords(error)}; ${next}`;
  },

  tokenExpired(oneTime: boolean): string {
    return oneTime
      ? 'The last token ended; the next one is fetched when it is needed'
      : 'Token expired before another one came; the call goes on until the server asks for one';
  },

  clockSkew({ ms }: RoomSessionEvents['clockSkew']): string {
    const off = `${durationWords(Math.abs(ms))} ${ms > 0 ? 'ahead of' : 'behind'}`;
    return `This device's clock is ${off} the server's; the session reckons with it`;
  },
};

/** Why a request for a token failed, in few words. */
function failureWords({ status, retryAfterMs, message }: TokenError): string {
  if (status === undefined) return message.replace(/\.( It is asked again\.)?$/, '');
  const wish = retryAfterMs === undefined ? '' : ` and asked for ${durationWords(retryAfterMs)} of rest`;
  return `Token endpoint answered ${status}${wish}`;
}
