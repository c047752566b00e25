import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type Claims,
  TokenError,
  type TokenReason,
  type TokenRequest,
  type TokenSource,
  tokenFromUrl,
} from '../../../src/index.ts';
import { fakeJwt } from '../fake-jwt.ts';

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
    ['both, and uses that of the query', '/room?token=secret#token=other', '/room'],
    ['the query under an encoded name', '/room?%74oken=secret&a=%20b', '/room?a=%20b'],
    ['the fragment under an encoded name', '/room#a&%74oken=secret', '/room#a'],
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

  test('takes both of two tokens of the same name out of the address bar', () => {
    open('/room?token=secret&token=other');
    expect(tokenFromUrl('token')(ask('join'))).toBe('secret');
    expect(location.search).toBe('');
  });

  test('gives the token again where a framework makes the source twice', () => {
    open('/conference.html?token=of-the-link');
    tokenFromUrl('token')(ask('join'));
    expect(tokenFromUrl('token')(ask('join'))).toBe('of-the-link');
  });

  test('gives the token again where the first source was made and never asked', () => {
    open('/conference.html?jwt=of-the-link');
    tokenFromUrl('jwt');
    expect(tokenFromUrl('jwt', { renew: () => 'renewed' })(ask('join'))).toBe('of-the-link');
  });

  test('gives the token again at a route that is left and entered again, and no other page gets it', () => {
    open('/rooms/standup?token=of-the-link');
    tokenFromUrl('token')(ask('join'));
    open('/rooms/retro');
    expect(tokenFromUrl('token')(ask('join'))).toBeNull();
    open('/rooms/standup');
    expect(tokenFromUrl('token')(ask('join'))).toBe('of-the-link');
  });

  test('takes the token of a newer link in place of the older one', () => {
    open('/newer?token=first');
    const source = tokenFromUrl('token', { renew: () => 'renewed' });
    expect(source(ask('join'))).toBe('first');
    open('/newer?token=second');
    expect(source(ask('join'))).toBe('second');
    expect(location.search).toBe('');
  });

  test('looks at the address when it is asked, where there was none when it was made', () => {
    vi.stubGlobal('location', undefined);
    const source = tokenFromUrl('token');
    expect(source(ask('join'))).toBeNull();
    vi.unstubAllGlobals();
    open('/hydrated?token=secret');
    expect(source(ask('join'))).toBe('secret');
  });

  test('works in a page that may not change its address', () => {
    open('/sandboxed?token=secret');
    const refuse = vi.spyOn(history, 'replaceState').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError');
    });
    expect(tokenFromUrl('token')(ask('join'))).toBe('secret');
    refuse.mockRestore();
  });

  test('that prefers renew asks it first, and uses the link only where renew has no token', async () => {
    open('/prefer?token=secret');
    const denied = () => {
      throw new TokenError('token_denied', 'Not logged in.');
    };
    const given = async (renew: TokenSource) =>
      tokenFromUrl('token', { renew, prefer: 'renew' })(ask('join'));
    expect(await given(() => 'own session')).toBe('own session');
    expect(await given(() => null)).toBe('secret');
    expect(await given(denied)).toBe('secret');
    const down = given(() => Promise.reject(new Error('down')));
    await expect(down).rejects.toThrow('down');
  });

  test('that prefers renew says what renew said where there is no link', async () => {
    open('/prefer-nothing');
    const denied = new TokenError('token_denied', 'Not logged in.');
    const source = tokenFromUrl('token', { renew: () => Promise.reject(denied), prefer: 'renew' });
    await expect(source(ask('join'))).rejects.toBe(denied);
  });

  test('does not use a token that check refuses', () => {
    const strange = fakeJwt({ sub: 'mallory' });
    open(`/checked#token=${strange}`);
    const check = ({ sub }: Claims) => sub === 'ada';
    expect(tokenFromUrl('token', { check, renew: () => 'renewed' })(ask('join'))).toBe('renewed');
    expect(() => tokenFromUrl('token', { check })(ask('join'))).toThrow(
      expect.objectContaining({ code: 'token_denied' }),
    );
    const good = fakeJwt({ sub: 'ada' });
    open(`/checked#token=${good}`);
    expect(tokenFromUrl('token', { check })(ask('join'))).toBe(good);
  });

  test('forgets the link’s token at the end of the join in which renew gave one, and not before', async () => {
    open('/forgotten?token=secret');
    const join = new AbortController();
    const asked = (reason: TokenReason) => ({ ...ask(reason), joinSignal: join.signal });
    let answer: string | null = null;
    const source = tokenFromUrl('token', { renew: () => answer });
    expect(await source(asked('join'))).toBe('secret');
    expect(await source(asked('refresh'))).toBeNull();
    // A framework that leaves and joins again, as React's StrictMode does.
    expect(await tokenFromUrl('token', { renew: () => 'renewed' })(ask('join'))).toBe('secret');
    answer = 'renewed';
    expect(await source(asked('refresh'))).toBe('renewed');
    expect(await tokenFromUrl('token')(ask('join'))).toBe('secret');
    join.abort();
    expect(await tokenFromUrl('token', { renew: () => 'renewed' })(ask('join'))).toBe('renewed');
    expect(await source(ask('join'))).toBe('renewed');
  });
});
