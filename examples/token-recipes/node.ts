/**
 * Room tokens for the three vendors, signed with `jose`: to be copied into a backend on Node. The development server
 * signs with these very functions. What each server checks, and what goes wrong, is in docs/token-servers.md.
 */
import { type CryptoKey, type KeyObject, SignJWT } from 'jose';

/** What every token says. Whether this person may join this room is the caller's to check, before each token. */
export interface RoomTokenOptions {
  /** See {@link isRoomName}. */
  readonly room: string;
  /** How long it is good for, in s. Five to ten minutes are usual: RoomSession fetches the next one in time. */
  readonly lifetimeS: number;
}

/**
 * Ant Media Server's stream token: HS256 with the application's `jwtStreamSecretKey`, 32 characters or more. In a room
 * `streamId` is the room, and `publish` is good for playing too.
 */
export function antMediaToken(
  secret: Uint8Array,
  {
    room,
    lifetimeS,
    type = 'publish',
  }: RoomTokenOptions & { readonly type?: 'publish' | 'play' | undefined },
): Promise<string> {
  return sign({ streamId: named(room), type }, lifetimeS, 'HS256', strong(secret));
}

/**
 * Janus with janus-plugin-sfu: RS512 and nothing else, with the private key whose public half is the plugin's
 * `auth_key` (PKCS#1 DER). `join_hub` must be true; without `room_ids` the token opens every room.
 */
export function janusToken(
  privateKey: CryptoKey | KeyObject,
  {
    room,
    lifetimeS,
    identity,
    mayKick = false,
  }: RoomTokenOptions & {
    readonly identity?: string | undefined;
    readonly mayKick?: boolean | undefined;
  },
): Promise<string> {
  const room_ids = [named(room)];
  const claims = { join_hub: true, kick_users: mayKick, room_ids, sub: identity ?? 'anon' };
  return sign({ ...claims, aud: 'webrtc_auth' }, lifetimeS, 'RS512', privateKey);
}

/** Who runs the Jitsi deployment, and who joins. */
export interface JitsiTokenOptions extends RoomTokenOptions {
  /** Prosody's `app_id`. */
  readonly appId: string;
  /** The deployment's domain, or the tenant; Prosody compares it with `sub`. */
  readonly domain: string;
  readonly user?: { readonly id: string; readonly name: string } | undefined;
  readonly moderator?: boolean | undefined;
}

/**
 * Jitsi with a shared secret: HS256 with Prosody's `app_secret`. `room` is the name as Prosody knows it, `aud` must be a
 * string, and `nbf` lies a little in the past because Prosody allows no leeway.
 */
export function jitsiToken(
  secret: Uint8Array,
  { room, lifetimeS, appId, domain, user, moderator = false }: JitsiTokenOptions,
): Promise<string> {
  const context = { user: { ...user, moderator: String(moderator) } };
  const claims = { iss: appId, aud: 'jitsi', sub: domain, room: jitsiRoomClaim(room), context };
  return sign({ ...claims, nbf: now() - 10 }, lifetimeS, 'HS256', strong(secret));
}

/** A room's name as Prosody compares it: in lower case, and encoded. `Team Büro` is `team%20b%c3%bcro`. */
export function jitsiRoomClaim(room: string): string {
  return encodeURIComponent(named(room).normalize('NFKC').toLowerCase()).toLowerCase();
}

const leastSecretBytes = 32;
const longestRoom = 200;

/**
 * Whether what a request says is the name of one room: text of 1 to 200 characters, no list, no `*`, which opens every room
 * on Jitsi.
 */
export function isRoomName(room: unknown): room is string {
  return (
    typeof room === 'string' && room.length <= longestRoom && /\S/.test(room) && !/[*\p{Cc}]/u.test(room)
  );
}

function named(room: unknown): string {
  if (isRoomName(room)) return room;
  throw new TypeError(`The room must be a name of 1 to ${longestRoom} characters without *.`);
}

/** A shorter secret can be found by trying. */
function strong(secret: Uint8Array): Uint8Array {
  if (secret.byteLength >= leastSecretBytes) return secret;
  throw new RangeError(`The secret must have ${leastSecretBytes} bytes or more.`);
}

const now = (): number => Math.floor(Date.now() / 1000);

function sign(
  claims: Readonly<Record<string, unknown>>,
  lifetimeS: number,
  alg: string,
  key: Uint8Array | CryptoKey | KeyObject,
): Promise<string> {
  const expires = now() + lifetimeS;
  // A token whose life is negative, for tests, is not made after its end.
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg, typ: 'JWT' })
    .setIssuedAt(Math.min(now(), expires))
    .setExpirationTime(expires)
    .sign(key);
}
