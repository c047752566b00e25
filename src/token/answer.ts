import { TokenError } from '../errors.ts';
import { type Claims, dateClaim, readClaims, Token } from './jwt.ts';
import type { ServerClock } from './server-clock.ts';
import type { TokenAnswer } from './source.ts';

/** A date in ms beyond this (year 5138) is no date. */
const latestDate = 1e14;

/**
 * Makes a token from a source's answer and sets the server clock by it. `null` stays `null`: join as a guest.
 *
 * The token ends at its `exp` claim, at `expiresAt`, or `expiresIn` seconds from now, whichever is first; where nothing
 * says when, it never does. Throws `token_malformed` for an answer without a usable token, also for one that is over
 * already by the server's own time, and `token_mismatch` for one that is not valid yet (`nbf`).
 *
 * @param roundTripMs how long the request took; the server answered about half of it ago
 */
export function readAnswer(answer: TokenAnswer, time: ServerClock, roundTripMs: number): Token | null {
  if (answer === null) return null;
  const {
    token: raw,
    expiresIn,
    expiresAt,
    serverTime,
    ...details
  } = typeof answer === 'string' ? { token: answer } : Object(answer);
  const value = usableText(raw);
  const claims = readClaims(value);
  setClock(time, claims, expiresIn, serverTime, Math.min(roundTripMs / 2, 5_000));

  const now = time.now();
  const ends = [
    dateClaim(claims, 'exp'),
    seconds(expiresAt),
    typeof expiresIn === 'number' ? now - roundTripMs / 2 + expiresIn * 1000 : undefined,
  ].filter((end) => end !== undefined && !Number.isNaN(end)) as number[];
  const end = Math.min(...ends);
  if (end <= now) {
    throw new TokenError(
      'token_malformed',
      `The token source answered with a token that ended ${Math.round((now - end) / 1000)} s ago. Check the server's ` +
        "clock, the token's lifetime, and that the answer is never cached (Cache-Control: no-store).",
      { claim: 'exp' },
    );
  }
  const notBefore = dateClaim(claims, 'nbf');
  if (notBefore !== undefined && notBefore > now) {
    throw new TokenError(
      'token_mismatch',
      `The token is not valid yet: its claim nbf is ${Math.ceil((notBefore - now) / 1000)} s ahead of the server's time.`,
      { claim: 'nbf', retryAfterMs: notBefore - now },
    );
  }
  return new Token(value, claims, end, details);
}

/**
 * Throws `token_malformed` for a token that is no step forward from the one held: the same, or an older one. Which is
 * older is told by `iat`, and where that is missing, if `byEnd` says so, by which ends first.
 */
export function refuseStale(token: Token, held: Token, byEnd: boolean): void {
  const made = dateClaim(token.claims, 'iat');
  const heldMade = dateClaim(held.claims, 'iat');
  const older =
    made !== undefined && heldMade !== undefined
      ? made < heldMade
      : byEnd && token.expiresAt < held.expiresAt;
  if (token.value !== held.value && !older) return;
  throw new TokenError(
    'token_malformed',
    `The token source answered with ${older ? 'an older token than' : 'the same token as'} the one held. ` +
      'Its answer must never be cached (Cache-Control: no-store), and each answer needs a token of its own.',
  );
}

function usableText(raw: unknown): string {
  if (typeof raw !== 'string') {
    throw new TokenError(
      'token_malformed',
      `The token source answered without a token: expected a string, or an object with a string "token", got ${
        raw === null ? 'null' : typeof raw
      }.`,
    );
  }
  const value = raw.trim();
  if (/^(|undefined|null|\[object Object\])$/.test(value)) {
    throw new TokenError(
      'token_malformed',
      `The token source answered ${JSON.stringify(value)} for a token.`,
    );
  }
  if (/[^\x21-\x7e]/.test(value)) {
    throw new TokenError(
      'token_malformed',
      'The token source answered with text that holds spaces or other characters that no token has.',
    );
  }
  return value;
}

function setClock(
  time: ServerClock,
  claims: Claims,
  expiresIn: unknown,
  serverTime: unknown,
  sinceAnswerMs: number,
): void {
  if (typeof serverTime === 'number' && Math.abs(serverTime) < latestDate) {
    time.anchor({ exact: serverTime + sinceAnswerMs });
    return;
  }
  const expires = dateClaim(claims, 'exp');
  // A token is not made before `iat`; and whoever says how long it still lives says what time it is.
  const made =
    dateClaim(claims, 'iat') ??
    (expires !== undefined && typeof expiresIn === 'number' ? expires - expiresIn * 1000 : undefined);
  if (made === undefined || !(made > 0 && made < latestDate)) return;
  time.anchor({ atLeast: made + sinceAnswerMs });
}

function seconds(value: unknown): number | undefined {
  return typeof value === 'number' ? value * 1000 : undefined;
}
