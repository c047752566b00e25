import type { EndReason, RoomAdapter } from './adapter.ts';
import { ifClean, RoomSessionError } from './errors.ts';
import { textIn } from './report-error.ts';

/** What the errors of an attempt say of its adapter. */
type Named = Pick<RoomAdapter, 'name' | 'tokenAdvice'>;

/** What an adapter threw or handed over, as one of our errors. */
export function asRoomSessionError(error: unknown, { name: adapterName }: Named): RoomSessionError {
  // An adapter may have put more on it since it was made.
  if (error instanceof RoomSessionError)
    return ifClean(error) ?? new RoomSessionError(error.code, error.message);
  const name = textIn(error, 'name') ?? typeof error;
  return new RoomSessionError('connect_failed', `The adapter ${adapterName} failed (${name}).`, {
    cause: error,
  });
}

/** The backend rejected a token for the first time. */
export function rejectedOnce({ name }: Named, vendorCode?: string, why?: string): RoomSessionError {
  const message = `The backend (${name}) rejected the token${inBrackets(vendorCode, why)}.`;
  return new RoomSessionError('connect_failed', message, { vendorCode });
}

/** The backend rejected a second token, so a third does not help. */
export function rejectedTwice(adapter: Named, vendorCode?: string, why?: string): RoomSessionError {
  const { name, tokenAdvice = "Check the token's secret, claims and lifetime." } = adapter;
  const message = `The backend (${name}) rejected a new token too${inBrackets(vendorCode, why)}. ${tokenAdvice}`;
  return new RoomSessionError('connect_denied', message, { vendorCode });
}

/** The backend rejected a guest, and there is no token to come with. */
export function noToken({ name }: Named, vendorCode: string | undefined): RoomSessionError {
  const message = `The backend (${name}) wants a token, and the token source has none. Sign in, or give this person a token.`;
  return new RoomSessionError('connect_denied', message, { vendorCode });
}

/** The session is in a room, or on its way, and one is enough. */
export function alreadyJoined(state: string, { room }: { readonly room: string }): RoomSessionError {
  return new RoomSessionError('invalid_state', `The session is ${state} in "${room}". Call leave() first.`);
}

/** The room ended before we were in it, and nothing says why. */
export function endedTooSoon(reason: EndReason): RoomSessionError {
  return new RoomSessionError('connect_failed', `The room ended while we joined (${reason}).`);
}

function inBrackets(...words: (string | undefined)[]): string {
  const text = words.filter(Boolean).join(': ');
  return text && ` (${text})`;
}
