import { own } from '../untrusted.ts';
import type { Fail } from './body.ts';
import type { TokenAnswer } from './source.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The names under which endpoints give a token, the usual one first. A subscriber's code may stand in its place. */
const tokenNames = ['token', 'jwt', 'accessToken', 'access_token', 'tokenId', 'subscriberCode'] as const;

/**
 * Finds the token in an endpoint's JSON or text: in a field of one of the usual names, or one level deeper, such as in
 * `data`. Throws what `fail` makes of a body without one.
 */
export function findToken(body: unknown, fail: Fail): TokenAnswer {
  if (body === null || typeof body === 'string') return body;
  const found = isObject(body) && (readFields(body) ?? readNested(body));
  if (found) return found.token === null ? null : (found as TokenAnswer);
  const fields: Fields = own(isObject(body) ? body : undefined);
  const name = tokenNames.find((candidate) => fields[candidate] !== undefined);
  if (name) {
    throw fail('token_malformed', `answered JSON whose ${name} is ${describe(fields[name])}, not text`);
  }
  throw fail('token_malformed', `answered JSON without a token: ${describe(body)}`);
}

/** The fields of an object that has a token, or `null` for a guest, under one of the usual names. */
function readFields(body: Fields): (Fields & { token: unknown }) | undefined {
  const fields = own(body);
  const isThere = (value: unknown) => (candidate: string) => fields[candidate] !== value;
  const given = tokenNames.filter(isThere(undefined));
  const name = given.find(isThere(null)) ?? given[0];
  const token = name && fields[name];
  if (token !== null && typeof token !== 'string') return undefined;
  const { jwt, accessToken, access_token, tokenId, expires_in, expires_at, ...others } = fields;
  const { expiresIn = expires_in, expiresAt = expires_at } = fields;
  return { ...others, token, expiresIn, expiresAt };
}

function readNested(fields: Fields): (Fields & { token: unknown }) | undefined {
  for (const [name, value] of Object.entries(fields)) {
    // A token inside of `token` is none of the usual forms.
    const inner = isObject(value) && !tokenNames.some((known) => known === name) && readFields(value);
    // Beside the object with the token may be when it ends.
    if (inner) return readFields({ ...fields, [name]: undefined, ...definedIn(inner) });
  }
  return undefined;
}

function definedIn(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Says what a value is, without its content. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (!isObject(value)) return `a ${typeof value}`;
  // Not the longer names: one of them may be the token.
  const names = Object.keys(value).filter((name) => name.length < 20);
  return names.length > 0 ? `an object with ${names.slice(0, 6)}` : 'an object';
}
