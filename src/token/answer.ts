import { TokenError } from '../errors.ts';
import { own } from '../untrusted.ts';
import { readClaims, Token } from './jwt.ts';
import { type Lifetime, readLifetime } from './lifetime.ts';
import type { Evidence, ServerClock } from './server-clock.ts';
import type { TokenAnswer } from './source.ts';

/** A date in ms beyond this (year 5138) is no date. */
const latestDate = 1e14;
/** The server's time is known to about two seconds, and a token's `nbf` is often the very second it was made in. */
const nbfLeewayMs = 5_000;
/** More than this is a slow network, not the way back. */
const longestWayBackMs = 5_000;

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
  const fields = readFields(answer);
  if (!fields) {
    if (heldIsGood) throw stale();
    return null;
  }
  const { token: value, expiresIn, expiresAt, serverTime, ...details } = fields;
  const claims = readClaims(value);
  const issuedAt = readSeconds(claims['iat']);
  const endsAt = readSeconds(claims['exp']);
  const lifetimes = readLifetimes({ expiresIn, expiresAt }, endsAt !== undefined);
  const heldIssuedAt = readSeconds(held?.claims['iat']);
  const isOlder = isBefore(issuedAt, heldIssuedAt);
  const agoMs = Math.min(roundTripMs / 2, longestWayBackMs);

  setClock(time, serverTime, { issuedAt: issuedAt || undefined, endsAt }, lifetimes[0], agoMs);
  const now = time.now();
  // A code is another one each minute, and what stands beside it may be the same.
  const isCode = details['subscriberCode'] !== undefined;
  const isSame = !isCode && value === held?.value;
  // A backend that keeps its tokens is no failing one.
  if (held && isSame && heldIsGood) return held;
  // An `iat` that is still ahead comes from a clock that was wrong.
  const isStep = isCode || !isOlder || isBefore(now + nbfLeewayMs, heldIssuedAt);
  if (isSame || !isStep) throw stale();
  const ends = lifetimes.map((each) => ('inMs' in each ? now - agoMs + each.inMs : firstAhead(each.at, now)));
  const end = Math.min(endsAt ?? Infinity, ...ends);
  if (end <= now) {
    throw malformed(`a token that ended ${Math.round((now - end) / 1000)} s ago: is it from a cache?`, 'exp');
  }
  const aheadMs = (readSeconds(claims['nbf']) ?? now) - now;
  if (aheadMs > nbfLeewayMs) {
    const what = `The token is not valid yet: nbf is ${Math.ceil(aheadMs / 1000)} s ahead.`;
    throw new TokenError('token_mismatch', what, { claim: 'nbf', retryAfterMs: aheadMs });
  }
  // Without an `iat` on both sides, the end tells which is newer.
  if (held && heldIsGood && !isCode && isOlder === undefined && end < held.expiresAt) throw stale();
  return new Token(value, claims, end, details, time);
}

function setClock(
  time: ServerClock,
  serverTime: unknown,
  evidence: Evidence,
  life: Lifetime | undefined,
  agoMs: number,
) {
  const { issuedAt, endsAt } = evidence;
  const said = readLifetime(serverTime);
  const exact = said && 'at' in said ? said.at[0] : undefined;
  // Who knows how long the token still lives knows what time it is.
  const implied = endsAt !== undefined && life && 'inMs' in life ? endsAt - life.inMs : undefined;
  const at = exact ?? issuedAt ?? implied ?? 0;
  if (at > 0 && at < latestDate) time.anchor(at, agoMs, exact !== undefined, evidence);
}

/** @returns `undefined` for a guest */
function readFields(answer: unknown): (Record<string, unknown> & { token: string }) | undefined {
  if (answer === null) return undefined;
  const given: unknown = typeof answer === 'string' ? { token: answer } : answer;
  if (typeof given !== 'object' || !given) throw malformed(`${typeof given} instead of a token`);
  if (isHttpAnswer(given)) throw malformed('the whole HTTP response: return its token only');
  const { token, expires_in, expires_at, ...more } = own(given) as Record<string, unknown>;
  const others = own(more);
  // A subscriber's code may stand in the place of a token.
  const text = token || (others['subscriberCode'] ?? token);
  if (text === null) return undefined;
  const value = typeof text === 'string' ? text.trim() : '';
  if (/^(|undefined|null)$/.test(value)) {
    throw malformed(typeof text === 'string' ? `"${value}" for a token` : `${typeof text} for a token`);
  }
  if (/[^!-~]|</.test(value)) throw malformed('text that cannot be a token');
  const { expiresIn = expires_in, expiresAt } = others;
  return { ...others, expiresIn, expiresAt: expiresAt ?? expires_at, token: value };
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
