/** `npm run types` checks these: the errors as an app branches on them. */
import { type ErrorCode, RoomSessionError, TokenError } from 'room-session';
import { expectTypeOf, test } from 'vitest';

test('an error has one of the codes', () => {
  expectTypeOf<RoomSessionError['code']>().toEqualTypeOf<ErrorCode>();
  expectTypeOf<RoomSessionError['vendorCode']>().toEqualTypeOf<string | undefined>();
  // @ts-expect-error there is no such code
  new RoomSessionError('token_missing', 'There is no token.');
});

test('an error about a token is one of the errors, with a code about tokens only', () => {
  expectTypeOf<TokenError>().toExtend<RoomSessionError>();
  expectTypeOf<TokenError['status']>().toEqualTypeOf<number | undefined>();
  // @ts-expect-error no code of a token
  new TokenError('connect_failed', 'The server cannot be reached.');
});
