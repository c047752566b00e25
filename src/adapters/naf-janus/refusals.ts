import type { RoomSessionError } from '../../errors.ts';
import { failure } from '../failure.ts';
import type { JanusFrame } from './vendor.ts';

/** The server's own words for refusing a join (`janus-plugin-sfu`, `lib.rs`), `undefined` where it said yes. */
export function refusalIn(reply: JanusFrame): string | undefined {
  const { success, error } = reply.plugindata?.data ?? {};
  return success === false ? (error?.msg ?? 'no') : undefined;
}

/**
 * `Rejecting anonymous join!`, `Rejecting join without permission!`, `Rejecting join with invalid token!`: it is about the
 * token, and another one may help.
 */
export const isAboutToken = (refusal: string): boolean => /^Rejecting /.test(refusal);

/** `Room is full.`, `Server is full.` */
export const isFull = (refusal: unknown): boolean => /is full/.test(`${refusal}`);

/** What a refused join comes to. */
export function refusalError(refusal: string): RoomSessionError {
  const said = `Janus says "${refusal}"`;
  if (isAboutToken(refusal)) {
    const advice = "Check the token's key and algorithm (RS512), room_ids, join_hub, and the server's clock.";
    return failure(`${said}, to a new token too. ${advice}`, refusal, 'connect_denied');
  }
  return failure(said, refusal, isFull(refusal) ? 'connect_denied' : undefined);
}
