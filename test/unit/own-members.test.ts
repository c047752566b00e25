import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { antMedia } from '../../src/adapters/ant-media/index.ts';
import { type JitsiOptions, jitsi } from '../../src/adapters/jitsi/index.ts';
import { nafJanus } from '../../src/adapters/naf-janus/index.ts';
import {
  RoomSession,
  type RoomSessionOptions,
  type TokenRequest,
  tokenEndpoint,
  tokenFromUrl,
} from '../../src/index.ts';
import { FakeAdapter, FakeClock } from '../../src/testing/index.ts';
import { TokenRefresher } from '../../src/token/index.ts';
import { fakeJwt } from './fake-jwt.ts';

const polluted = new Set<string>();

/** As a library with a flaw does: from now on every object seems to have this member. */
function pollute(name: string, value: unknown): void {
  polluted.add(name);
  Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
}

afterEach(() => {
  for (const name of polluted) Reflect.deleteProperty(Object.prototype, name);
  polluted.clear();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const strangers = 'https://stranger.example';
const seconds = () => Math.floor(Date.now() / 1000);

describe('what stands in Object.prototype', () => {
  test('is no script of a Jitsi deployment, no class and no way to load one', async () => {
    const load = vi.fn();
    const scripts: string[] = [];
    vi.spyOn(document.head, 'append').mockImplementation((script) => {
      scripts.push((script as HTMLScriptElement).src);
    });
    pollute('scriptUrl', `${strangers}/api.js`);
    pollute('load', load);
    pollute('vendor', load);
    const session = new RoomSession({ adapter: jitsi({ domain: 'meet.example.org' }) });
    const joined = session.join('standup');
    joined.catch(() => {});
    await vi.waitFor(() => expect(scripts).toEqual(['https://meet.example.org/external_api.js']));
    expect(load).not.toHaveBeenCalled();
    await session.leave();
    await joined.catch(() => {});
  });

  test('is no domain, tenant or address', () => {
    pollute('domain', 'stranger.example');
    pollute('websocketUrl', 'no address');
    expect(() => jitsi({} as JitsiOptions)).toThrow(/domain/);
    expect(antMedia({}).name).toBe('ant-media');
  });

  test('is no recorder of a session', () => {
    const report = vi.fn();
    pollute('report', report);
    new RoomSession({ adapter: new FakeAdapter() });
    expect(report).not.toHaveBeenCalled();
  });

  test('is no option of an adapter', () => {
    pollute('localStream', {});
    pollute('listenOnly', true);
    pollute('oneTimeTokens', true);
    const none = { localStream: undefined, listenOnly: undefined };
    expect(nafJanus().localMedia).toMatchObject(none);
    expect(Object.assign({ ...none, oneTimeTokens: undefined }, antMedia({}))).toMatchObject({
      oneTimeTokens: undefined,
    });
  });

  test('is no adapter, no token source, no person and no limit of a session', async () => {
    const tokenSource = vi.fn(() => 'a-token');
    const clock = new FakeClock();
    const adapter = new FakeAdapter();
    for (const [name, value] of Object.entries({ tokenSource, identity: 'eve', joinTimeoutMs: 1 }))
      pollute(name, value);
    const session = new RoomSession({ adapter, clock });
    const joined = session.join('standup');
    await clock.advance(10);
    expect(tokenSource).not.toHaveBeenCalled();
    expect(adapter.attempt.identity).toBeUndefined();
    adapter.attempt.connected('vendor');
    await joined;
    await session.leave();
    pollute('adapter', adapter);
    expect(() => new RoomSession({} as RoomSessionOptions)).toThrow(/needs an adapter/);
  });

  test('opens no camera that the constraints do not name', async () => {
    const asked: unknown[] = [];
    vi.stubGlobal('navigator', {
      mediaDevices: {
        getUserMedia(constraints: MediaStreamConstraints) {
          asked.push(constraints.video);
          throw new DOMException('', 'NotFoundError');
        },
      },
    });
    pollute('video', true);
    const clock = new FakeClock();
    const adapter = Object.assign(new FakeAdapter(), { localMedia: { constraints: { audio: true } } });
    const session = new RoomSession({ adapter, clock });
    const joined = session.join('standup').catch(() => {});
    await clock.advance(10);
    await session.leave();
    await joined;
    expect(asked).toEqual([undefined]);
  });

  describe('changes nothing of a token endpoint', () => {
    const asked: { url: string; init: RequestInit }[] = [];
    let answer: unknown;
    beforeEach(() => {
      asked.length = 0;
      vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
        asked.push({ url, init });
        return Response.json(answer);
      });
    });
    const ask = () =>
      tokenEndpoint('https://app.example/token')({
        room: 'standup',
        identity: undefined,
        signal: new AbortController().signal,
      } as TokenRequest);

    test('how it asks', async () => {
      answer = { token: 'a-token' };
      const stranger = vi.fn();
      for (const [name, value] of Object.entries({ fetch: stranger, parse: stranger, denied: stranger }))
        pollute(name, value);
      pollute('headers', { 'x-stolen': '1' });
      pollute('params', { to: 'stranger' });
      pollute('mode', 'no-cors');
      pollute('redirect', 'error');
      await ask();
      expect(stranger).not.toHaveBeenCalled();
      expect(asked[0]?.url).toBe('https://app.example/token');
      expect(new Headers(asked[0]?.init.headers).has('x-stolen')).toBe(false);
      expect(asked[0]?.init.mode).not.toBe('no-cors');
      expect(asked[0]?.init.redirect).not.toBe('error');
    });

    test('what it answers', async () => {
      const exp = seconds() + 60;
      answer = { token: fakeJwt({ exp }) };
      pollute('serverUrl', `${strangers}/janus`);
      pollute('expiresIn', 1);
      pollute('expires_at', 1);
      pollute('join_hub', true);
      const refresher = new TokenRefresher(ask);
      const token = await refresher.getToken();
      expect(token?.details['serverUrl']).toBeUndefined();
      expect(token?.claims['join_hub']).toBeUndefined();
      expect(token?.expiresAt).toBe(exp * 1000);
      refresher.stop();
      pollute('token', 'a-stranger-s-token');
      answer = { message: 'nothing' };
      await expect(ask()).rejects.toMatchObject({ code: 'token_malformed' });
    });
  });

  test('is no renewal of a link', async () => {
    const renew = vi.fn();
    pollute('renew', renew);
    const source = tokenFromUrl('token');
    await Promise.resolve(source({ room: 'standup' } as TokenRequest)).catch(() => {});
    expect(renew).not.toHaveBeenCalled();
  });
});
