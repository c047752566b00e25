// @vitest-environment node
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkNamedServer, checkUrl } from '../../../src/adapters/check-url.ts';
import { Token } from '../../../src/index.ts';

/** The page's address; none in Node. */
function onPage(href: string): void {
  const location = new URL(href);
  Object.defineProperty(globalThis, 'location', { configurable: true, value: location });
  onTestFinished(() => void Reflect.deleteProperty(globalThis, 'location'));
}

describe.each([
  'https://app.example.org/',
  'http://app.example.org/',
  'file:///app.html',
  'capacitor://localhost/',
])('the address of a websocket, from a page at %s', (page) => {
  test.each([
    ['wss://media.example.org/ws', true],
    ['WSS://media.example.org', true],
    ['ws://localhost:5080/ws', true],
    ['ws://app.localhost/ws', true],
    ['ws://127.0.0.1:5080/ws', true],
    ['ws://[::1]:5080/ws', true],
    ['ws://media.example.org/ws', false],
    ['ws://localhost.example.org/ws', false],
    ['ws://127.0.0.1.example.org/ws', false],
    ['ws://192.168.1.5/ws', false],
    ['wss://ada:secret@media.example.org/ws', false],
    ['wss://ada@media.example.org/ws', false],
    ['https://media.example.org', false],
    ['javascript:alert(1)', false],
    ['', false],
    [undefined, false],
  ])('%s may be opened: %s', (url, isGood) => {
    onPage(page);
    if (isGood) expect(checkUrl(url, 'websocketUrl', {})).toBe(url);
    else {
      expect(() => checkUrl(url, 'websocketUrl', {})).toThrow(
        expect.objectContaining({
          code: 'invalid_argument',
          message: expect.not.stringContaining('secret@'),
        }),
      );
    }
  });

  test('ws: to another machine may be allowed, a password may not', () => {
    onPage(page);
    expect(checkUrl('ws://192.168.1.5/ws', 'x', { allowInsecure: true })).toBe('ws://192.168.1.5/ws');
    expect(() => checkUrl('ws://a:b@192.168.1.5/ws', 'x', { allowInsecure: true })).toThrow();
  });
});

describe('the server that a token’s answer names', () => {
  const isTaken = (serverUrl: unknown, given: unknown, allowedServers?: string[]) => {
    try {
      checkNamedServer(new Token('t', {}, 5, { serverUrl }), given, { allowedServers });
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'token_mismatch', claim: 'serverUrl' });
      return false;
    }
  };

  test.each([
    ['wss://b.example.org/ws', 'wss://a.example.org/ws', true],
    ['wss://example.org/ws', 'wss://a.example.org/ws', true],
    ['wss://a.example.org:8443/ws', 'wss://a.example.org/ws', true],
    ['wss://a.example.net/ws', 'wss://a.example.org/ws', false],
    ['wss://evil-example.org/ws', 'wss://example.org/ws', false],
    ['wss://example.org.evil.net/ws', 'wss://example.org/ws', false],
    ['wss://b.example.co.uk/ws', 'wss://a.example.co.uk/ws', true],
    ['wss://evil.co.uk/ws', 'wss://example.co.uk/ws', false],
    ['wss://evil.com.au/ws', 'wss://a.example.com.au/ws', false],
    ['wss://10.0.0.1/ws', 'wss://10.0.0.1/ws', true],
    ['wss://10.1.0.1/ws', 'wss://10.0.0.1/ws', false],
    ['wss://[fe80::2]/ws', 'wss://[fe80::1]/ws', false],
    ['ws://127.0.0.1/ws', 'ws://localhost:5080/ws', true],
    ['wss://evil.net/ws', 'ws://localhost:5080/ws', false],
    ['ws://localhost/ws', 'wss://a.example.org/ws', false],
    ['wss://anywhere.net/ws', undefined, true],
    [undefined, 'wss://a.example.org/ws', true],
  ])('%s beside %s may be taken: %s', (named, given, expected) => {
    expect(isTaken(named, given)).toBe(expected);
  });

  test.each([
    ['wss://media.example.net/ws', true],
    ['wss://media.example.net:8443/ws', true],
    ['wss://a.example.com:8443/ws', true],
    ['wss://a.example.com/ws', false],
    ['wss://x.wild.example/ws', true],
    ['wss://x.y.wild.example/ws', true],
    ['wss://wild.example/ws', false],
    ['wss://evilwild.example/ws', false],
    ['wss://a.example.org/ws', false],
  ])('%s may be taken by a list: %s', (named, expected) => {
    const allowed = ['media.example.net', 'a.example.com:8443', '*.wild.example'];
    expect(isTaken(named, 'wss://a.example.org/ws', allowed)).toBe(expected);
    expect(isTaken(named, undefined, allowed)).toBe(expected);
  });

  test('is seen from the page where it is relative', () => {
    onPage('https://app.example.org/rooms/');
    expect(isTaken('/janus', 'wss://janus.example.org/janus')).toBe(true);
    expect(isTaken('/janus', 'wss://janus.example.net/janus')).toBe(false);
    expect(isTaken('wss://janus.example.org/janus', '/')).toBe(true);
  });
});
