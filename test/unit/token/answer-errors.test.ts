// @vitest-environment node
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { RoomSessionError, Token, TokenError } from '../../../src/index.ts';
import { asTokenError } from '../../../src/token/as-token-error.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJyb29tIjoic3RhbmR1cCJ9.c2lnbmF0dXJlLW9mLW5vYm9keQ';
/** An error whose stack has no long words. */
const plain = <More extends object>(message: string, more: More = {} as More): Error & More =>
  Object.assign(new Error(message), { stack: 'Error' }, more);

describe('a cause is left out where its text seems to hold a token:', () => {
  const part = 'a'.repeat(16);
  test.each([
    ['a JWT', jwt, false],
    ['the start of a JWT', jwt.slice(0, 20), false],
    ['a JWT amid text', `GET https://example.org/?jwt=${jwt}&a=1 failed`, false],
    ['"eyJ" and 16 letters', `eyJ${part}`, false],
    ['"eyJ" and 15 letters', `eyJ${part.slice(1)}`, true],
    ['two parts of 16', `${part}.${part}`, false],
    ['two parts of 16 with other letters', 'Ab0_-Ab0_-Ab0_-Z.Ab0_-Ab0_-Ab0_-Z', false],
    ['parts of 15 and 16', `${part.slice(1)}.${part}`, true],
    ['parts of 16 and 15', `${part}.${part.slice(1)}`, true],
    ['two parts without a dot', `${part} ${part}`, true],
    ['two parts with another mark between', `${part}:${part}`, true],
    ['80 letters', 'a1_+/=-Z'.repeat(10), false],
    ['79 letters', 'a1_+/=-Z'.repeat(10).slice(1), true],
    ['80 letters with a space', `${'a'.repeat(40)} ${'a'.repeat(40)}`, true],
    ['usual words', 'Failed to fetch', true],
  ])('%s', (_, text, isKept) => {
    const error = plain(text);
    expect(new RoomSessionError('connect_failed', 'x', { cause: error }).cause).toBe(
      isKept ? error : undefined,
    );
    expect(asTokenError(error).cause).toBe(isKept ? error : undefined);
  });

  test.each([
    ['its stack', plain('failed', { stack: `Error: ${jwt}` })],
    ['its own cause', plain('failed', { cause: plain(jwt) })],
    ['the cause of its cause', plain('failed', { cause: plain('a', { cause: jwt }) })],
    ['one of its errors', new AggregateError([plain('a'), plain(jwt)], 'failed')],
    ['what axios adds', plain('failed', { config: { headers: { Authorization: `Bearer ${jwt}` } } })],
    ['a list', plain('failed', { sent: ['a', jwt] })],
    ['the name of a property', plain('failed', { [jwt]: 1 })],
    ['its name', plain('failed', { name: jwt })],
    ['a hidden property', Object.defineProperty(plain('failed'), 'body', { value: jwt })],
  ])('in %s', (_, error) => {
    const made = asTokenError(error);
    expect(made.cause).toBeUndefined();
    expect(inspect(made, { depth: 9, showHidden: true })).not.toContain(jwt.slice(0, 20));
  });

  test.each([
    ['headers', plain('failed', { headers: new Headers({ authorization: 'x' }) })],
    ['a map', plain('failed', { sent: new Map([['a', 'b']]) })],
    [
      'a getter that throws',
      Object.defineProperty(plain('failed'), 'body', {
        get() {
          throw new Error('no');
        },
      }),
    ],
    ['more than can be looked at', plain('failed', { all: Array.from({ length: 100 }, () => ({})) })],
  ])('it may be there unseen: %s', (_, error) => {
    expect(asTokenError(error).cause).toBeUndefined();
  });

  test.each(['text', 42, null, undefined, { message: 'x' }])('and where it is no error: %j', (thrown) => {
    const error = asTokenError(thrown);
    expect(error).toMatchObject({ code: 'token_unavailable', cause: undefined });
    expect(error.message).toBe(`The token source failed (${typeof thrown}).`);
  });
});

test('a harmless cause is kept with all that belongs to it', () => {
  const error = plain('failed', {
    cause: plain('refused', { code: 'ECONNREFUSED', port: 1 }),
    data: { a: [1] },
  });
  expect(asTokenError(error).cause).toBe(error);
  const circle = plain('failed');
  Object.assign(circle, { self: circle });
  expect(asTokenError(circle).cause).toBe(circle);
});

test.each(['stack', 'message'])('a cause whose %s is its class’s is looked at too', (name) => {
  class Strange extends Error {}
  Object.defineProperty(Strange.prototype, name, { get: () => jwt });
  const error = new Strange();
  // Its text has the message.
  error.stack = 'Error';
  Reflect.deleteProperty(error, name);
  expect(asTokenError(error).cause).toBeUndefined();
});

test('a cause with nothing in a property, and with as many objects as are looked at, is kept', () => {
  const full = plain('failed', { none: null, all: Array.from({ length: 48 }, () => ({})) });
  expect(asTokenError(full).cause).toBe(full);
  full.all.push({});
  expect(asTokenError(full).cause).toBeUndefined();
});

test('an error of ours without a pause is taken as it is', () => {
  const error = new TokenError('token_denied', 'Not invited.');
  expect(asTokenError(error)).toBe(error);
});

test('a token gives itself by its value only, and a fingerprint everywhere else', () => {
  const token = new Token('ab'.repeat(16), {}, 5, { serverUrl: 'wss://b.example.org' });
  expect(token.details).toEqual({ serverUrl: 'wss://b.example.org' });
  const text = 'Token(fb05c410)';
  expect([`${token}`, JSON.stringify(token), inspect(token)]).toEqual([text, `"${text}"`, text]);
});

test('a short token has no fingerprint, which could lead back to it', () => {
  for (const value of ['4711', 'ab'.repeat(16).slice(1)]) {
    const token = new Token(value, {}, 5);
    expect([`${token}`, JSON.stringify(token)]).toEqual(['Token(short)', '"Token(short)"']);
  }
});

test('the kind of the error is told, but no name that may be a token', () => {
  expect(asTokenError(new TypeError('x')).message).toBe('The token source failed (TypeError).');
  expect(asTokenError(plain('x', { name: 'eyJhbGciOiJIUzI1NiJ9' })).message).toBe(
    'The token source failed (Error).',
  );
  expect(asTokenError(plain('x', { name: 'a b' })).message).toBe('The token source failed (Error).');
  expect(asTokenError(plain('x', { name: '' })).message).toBe('The token source failed (Error).');
});

describe('an error of ours', () => {
  test('with a token code is taken as it is', () => {
    const error = new TokenError('token_denied', 'Not invited.', { status: 403, retryAfterMs: 1_000 });
    expect(asTokenError(error)).toBe(error);
  });

  test.each(['token_denied', 'token_unavailable', 'token_malformed', 'token_mismatch'] as const)(
    'of the plain class keeps its code: %s',
    (code) => {
      const cause = plain('why');
      const made = asTokenError(new RoomSessionError(code, 'Not invited.', { cause }));
      expect(made).toBeInstanceOf(TokenError);
      expect(made).toMatchObject({ code, message: 'Not invited.', cause });
    },
  );

  test('without a token code is a failure of the source', () => {
    const error = asTokenError(new RoomSessionError('connect_failed', 'down'));
    expect(error).toMatchObject({ code: 'token_unavailable' });
    expect(error.message).toContain('RoomSessionError');
  });

  test.each([Number.NaN, '5', null, {}, 5n])('with the pause %s, which is no number, has none', (pause) => {
    const error = new TokenError('token_unavailable', 'Busy.', {
      status: 503,
      claim: 'room',
      retryAfterMs: pause as number,
    });
    const made = asTokenError(error);
    expect(made.retryAfterMs).toBeUndefined();
    expect(made).toMatchObject({ code: 'token_unavailable', message: 'Busy.', status: 503, claim: 'room' });
  });

  test('that holds a token is told without it', () => {
    const error = new TokenError('token_denied', `Bad: ${jwt}`, {
      status: jwt as unknown as number,
      claim: jwt,
      retryAfterMs: 5,
      cause: plain(jwt),
    });
    const made = asTokenError(error);
    expect(made).toMatchObject({ code: 'token_denied', retryAfterMs: 5 });
    expect(made.message).toBe('Bad: [hidden]');
    expect([made.status, made.claim, made.cause]).toEqual([undefined, undefined, undefined]);
  });
});
