import { compactVerify, errors, SignJWT } from 'jose';
import { janusToken } from '../../../examples/token-recipes/node.ts';
import type { TokenFault, TokenVerdict } from '../event-log.ts';
import type { JanusSettings } from '../settings.ts';
import { type JanusKeys, janusKeys, publicKeyDer } from './keys.ts';

/** What a token is made out for. */
export interface JanusGrant extends Pick<JanusSettings, 'joinHub' | 'kickUsers' | 'algorithm'> {
  room: string;
  /** The claim `sub`, which the plugin does not look at; null: `anon`. */
  identity: string | null;
  /** How long it is good for, in s. Negative: it expired that long ago. */
  lifetimeS: number;
}

/** What a token is to allow: to join a room, or to kick. */
export type JanusUse = { join: string } | 'kick';

interface Claims {
  joinHub: boolean;
  kickUsers: boolean;
  /** undefined: any room. */
  roomIds: readonly string[] | undefined;
  exp: number;
}

const remembered = 1000;
/**
 * Issues tokens, and verifies them as janus-plugin-sfu does (its `auth.rs`, with `jsonwebtoken` 7.2): RS512 only;
 * `exp` must be there and is compared in whole seconds without leeway, so that a token is good until the second it
 * names is over; `nbf`, `aud`, `iss` and `sub` are not looked at. A claim of the wrong type is an invalid token.
 */
export class JanusTokens {
  readonly #keys: JanusKeys;
  readonly #issued: string[] = [];

  /** @param keys Default: those of this process. */
  constructor(keys: JanusKeys = janusKeys()) {
    this.#keys = keys;
  }

  /** The public key as PKCS#1 DER: what a real server's `auth_key` names a file of. */
  get publicKeyDer(): Buffer {
    return publicKeyDer(this.#keys);
  }

  /** The newest tokens (up to 1000), oldest first: for tests that look for leaks, in this process only. */
  get issued(): readonly string[] {
    return this.#issued;
  }

  /** Issues a token. */
  async issue(grant: JanusGrant): Promise<string> {
    const { privateKey } = this.#keys;
    const { room, identity, lifetimeS, kickUsers: mayKick, joinHub, algorithm } = grant;
    const token =
      joinHub && algorithm === 'RS512'
        ? await janusToken(privateKey, { room, lifetimeS, identity: identity ?? undefined, mayKick })
        : await signRefused(grant, this.#keys);
    this.#issued.push(token);
    if (this.#issued.length > remembered) this.#issued.shift();
    return token;
  }

  /** Judges a token. */
  async verify(token: string | undefined, use: JanusUse): Promise<TokenVerdict> {
    if (token === undefined) return { present: false, ok: false, why: 'missing' };
    const claims = await this.#claims(token);
    if (typeof claims === 'string') return { present: true, ok: false, why: claims };
    const { exp } = claims;
    const expiresInMs = Math.round(exp * 1000 - Date.now());
    const why = exp < Math.floor(Date.now() / 1000) ? 'expired' : judge(claims, use);
    return { present: true, ok: why === undefined, ...(why === undefined ? {} : { why }), expiresInMs };
  }

  async #claims(token: string): Promise<Claims | TokenFault> {
    try {
      const { payload } = await compactVerify(token, this.#keys.publicKey, { algorithms: ['RS512'] });
      return readClaims(JSON.parse(new TextDecoder().decode(payload)));
    } catch (error) {
      if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
      return error instanceof errors.JWSSignatureVerificationFailed ? 'signature' : 'malformed';
    }
  }
}

/** A token that no plugin lets in, for tests: by its algorithm, or by its claims. */
async function signRefused(grant: JanusGrant, keys: JanusKeys): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return (
    new SignJWT({ join_hub: grant.joinHub, kick_users: grant.kickUsers, room_ids: [grant.room] })
      .setProtectedHeader({ alg: grant.algorithm, typ: 'JWT' })
      .setIssuedAt(now)
      .setExpirationTime(now + grant.lifetimeS)
      // A secret everybody knows: what a server that did not look at the algorithm would fall for.
      .sign(grant.algorithm === 'HS256' ? publicKeyDer(keys) : keys.privateKey)
  );
}

function readClaims(claims: unknown): Claims | TokenFault {
  if (typeof claims !== 'object' || claims === null) return 'malformed';
  const { join_hub, kick_users, room_ids, exp } = { ...claims } as Record<string, unknown>;
  const flags = [join_hub, kick_users].every((flag) => flag === undefined || typeof flag === 'boolean');
  const roomIds = room_ids ?? undefined;
  const isTime = typeof exp === 'number' && Number.isInteger(exp) && exp >= 0;
  if (!flags || !(roomIds === undefined || isTexts(roomIds)) || !isTime) return 'malformed';
  return { joinHub: join_hub === true, kickUsers: kick_users === true, roomIds, exp };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function judge({ joinHub, kickUsers, roomIds }: Claims, use: JanusUse): TokenFault | undefined {
  if (use === 'kick') return kickUsers ? undefined : 'permission';
  if (!joinHub) return 'permission';
  return roomIds === undefined || roomIds.includes(use.join) ? undefined : 'room';
}
