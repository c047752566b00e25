import { TokenError } from '../errors.ts';
import { readClaims, Token } from './jwt.ts';
import type { ServerClock } from './server-clock.ts';
import type { TokenAnswer } from './source.ts';

/** A date in ms beyond this (year 5138) is no date. */
const latestDate = 1e14;
/** The server's time is known to about two seconds, and a token's `nbf` is often the very second it was made in. */
const nbfLeewayMs = 5_000;

/**
 * Makes a token from a source's answer and sets the server clock by it. `null` stays `null`: join as a guest.
 *
 * The token ends at its `exp` claim, at `expiresAt`, or `expiresIn` seconds from now, whichever is first; where nothing
 * says when, it never does. Throws `token_malformed` for an answer without a usable token, for one that is over by the
 * server's own time, and for one that is no step forward from the one held; `token_mismatch` for one that is not valid
 * yet (`nbf`).
 *
 * @param roundTripMs how long the request took; the server answered about half of it ago
 * @param held the token to be replaced
 * @param heldIsGood it lives and is no one-time token: an answer that ends before it is no step forward
 */
export function readAnswer(
  answer: TokenAnswer,
  time: ServerClock,
  roundTripMs: number,
  held: Token | null | undefined,
  heldIsGood: boolean,
): Token | null {
  if (answer === null) {
    if (heldIsGood) throw stale();
    return null;
  }
  const { token, expiresIn, expiresAt, serverTime, ...details } =
    typeof answer === 'string' ? { token: answer } : Object(answer);
  const value = typeof token === 'string' ? token.trim() : '';
  if (/^(|undefined|null)$/.test(value)) throw malformed(`"${value}" for a token`);
  if (/[^!-~]|</.test(value)) throw malformed('text that cannot be a token');
  const claims = readClaims(value);
  const made = milliseconds(claims['iat']);
  const newerByMs = made - milliseconds(held?.claims['iat']);
  const sinceAnswerMs = Math.min(roundTripMs / 2, 5_000);
  const expires = milliseconds(claims['exp'], Infinity);
  const lifeMs = milliseconds(expiresIn, Infinity);
  // A token is not made before `iat`; and whoever says how long it still lives says what time it is.
  const exact = typeof serverTime === 'number';
  const at = exact ? serverTime : made || expires - lifeMs;
  const evidence = { issuedAt: made || undefined, endsAt: Number.isFinite(expires) ? expires : undefined };
  if (at > 0 && at < latestDate) time.anchor(at, sinceAnswerMs, exact, evidence);
  // A backend that keeps its tokens is no failing one.
  if (held && value === held.value && heldIsGood) return held;
  // An `iat` that is still ahead comes from a clock that was wrong.
  const isHeldFromFuture = milliseconds(held?.claims['iat']) > time.now() + nbfLeewayMs;
  if (value === held?.value || (newerByMs < 0 && !isHeldFromFuture)) throw stale();

  const now = time.now();
  const end = Math.min(expires, milliseconds(expiresAt, Infinity), now - sinceAnswerMs + lifeMs);
  if (end <= now) {
    throw malformed(`a token that ended ${Math.round((now - end) / 1000)} s ago: is it from a cache?`, 'exp');
  }
  const retryAfterMs = milliseconds(claims['nbf']) - now;
  if (retryAfterMs > nbfLeewayMs) {
    throw new TokenError(
      'token_mismatch',
      `The token is not valid yet: nbf is ${Math.ceil(retryAfterMs / 1000)} s ahead.`,
      { claim: 'nbf', retryAfterMs },
    );
  }
  // Without an `iat` on both sides, the end tells which is newer.
  if (held && heldIsGood && Number.isNaN(newerByMs) && end < held.expiresAt) throw stale();
  return new Token(value, claims, end, details, time);
}

function malformed(what: string, claim?: string): TokenError {
  return new TokenError('token_malformed', `The token source answered ${what}.`, { claim });
}

function stale(): TokenError {
  return malformed('no newer token than the one held');
}

/** From seconds, as a number or as text. */
function milliseconds(seconds: unknown, otherwise: number = Number.NaN): number {
  const value = Number.parseFloat(seconds as string) * 1000;
  return Number.isFinite(value) ? value : otherwise;
}
