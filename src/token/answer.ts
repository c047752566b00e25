import { TokenError } from '../errors.ts';
import { dateClaim, readClaims, Token } from './jwt.ts';
import type { ServerClock } from './server-clock.ts';
import type { TokenAnswer } from './source.ts';

/** What a source's answer is held against. */
interface AnswerContext {
  readonly time: ServerClock;
  /** How long the request took; the server answered about half of it ago. */
  readonly roundTripMs: number;
  /** The token to be replaced. */
  readonly held: Token | null | undefined;
  /** The token held lives and is no one-time token: an answer that ends before it is no step forward. */
  readonly heldIsGood: boolean;
}

/** A date in ms beyond this (year 5138) is no date. */
const latestDate = 1e14;
/** The server's time is known to about two seconds, and a token's `nbf` is often the very second it was made in. */
const nbfLeewayMs = 5_000;
const older = 'an older token than before';
const never = Number.POSITIVE_INFINITY;

/**
 * Makes a token from a source's answer and sets the server clock by it. `null` stays `null`: join as a guest.
 *
 * The token ends at its `exp` claim, at `expiresAt`, or `expiresIn` seconds from now, whichever is first; where nothing
 * says when, it never does. Throws `token_malformed` for an answer without a usable token, for one that is over by the
 * server's own time, and for one that is no step forward from the one held; `token_mismatch` for one that is not valid
 * yet (`nbf`).
 */
export function readAnswer(answer: TokenAnswer, context: AnswerContext): Token | null {
  const { time, held, heldIsGood } = context;
  if (answer === null) {
    if (heldIsGood) throw malformed('null while a token is held');
    return null;
  }
  const { token, expiresIn, expiresAt, serverTime, ...details } =
    typeof answer === 'string' ? { token: answer } : Object(answer);
  const value = usableText(token);
  const claims = readClaims(value);
  // Before the clock is set: an old answer knows nothing of the time.
  if (held?.value === value) throw malformed('the same token as before');
  const made = dateClaim(claims, 'iat');
  const heldMade = held ? dateClaim(held.claims, 'iat') : undefined;
  const tellAge = made !== undefined && heldMade !== undefined;
  if (tellAge && made < heldMade) throw malformed(older);
  const sinceAnswerMs = Math.min(context.roundTripMs / 2, 5_000);
  const expires = dateClaim(claims, 'exp') ?? never;
  const lifeMs = milliseconds(expiresIn) ?? never;
  // A token is not made before `iat`; and whoever says how long it still lives says what time it is.
  const exact = typeof serverTime === 'number';
  const at = exact ? serverTime : (made ?? expires - lifeMs);
  if (at > 0 && at < latestDate) time.anchor(at, sinceAnswerMs, exact);

  const now = time.now();
  const end = Math.min(expires, milliseconds(expiresAt) ?? never, now - sinceAnswerMs + lifeMs);
  if (end <= now)
    throw malformed(`a token that ended ${Math.round((now - end) / 1000)} s ago: is it from a cache?`, 'exp');
  const earlyMs = (dateClaim(claims, 'nbf') ?? now) - now;
  if (earlyMs > nbfLeewayMs) {
    throw new TokenError(
      'token_mismatch',
      `The token is not valid yet: nbf is ${Math.ceil(earlyMs / 1000)} s ahead.`,
      { claim: 'nbf', retryAfterMs: earlyMs },
    );
  }
  if (held && heldIsGood && !tellAge && end < held.expiresAt) throw malformed(older);
  return new Token(value, claims, end, details);
}

function usableText(raw: unknown): string {
  if (typeof raw !== 'string') throw malformed('without a token');
  const value = raw.trim();
  if (/^(|undefined|null|\[object Object\])$/.test(value)) throw malformed(`"${value}" for a token`);
  if (/[^!-~]|</.test(value)) throw malformed('characters that no token has');
  return value;
}

function malformed(what: string, claim?: string): TokenError {
  return new TokenError('token_malformed', `The token source answered ${what}.`, { claim });
}

/** From seconds, as a number or as text; `undefined` for anything else. */
function milliseconds(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && !Number.isNaN(number) ? number * 1000 : undefined;
}
