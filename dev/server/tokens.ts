import { randomBytes } from 'node:crypto';
import { compactVerify, errors, SignJWT } from 'jose';
import { antMediaToken } from '../../examples/token-recipes/node.ts';
import type { TokenFault, TokenVerdict } from './event-log.ts';
import type { TokenScope, TokenType } from './settings.ts';
import { type CodeGrant, totpCode } from './totp.ts';

/** What a token is made out for. */
export interface TokenGrant {
  room: string;
  type: TokenType;
  /** How long it is good for, in s. Negative: it expired that long ago. */
  lifetimeS: number;
  /** true: an opaque id, good for one publish or play. */
  oneTime: boolean;
  scope: TokenScope;
}

/** What a command needs its token to allow. */
export interface TokenUse {
  /** A publish token is also good for play, a play token only for play. */
  type: TokenType;
  /** The ids it may be made out for: for a publish the room and the own stream, for a play the room. */
  streamIds: readonly string[];
  scope: TokenScope;
}

/** A subscriber's proof: a code in place of a token. */
export interface CodeProof {
  readonly subscriberId: string;
  readonly code: string;
}

interface OneTimeToken {
  streamId: string;
  type: string;
  exp: number;
  used: boolean;
}

const remembered = 1000;

/**
 * Issues and verifies tokens by the rules of Ant Media Server's stream security:
 * - JWT: HS256 with the application's `jwtStreamSecretKey` (32 characters or more), claims `streamId` (the
 *   room), `type`, `exp`, `iat`; good for any number of uses until `exp`, without leeway.
 * - Tokens for a whole room (`roomId`) or for the whole application have no `streamId`; where the server takes them.
 * - One-time: an opaque id the server remembers and deletes at the first validation it passes.
 * - TOTP: a subscriber's id, and a code of 6 digits that lives for a period or two.
 */
export class Tokens {
  readonly #secret: string;
  readonly #key: Uint8Array;
  readonly #oneTime = new Map<string, OneTimeToken>();
  readonly #issued: string[] = [];

  /** @param secret The signing secret; default: a random one, so no token outlives the process. */
  constructor(secret: string = randomBytes(32).toString('base64url')) {
    if (secret.length < 32) throw new RangeError('The signing secret must have 32 characters or more.');
    this.#secret = secret;
    this.#key = new TextEncoder().encode(secret);
  }

  /** The newest tokens (up to 1000), oldest first: for tests that look for leaks, in this process only. */
  get issued(): readonly string[] {
    return this.#issued;
  }

  /** Issues a token. */
  async issue({ room, type, lifetimeS, oneTime, scope }: TokenGrant): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const exp = now + lifetimeS;
    const token = oneTime
      ? randomBytes(18).toString('base64url')
      : await this.#sign({ room, type, lifetimeS, scope }, now);
    if (oneTime) remember(this.#oneTime, token, { streamId: room, type, exp, used: false });
    this.#issued.push(token);
    if (this.#issued.length > remembered) this.#issued.shift();
    return token;
  }

  /** The code of a subscriber now. It is the same one until the period ends. */
  code(grant: CodeGrant, periodS: number): string {
    return totpCode(this.#secret, grant, periodS, Date.now());
  }

  /** Judges a subscriber's code. That of the period before is good too, as it may have been on its way. */
  verifyCode(
    { subscriberId, code }: CodeProof,
    { type, streamIds }: Omit<TokenUse, 'scope'>,
    periodS: number,
  ): TokenVerdict {
    if (subscriberId === '' || code === '') return { present: false, ok: false, why: 'missing' };
    const isCodeOf = (at: number): boolean =>
      streamIds.some((streamId) =>
        ['publish', type].some(
          (each) => code === totpCode(this.#secret, { subscriberId, streamId, type: each }, periodS, at),
        ),
      );
    const now = Date.now();
    if (isCodeOf(now) || isCodeOf(now - periodS * 1000)) return { present: true, ok: true };
    return { present: true, ok: false, why: 'expired' };
  }

  /** Judges a token. A one-time token that fits is used up by this. */
  async verify(token: unknown, use: TokenUse): Promise<TokenVerdict> {
    if (typeof token !== 'string' || token === '') return { present: false, ok: false, why: 'missing' };
    const oneTime = this.#oneTime.get(token);
    const claims = oneTime ?? (await this.#claims(token));
    if (typeof claims === 'string') return { present: true, ok: false, why: claims };
    const { exp } = claims;
    if (typeof exp !== 'number') return { present: true, ok: false, why: 'malformed' };
    const expiresInMs = Math.round(exp * 1000 - Date.now());
    const why = oneTime?.used ? 'used' : judge(claims, expiresInMs, use);
    if (why) return { present: true, ok: false, why, expiresInMs };
    if (oneTime) oneTime.used = true;
    return { present: true, ok: true, expiresInMs };
  }

  #sign({ room, type, lifetimeS, scope }: Omit<TokenGrant, 'oneTime'>, issuedAt: number): Promise<string> {
    if (scope === 'stream') return antMediaToken(this.#key, { room, type, lifetimeS });
    return new SignJWT({ type, ...(scope === 'room' ? { roomId: room } : {}) })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifetimeS)
      .sign(this.#key);
  }

  async #claims(token: string): Promise<Record<string, unknown> | TokenFault> {
    try {
      const { payload } = await compactVerify(token, this.#key, { algorithms: ['HS256'] });
      const claims: unknown = JSON.parse(new TextDecoder().decode(payload));
      return typeof claims === 'object' && claims !== null ? { ...claims } : 'malformed';
    } catch (error) {
      return error instanceof errors.JWSSignatureVerificationFailed ? 'signature' : 'malformed';
    }
  }
}

function judge(
  claims: { streamId?: unknown; roomId?: unknown; type?: unknown },
  expiresInMs: number,
  use: TokenUse,
): TokenFault | undefined {
  if (expiresInMs <= 0) return 'expired';
  const isForAll = use.scope === 'app' && claims.streamId === undefined;
  const { streamId = use.scope === 'room' ? claims.roomId : undefined } = claims;
  if (!isForAll && !use.streamIds.includes(String(streamId))) return 'room';
  if (claims.type !== 'publish' && claims.type !== use.type) return 'type';
  return undefined;
}

function remember<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= remembered) return;
    map.delete(oldest);
  }
}
