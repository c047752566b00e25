// @vitest-environment node
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { RoomSessionError, TokenError } from '../../src/index.ts';
import { fakeJwt } from './fake-jwt.ts';
import { outcome, setUp } from './session-stage.ts';

const jwt = fakeJwt({ room: 'standup', sub: 'ada', padding: 'x'.repeat(40) });
const pieces = Array.from({ length: jwt.length - 20 }, (_, at) => jwt.slice(at, at + 20));
const shown = (error: unknown) => inspect(error, { depth: 9, showHidden: true });
const expectNoPiece = (error: unknown) => {
  const text = shown(error);
  expect(pieces.filter((piece) => text.includes(piece))).toEqual([]);
};

describe('an error never shows a token, whoever wrote its text', () => {
  const whole = `wss://media.example.org/ws?token=${jwt}&room=standup`;
  test.each([
    ['its message', new RoomSessionError('connect_failed', `The socket ${whole} failed.`)],
    ['the end of a message that is cut', new RoomSessionError('connect_failed', `${'x '.repeat(490)}${jwt}`)],
    ['the vendor’s word', new RoomSessionError('connect_failed', 'No.', { vendorCode: `bad ${jwt}` })],
    ['its cause', new RoomSessionError('connect_failed', 'No.', { cause: new Error(whole) })],
    ['a cause that is no error', new RoomSessionError('connect_failed', 'No.', { cause: { sent: [jwt] } })],
    ['a cause that is text', new RoomSessionError('connect_failed', 'No.', { cause: whole })],
    ['a claim', new TokenError('token_mismatch', 'No.', { claim: jwt })],
    ['a member of plain JavaScript', new TokenError('token_denied', 'No.', { body: jwt } as object)],
  ])('in %s', (_, error) => {
    expectNoPiece(error);
  });

  test('and the rest of the message stands', () => {
    const error = new RoomSessionError('connect_failed', `The socket ${whole} failed.`);
    expect(error.message).toBe('The socket wss://media.example.org/ws?token=[hidden]&room=standup failed.');
  });

  test.each([
    ['https://a.example.org/?jwt=4711&x=1', 'https://a.example.org/?jwt=[hidden]&x=1'],
    ['https://a.example.org/#access_token=s3cr3t', 'https://a.example.org/#access_token=[hidden]'],
    ['"wss://a.example.org/?apiKey=abc" failed', '"wss://a.example.org/?apiKey=[hidden]" failed'],
    ['The token=… parameter is missing.', 'The token=… parameter is missing.'],
  ])('also a short one in an address: %s', (text, expected) => {
    expect(new RoomSessionError('connect_failed', text).message).toBe(expected);
  });

  test('a text of any length takes no time', () => {
    for (const text of ['a', '-', 'a.', 'eyJ', '?token=', 'a/b+'].map((part) => part.repeat(80_000))) {
      const startedAt = performance.now();
      const error = new RoomSessionError('connect_failed', text, { cause: new Error(text) });
      expect(performance.now() - startedAt).toBeLessThan(50);
      expect(error.message.length).toBeLessThanOrEqual(1_000);
    }
  });

  test('a clean cause is the very object', () => {
    const cause = Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
    expect(new RoomSessionError('connect_failed', 'No.', { cause }).cause).toBe(cause);
  });
});

describe('what an adapter throws or says is told without the token', () => {
  test.each([
    ['an error of its own', () => new Error(`refused ${jwt}`)],
    [
      'one of ours with more on it',
      () => Object.assign(new RoomSessionError('connect_denied', 'No.'), { jwt }),
    ],
    ['an object', () => ({ name: 'Refused', sent: jwt })],
  ])('%s', async (_, make) => {
    const { session, adapter, named } = setUp();
    adapter.onConnect = (attempt) => attempt.denied(make() as Error);
    const join = outcome(session.join('standup'));
    await session.leave();
    expect(join.error).toBeDefined();
    expectNoPiece([join.error, named('stateChanged')]);
  });

  test('a text', async () => {
    const { session, adapter, clock, named } = setUp();
    await session.join('standup');
    adapter.attempt.lost(`Closed with ${jwt}`, { vendorCode: jwt, cause: jwt });
    await clock.advance(1_000);
    expect(named('attemptFailed')).toHaveLength(1);
    expectNoPiece(named('attemptFailed'));
  });
});
