import { randomBytes } from 'node:crypto';
import { compactVerify, decodeProtectedHeader, errors, importPKCS8, SignJWT } from 'jose';
import { type JitsiTokenOptions, jitsiRoomClaim, jitsiToken } from '../../../examples/token-recipes/node.ts';
import type { TokenFault, TokenVerdict } from '../event-log.ts';
import type { JitsiSettings, JitsiTokenFault } from '../settings.ts';
import type { RoomAddress } from './room-address.ts';

/** The domain that the stand-in's Prosody calls itself, whatever address it is reached at. */
export const jitsiDomain = 'meet.localhost';

/** A real deployment that tokens are made out for and pages are sent to, in place of the stand-in. */
export interface JitsiDeployment {
  /** As in the address: `meet.example.org`; also what `sub` says where there is no tenant. */
  domain: string;
  /** Prosody's `app_id`. Default `room-session`. */
  appId?: string;
  /** Prosody's `app_secret`. Default: a random one, with which no token is good there. */
  secret?: string;
  /** For JaaS, at the domain `8x8.vc`. */
  jaas?: {
    /** The AppID, `vpaas-magic-cookie-…`: the tenant of all rooms. */
    appId: string;
    /** The API key's id, `AppID/…`. */
    keyId: string;
    /** The API key, as PEM (PKCS#8). */
    privateKey: string;
  };
}

/** What a token is made out for. */
export interface JitsiGrant {
  address: RoomAddress;
  /** Becomes the user's id and name; null: neither. */
  identity: string | null;
  moderator: boolean;
  /** How long it is good for, in s. Negative: it expired that long ago. */
  lifetimeS: number;
  fault: JitsiTokenFault | null;
}

/** What Prosody keeps of a token. */
export interface JitsiClaims {
  /** A string, or what Prosody lets pass at the login. */
  readonly room: unknown;
  readonly domain: unknown;
  readonly user: { readonly id: string; readonly name: string; readonly moderator: boolean };
}

/** Prosody's answer to a login. */
export type JitsiLogin =
  | { verdict: TokenVerdict & { ok: true }; claims: JitsiClaims }
  | {
      verdict: TokenVerdict & { ok: false };
      condition: 'not-allowed' | 'not-authorized';
      /** What Prosody says; the client hears it only of `not-allowed`. */
      text: string;
    };

const remembered = 1000;

/**
 * Issues tokens, and verifies them as Prosody's token authentication does with a shared secret (`luajwtjitsi.lib.lua`
 * and `token/util.lib.lua` of jitsi-meet), in its order and without leeway. Not done: rooms given as a Lua pattern
 * (`context.room.regex`), and keys fetched from a server.
 */
export class JitsiTokens {
  readonly #deployment: JitsiDeployment;
  readonly #key: Uint8Array;
  readonly #issued: string[] = [];

  /** @param deployment Default: the stand-in, with a random secret, so that no token outlives the process. */
  constructor(deployment: JitsiDeployment = { domain: jitsiDomain }) {
    if (deployment.secret !== undefined && Buffer.byteLength(deployment.secret) < 32)
      throw new RangeError('The app secret must have 32 bytes or more.');
    this.#deployment = deployment;
    this.#key = new TextEncoder().encode(deployment.secret ?? randomBytes(32).toString('base64url'));
  }

  /** The newest tokens (up to 1000), oldest first: for tests that look for leaks, in this process only. */
  get issued(): readonly string[] {
    return this.#issued;
  }

  /** Issues a token. */
  async issue({ address, identity, moderator, lifetimeS, fault }: JitsiGrant): Promise<string> {
    const { appId = 'room-session', domain, jaas } = this.#deployment;
    const user = identity === null ? undefined : { id: identity, name: identity };
    const { tenant } = address;
    // The recipe encodes it again.
    const room = decodeURIComponent(address.room);
    const grant = { room, lifetimeS, appId, domain: tenant || hostOf(domain), user, moderator };
    const token = await (jaas
      ? jaasToken(jaas, grant)
      : fault === null
        ? jitsiToken(this.#key, grant)
        : spoilt(fault, this.#key, grant));
    this.#issued.push(token);
    if (this.#issued.length > remembered) this.#issued.shift();
    return token;
  }

  /** What a login or a re-login checks. Not the room: see {@link judgeRoom}. Without a token it is `null`. */
  async verify(token: string | null, settings: JitsiSettings): Promise<JitsiLogin> {
    if (token === null)
      return { verdict: refusal('missing'), condition: 'not-allowed', text: 'token required' };
    const read = await this.#read(token);
    if ('why' in read) return refuse(read.why, read.text);
    const { claims } = read;
    const { exp, nbf, iat, iss, aud, room, sub } = claims;
    if (exp !== undefined && typeof exp !== 'number') return refuse('malformed', 'exp must be number');
    if (nbf !== undefined && typeof nbf !== 'number') return refuse('malformed', 'nbf must be number');
    const now = Math.floor(Date.now() / 1000);
    const expiresInMs = exp === undefined ? {} : { expiresInMs: Math.round(exp * 1000 - Date.now()) };
    const no = (why: TokenFault, text: string): JitsiLogin => refuse(why, text, expiresInMs);
    if (exp !== undefined && now >= exp) {
      const life = typeof iat === 'number' ? `, valid for:${(exp - iat).toFixed(1)} sec` : '';
      return no('expired', `Not acceptable by exp (${(now - exp).toFixed(1)} sec since expired${life})`);
    }
    if (nbf !== undefined && now < nbf) return no('early', 'Not acceptable by nbf');
    if (iss === undefined) return no('issuer', "'iss' claim is missing");
    if (!accepts(settings.acceptedIssuers, iss)) return no('issuer', "invalid 'iss' claim");
    if (aud === undefined) return no('audience', "'aud' claim is missing");
    if (!accepts(settings.acceptedAudiences, aud)) return no('audience', "invalid 'aud' claim");
    for (const [name, claim, why] of [
      ['room', room, 'room'],
      ['sub', sub, 'domain'],
    ] as const) {
      if (claim !== undefined) continue;
      return { ...no(why, `${name} claim is missing`), condition: 'not-authorized' } as JitsiLogin;
    }
    return {
      verdict: { present: true, ok: true, ...expiresInMs },
      claims: { room, domain: sub, user: readUser(claims['context']) },
    };
  }

  async #read(
    token: string,
  ): Promise<{ claims: Record<string, unknown> } | { why: TokenFault; text: string }> {
    try {
      const { typ, alg } = decodeProtectedHeader(token);
      if (typ !== 'JWT') return { why: 'malformed', text: 'Invalid typ' };
      if (alg !== 'HS256') return { why: 'algorithm', text: 'Invalid or incorrect alg' };
      const { payload } = await compactVerify(token, this.#key, { algorithms: ['HS256'] });
      const claims: unknown = JSON.parse(new TextDecoder().decode(payload));
      return { claims: { ...Object(claims) } };
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed)
        return { why: 'signature', text: 'Invalid signature' };
      return { why: 'malformed', text: `Invalid ${token.split('.').length === 3 ? 'header' : 'token'}` };
    }
  }
}

/**
 * What the MUC checks when a room is created or joined: the room and the domain, and not whether the token is over.
 *
 * @returns what does not fit; undefined when all does.
 */
export function judgeRoom(
  claims: JitsiClaims,
  { room, tenant }: RoomAddress,
  { checkDomain }: JitsiSettings,
): 'room' | 'domain' | undefined {
  const named = lowerCase(claims.room);
  if (named !== '*' && named !== room) return 'room';
  const domain = lowerCase(claims.domain);
  if (!checkDomain || domain === '*' || domain === (tenant || jitsiDomain)) return undefined;
  return 'domain';
}

const lowerCase = (claim: unknown): string => (typeof claim === 'string' ? claim.toLowerCase() : '');

const refusal = (why: TokenFault): TokenVerdict & { ok: false } => ({
  present: why !== 'missing',
  ok: false,
  why,
});

function refuse(why: TokenFault, text: string, more: Partial<TokenVerdict> = {}): JitsiLogin {
  return { verdict: { ...more, ...refusal(why) }, condition: 'not-allowed', text };
}

/** By plain equality, so that a list of audiences never fits. */
function accepts(accepted: readonly string[], claim: unknown): boolean {
  return accepted.some((one) => one === '*' || one === claim);
}

function readUser(context: unknown): JitsiClaims['user'] {
  const { id = '', name = '', moderator } = Object(Object(context).user) as Record<string, unknown>;
  return { id: String(id), name: String(name), moderator: moderator === true || moderator === 'true' };
}

/** A token that Prosody refuses, for tests. */
function spoilt(
  fault: JitsiTokenFault,
  key: Uint8Array,
  { room, lifetimeS, appId, domain }: JitsiTokenOptions,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: fault === 'issuer' ? 'somebody-else' : appId,
    aud: fault === 'audience' ? 'somebody-else' : 'jitsi',
    sub: fault === 'domain' ? 'elsewhere.example' : domain,
    ...(fault === 'no-room' ? {} : { room: fault === 'null-room' ? null : jitsiRoomClaim(room) }),
    nbf: fault === 'early' ? now + 60 : now - 10,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt(now)
    .setExpirationTime(now + lifetimeS)
    .sign(fault === 'signature' ? randomBytes(32) : key);
}

/** A token for JaaS: RS256, its key named in the header, fixed issuer and audience, features as text. */
async function jaasToken(
  { appId, keyId, privateKey }: NonNullable<JitsiDeployment['jaas']>,
  { room, lifetimeS, user, moderator = false }: JitsiTokenOptions,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const off = ['livestreaming', 'recording', 'transcription', 'outbound-call', 'sip-outbound-call'];
  const features = Object.fromEntries(off.map((name) => [name, 'false']));
  const context = { user: { ...user, moderator: String(moderator) }, features };
  return new SignJWT({
    aud: 'jitsi',
    iss: 'chat',
    sub: appId,
    room: jitsiRoomClaim(room),
    nbf: now - 10,
    context,
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: keyId })
    .setIssuedAt(now)
    .setExpirationTime(now + lifetimeS)
    .sign(await importPKCS8(privateKey, 'RS256'));
}

/** Without a port or a path. */
function hostOf(domain: string): string {
  return domain.replace(/[:/].*$/, '');
}
