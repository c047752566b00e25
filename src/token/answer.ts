import { TokenError } from '../errors.ts';
import { type Claims, readClaims, Token } from './jwt.ts';
import { type Lifetime, readLifetime } from './lifetime.ts';
import type { ServerClock } from './server-clock.ts';
import type { TokenAnswer } from './source.ts';

/** A date in ms beyond this (year 5138) is no date. */
const latestDate = 1e14;
/** The server's time is known to about two seconds, and a token's `nbf` is often the very second it was made in. */
const nbfLeewayMs = 5_000;
/** More than this is a slow network, not the way back. */
const longestWayBackMs = 5_000;

/** A source's answer as it was read. Moments are ms since the epoch by the server's clock. */
interface ReadAnswer {
  readonly value: string;
  readonly claims: Claims;
  readonly details: Readonly<Record<string, unknown>>;
  /** When the token was made (`iat`). */
  readonly issuedAt: number | undefined;
  /** When the token ends by its own claim (`exp`). */
  readonly expiresAt: number | undefined;
  /** What the answer says beside the token: `expiresIn`, `expiresAt`. */
  readonly lifetimes: readonly Lifetime[];
  readonly serverTime: number | undefined;
}

/**
 * Makes a token from a source's answer and sets the server clock by it. `null` and `{ token: null }` join as a guest.
 *
 * The token ends at its `exp` claim, at `expiresAt`, or `expiresIn` seconds from now, whichever is first. A token
 * without any of them never ends.
 *
 * @param roundTripMs how long the request took, in ms; the server answered about half of it ago
 * @param held the token to be replaced
 * @param heldIsGood the held token is valid and may be used again: an answer that ends before it is no step forward
 * @throws `TokenError` `token_malformed` for an answer without a usable token, for a token that has ended by the server's
 * time, and for one that is not newer than the one held; `token_mismatch` for one that is not valid yet (`nbf`)
 */
export function readAnswer(
  answer: TokenAnswer,
  time: ServerClock,
  roundTripMs: number,
  held: Token | null | undefined,
  heldIsGood: boolean,
): Token | null {
  const read = readFields(answer);
  if (!read) {
    if (heldIsGood) throw stale();
    return null;
  }
  const heldIssuedAt = readSeconds(held?.claims['iat']);
  const isOlder = isBefore(read.issuedAt, heldIssuedAt);
  const wayBackMs = Math.min(roundTripMs / 2, longestWayBackMs);
  setClock(read, time, wayBackMs);
  // A code is another one each minute, and what stands beside it may be the same.
  if (read.details['subscriberCode'] !== undefined) return judge(read, time, wayBackMs);
  const isSame = read.value === held?.value;
  // A backend that keeps its tokens is no failing one.
  if (held && isSame && heldIsGood) return held;
  // An `iat` that is still ahead comes from a clock that was wrong.
  const isHeldFromFuture = isBefore(time.now() + nbfLeewayMs, heldIssuedAt);
  if (isSame || (isOlder && !isHeldFromFuture)) throw stale();
  const token = judge(read, time, wayBackMs);
  // Without an `iat` on both sides, the end tells which is newer.
  if (held && heldIsGood && isOlder === undefined && token.expiresAt < held.expiresAt) throw stale();
  return token;
}

/** @returns `undefined` for a guest */
function readFields(answer: unknown): ReadAnswer | undefined {
  const fields = typeof answer === 'string' ? { token: answer } : answer;
  if (fields === null) return undefined;
  if (typeof fields !== 'object') throw malformed(`${typeof fields} instead of a token`);
  if (isHttpAnswer(fields)) throw malformed('the whole HTTP response: return its token only');
  const {
    token,
    expires_in,
    expiresIn = expires_in,
    expires_at,
    expiresAt,
    serverTime,
    ...details
  } = fields as Record<string, unknown>;
  // A subscriber's code may stand in the place of a token.
  const given = token || (details['subscriberCode'] ?? token);
  if (given === null) return undefined;
  const value = typeof given === 'string' ? given.trim() : '';
  if (/^(|undefined|null)$/.test(value)) {
    throw malformed(typeof given === 'string' ? `"${value}" for a token` : `${typeof given} for a token`);
  }
  if (/[^!-~]|</.test(value)) throw malformed('text that cannot be a token');
  const claims = readClaims(value);
  const ends = readSeconds(claims['exp']);
  const now = readLifetime(serverTime);
  return {
    value,
    claims,
    details,
    issuedAt: readSeconds(claims['iat']),
    expiresAt: ends,
    lifetimes: readLifetimes({ expiresIn, expiresAt: expiresAt ?? expires_at }, ends !== undefined),
    serverTime: now && 'at' in now ? now.at[0] : undefined,
  };
}

/** A `Response`, or what axios and its like make of one. */
function isHttpAnswer(fields: object): boolean {
  return 'headers' in fields && 'status' in fields && !('token' in fields);
}

/** @param hasExp the token itself says when it ends: what is unclear beside it does not count */
function readLifetimes(fields: Readonly<Record<string, unknown>>, hasExp: boolean): Lifetime[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined || value === null) return [];
    const lifetime = readLifetime(value);
    if (hasExp && (!lifetime || ('at' in lifetime && lifetime.at.length > 1))) return [];
    if (lifetime) return [lifetime];
    const form = typeof value === 'string' ? 'text' : typeof value;
    throw malformed(`${name} in a form that is not understood (${form}): answer seconds, such as 300`);
  });
}

function setClock(
  { serverTime, issuedAt, expiresAt, lifetimes }: ReadAnswer,
  time: ServerClock,
  agoMs: number,
) {
  const isExact = serverTime !== undefined;
  // The token was not made before `iat`. And who knows how long it still lives knows what time it is.
  const at = isExact ? serverTime : issuedAt || impliedTime(expiresAt, lifetimes);
  if (at === undefined || at <= 0 || at >= latestDate) return;
  time.anchor(at, agoMs, isExact, { issuedAt: issuedAt || undefined, endsAt: expiresAt });
}

function impliedTime(expiresAt: number | undefined, lifetimes: readonly Lifetime[]): number | undefined {
  const [life] = lifetimes;
  return expiresAt !== undefined && life && 'inMs' in life ? expiresAt - life.inMs : undefined;
}

function judge(
  { value, claims, details, expiresAt, lifetimes }: ReadAnswer,
  time: ServerClock,
  agoMs: number,
) {
  const now = time.now();
  const ends = lifetimes.map((life) => ('inMs' in life ? now - agoMs + life.inMs : firstAhead(life.at, now)));
  const end = Math.min(expiresAt ?? Infinity, ...ends);
  if (end <= now) {
    throw malformed(`a token that ended ${Math.round((now - end) / 1000)} s ago: is it from a cache?`, 'exp');
  }
  const aheadMs = (readSeconds(claims['nbf']) ?? now) - now;
  if (aheadMs > nbfLeewayMs) {
    const seconds = Math.ceil(aheadMs / 1000);
    throw new TokenError('token_mismatch', `The token is not valid yet: nbf is ${seconds} s ahead.`, {
      claim: 'nbf',
      retryAfterMs: aheadMs,
    });
  }
  return new Token(value, claims, end, details, time);
}

/** The first of the moments that is still to come, or else the last. */
function firstAhead(moments: readonly number[], now: number): number {
  const ahead = moments.filter((moment) => moment > now);
  return ahead.length > 0 ? Math.min(...ahead) : Math.max(...moments);
}

/** @returns `undefined` where one of them is not known */
function isBefore(a: number | undefined, b: number | undefined): boolean | undefined {
  return a === undefined || b === undefined ? undefined : a < b;
}

function malformed(what: string, claim?: string): TokenError {
  return new TokenError('token_malformed', `The token source answered ${what}.`, { claim });
}

function stale(): TokenError {
  return malformed('no newer token than the one held');
}

/** A claim's seconds since the epoch, as a number or as text, in ms. */
function readSeconds(seconds: unknown): number | undefined {
  const isGiven = typeof seconds === 'number' || (typeof seconds === 'string' && seconds.trim() !== '');
  const value = isGiven ? Number(seconds) * 1_000 : undefined;
  return Number.isFinite(value) ? value : undefined;
}
