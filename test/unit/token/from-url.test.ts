import { afterEach, describe, expect, test } from 'vitest';
import { type TokenReason, type TokenRequest, tokenFromUrl } from '../../../src/index.ts';

const ask = (reason: TokenReason): TokenRequest => ({
  room: 'standup',
  reason,
  signal: new AbortController().signal,
});

function open(address: string): void {
  history.replaceState({ kept: true }, '', address);
}

afterEach(() => open('/'));

describe('tokenFromUrl', () => {
  test.each([
    ['the query', '/room?a=1&token=secret&b=2#top', '/room?a=1&b=2#top'],
    ['the fragment', '/room?a=1#b=%20x&token=secret&odd', '/room?a=1#b=%20x&odd'],
    ['a fragment of its own', '/room#token=secret', '/room'],
    ['the query before the fragment', '/room?token=secret#token=other', '/room#token=other'],
  ])('takes the token out of %s and out of the address bar', (_, before, after) => {
    open(before);
    const length = history.length;
    const source = tokenFromUrl('token');
    expect(location.href.slice(location.origin.length)).toBe(after);
    expect(history.length).toBe(length);
    expect(history.state).toEqual({ kept: true });
    expect(source(ask('join'))).toBe('secret');
  });

  test('leaves an address without the token as it is, and lets the person join as a guest', () => {
    open('/room?other=1#x=%20y');
    const source = tokenFromUrl('token');
    expect(location.href.slice(location.origin.length)).toBe('/room?other=1#x=%20y');
    expect(source(ask('join'))).toBeNull();
  });

  test('takes an empty token for none', () => {
    open('/room?token=');
    expect(tokenFromUrl('token')(ask('join'))).toBeNull();
    expect(location.search).toBe('');
  });

  test('denies a second token without a renew source, but gives the first one to each join', () => {
    open('/room?token=secret');
    const source = tokenFromUrl('token');
    source(ask('join'));
    expect(() => source(ask('refresh'))).toThrow(expect.objectContaining({ code: 'token_denied' }));
    expect(() => source(ask('rejected'))).toThrow(/renew/);
    expect(source(ask('join'))).toBe('secret');
  });

  test.each(['join', 'refresh', 'rejected'] as const)('asks renew for all after the first: %s', (reason) => {
    open('/room?token=secret');
    const source = tokenFromUrl('token', { renew: (request) => `renewed for ${request.reason}` });
    expect(source(ask('join'))).toBe('secret');
    expect(source(ask(reason))).toBe(`renewed for ${reason}`);
  });

  test('asks renew from the start where the address has no token', () => {
    const source = tokenFromUrl('token', { renew: () => 'renewed' });
    expect(source(ask('join'))).toBe('renewed');
  });
});
