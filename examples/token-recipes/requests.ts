/** What a token endpoint checks before it signs, on any framework of Node: who asks, for which room, and whether they may join. */
import { isRoomName } from './node.ts';

/** Yours: how to find the person, and who may join what. */
export interface RoomRules<Request> {
  /** Who is logged in; `undefined` where no one is. */
  personOf(request: Request): string | undefined | Promise<string | undefined>;
  mayJoin(person: string, room: string): boolean | Promise<boolean>;
  sign(room: string, person: string, lifetimeS: number): Promise<string>;
  /** How long a token is good for, in s. Default 300. */
  lifetimeS?: number;
}

/** Status and JSON of an answer. Send it with `Cache-Control: no-store`. */
export interface RoomAnswer {
  status: 200 | 400 | 401 | 403;
  body: { token: string; expiresIn: number } | { error: string };
}

/** Answers `{"room": "standup"}`. */
export async function answerRoomToken<Request>(
  request: Request,
  body: unknown,
  { personOf, mayJoin, sign, lifetimeS = 300 }: RoomRules<Request>,
): Promise<RoomAnswer> {
  const person = await personOf(request);
  if (person === undefined) return { status: 401, body: { error: 'not_logged_in' } };
  const { room } = Object(body) as { room?: unknown };
  if (!isRoomName(room)) return { status: 400, body: { error: 'no_room' } };
  if (!(await mayJoin(person, room))) return { status: 403, body: { error: 'not_invited' } };
  return { status: 200, body: { token: await sign(room, person, lifetimeS), expiresIn: lifetimeS } };
}

/** A secret as the signer wants it: its bytes, 32 or more, since HS256 can be guessed with fewer. */
export function secretKey(text: string | undefined): Uint8Array {
  const key = new TextEncoder().encode(text);
  if (key.length < 32) throw new Error('The secret needs 32 bytes or more.');
  return key;
}
