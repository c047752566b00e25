import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JanusAdapter } from '../../src/adapters/naf-janus/index.ts';
import { registerRoomSession } from '../../src/aframe.ts';
import { RoomSession, type StateChange, type TokenRequest } from '../../src/index.ts';
import { settle } from '../../src/testing/index.ts';
import { FakeStream, FakeTrack } from './adapters/fake-stream.ts';
import type { FakeScene } from './adapters/naf-janus/fake-aframe.ts';
import { FakeJanus } from './adapters/naf-janus/fake-janus.ts';
import { FakePeerConnection } from './adapters/naf-janus/fake-peer-connection.ts';
import type { VendorClass } from './adapters/naf-janus/forked-adapter.ts';
import { ways } from './adapters/naf-janus/naf-janus-stage.ts';
import { aframe, naf, RealAdapter } from './adapters/naf-janus/page-scripts.ts';
import { fakeJwt } from './fake-jwt.ts';

const networked = 'networked-scene="adapter: janus; room: standup; serverURL: wss://janus.example.org/janus"';

/** What a page hears of its scene. */
interface Page {
  readonly server: FakeJanus;
  readonly posts: object[];
  readonly sessions: RoomSession<JanusAdapter>[];
  readonly changes: StateChange[];
  endpoint: (body: TokenRequest) => Promise<Response>;
  add(attributes: string): FakeScene;
}

const token = () => {
  const iat = Date.now() / 1000;
  return fakeJwt({ join_hub: true, room_ids: ['standup'], iat, exp: iat + 12 });
};

let page: Page;

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
  FakePeerConnection.open.clear();
  FakePeerConnection.works = true;
  vi.stubGlobal('MediaStream', FakeStream);
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
  vi.stubGlobal('fetch', async (url: string | URL, { method, body }: RequestInit) => {
    if (method === 'HEAD') return new Response(null, { headers: { Date: new Date().toUTCString() } });
    const asked = JSON.parse(body as string);
    page.posts.push({ url: String(url), ...asked });
    return page.endpoint(asked);
  });
  page = {
    server: new FakeJanus(Date, 'standup'),
    posts: [],
    sessions: [],
    changes: [],
    endpoint: async () => Response.json({ token: token() }),
    add(attributes) {
      document.body.innerHTML = `<a-scene ${attributes}></a-scene>`;
      const scene = document.querySelector('a-scene') as FakeScene;
      scene.addEventListener('room-session-ready', (event) =>
        page.sessions.push((event as CustomEvent).detail.session),
      );
      scene.addEventListener('room-session-state', (event) =>
        page.changes.push((event as CustomEvent).detail),
      );
      return scene;
    },
  };
});

afterEach(async () => {
  document.body.replaceChildren();
  for (const session of page.sessions) await session.leave();
  naf.connection.adapter = null;
  naf.adapters.adapters['janus'] = RealAdapter;
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const states = () => page.changes.map(({ state }) => state);

/** Nothing of any session is there any more. */
async function nothingIsLeft(): Promise<void> {
  expect(page.server.network.open()).toEqual([]);
  expect(FakePeerConnection.open.size).toBe(0);
  expect(naf.connection.adapter).toBeNull();
  const sockets = page.server.sockets.length;
  const posts = page.posts.length;
  await pass(120_000);
  expect(page.server.sockets).toHaveLength(sockets);
  expect(page.posts).toHaveLength(posts);
  expect(vi.getTimerCount()).toBe(0);
}

test('importing the module where A-Frame is not there yet registers nothing', () => {
  expect(aframe.components['room-session']).toBeUndefined();
});

test('registering without A-Frame is an error that says what to do', () => {
  vi.stubGlobal('AFRAME', undefined);
  expect(() => registerRoomSession()).toThrow(expect.objectContaining({ code: 'vendor_missing' }));
  expect(() => registerRoomSession()).toThrow('A-Frame');
});

test('registering twice is as once', () => {
  registerRoomSession();
  const registered = aframe.components['room-session'];
  expect(registered).toBeDefined();
  registerRoomSession();
  registerRoomSession(aframe);
  expect(aframe.components['room-session']).toBe(registered);
});

const vendors: [name: string, Vendor: VendorClass][] = ways
  .slice(0, 2)
  .map(([name, { Vendor }]) => [name.replace('session-driven, ', ''), Vendor]);

describe.each(vendors)('a scene with room-session, %s,', (_name, Vendor) => {
  beforeEach(() => {
    naf.adapters.adapters['janus'] = Vendor;
  });

  const listening = 'room-session="endpoint: /token; identity: ann; listenOnly: true"';

  test.each([
    ['before', `${listening} ${networked}`],
    ['after', `${networked} ${listening}`],
  ])(
    'joins with a token of the endpoint, with the attribute %s networked-scene',
    async (_where, attributes) => {
      page.server.others.push('bob');
      const scene = page.add(attributes);
      await pass(100);
      expect(states()).toEqual(['connecting', 'connected']);
      expect(page.posts).toEqual([{ url: 'http://localhost:3000/token', room: 'standup', identity: 'ann' }]);
      expect(page.server.joins.map(({ user, room, media, refusal }) => [user, room, media, refusal])).toEqual(
        [
          [expect.stringMatching(/^\d{16}~ann$/), 'standup', undefined, undefined],
          [expect.stringMatching(/^\d{16}~ann$/), 'standup', 'bob', undefined],
        ],
      );
      expect(page.server.sockets.map(({ url }) => url)).toEqual(['wss://janus.example.org/janus']);
      const [session] = page.sessions;
      expect(page.sessions).toHaveLength(1);
      expect(session).toBeInstanceOf(RoomSession);
      expect((scene.components['room-session'] as unknown as { session: unknown }).session).toBe(session);
      expect(session?.tracks).toHaveLength(2);
      expect(session?.vendor).toBe(naf.connection.adapter);
    },
  );

  test.each([
    ['before', `${listening} ${networked}`],
    ['after', `${networked} ${listening}`],
  ])(
    'sends nothing until the endpoint has answered, with the attribute %s networked-scene',
    async (_where, attributes) => {
      page.endpoint = async () => {
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        return Response.json({ token: token() });
      };
      page.add(attributes);
      await pass(2_900);
      expect(page.server.sockets).toEqual([]);
      await pass(200);
      expect(states()).toEqual(['connecting', 'connected']);
      expect(page.server.joins.map(({ refusal }) => refusal)).toEqual([undefined]);
    },
  );

  test('stays for an hour, each join with a token that is valid then', async () => {
    page.add(`${networked} ${listening}`);
    await pass(3_600_000);
    page.server.join('bob');
    await pass(1_000);
    page.server.drop();
    await pass(3_000);
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
    expect(page.server.joins.map(({ refusal }) => refusal)).toEqual(Array(4).fill(undefined));
  });

  test('takes its tokens from a function on window, by its name', async () => {
    const asked: TokenRequest[] = [];
    vi.stubGlobal('myTokens', async (request: TokenRequest) => {
      asked.push(request);
      return token();
    });
    page.add(`${networked} room-session="source: myTokens; listenOnly: true; identity: ann"`);
    await pass(100);
    expect(states()).toEqual(['connecting', 'connected']);
    expect(asked).toMatchObject([{ room: 'standup', identity: 'ann' }]);
    expect(page.posts).toEqual([]);
  });

  test.each([
    ['neither endpoint nor source', 'listenOnly: true'],
    ['a source that is not there', 'source: nobody; listenOnly: true'],
    ['a source that is no function', 'source: location; listenOnly: true'],
  ])('says so where it has %s', async (_what, attribute) => {
    page.add(`${networked} room-session="${attribute}"`);
    await pass(100);
    expect(page.changes.at(-1)).toMatchObject({ reason: 'denied', error: { code: 'token_denied' } });
    expect(page.changes.at(-1)?.error?.message).toContain('needs an endpoint, or a source');
    await nothingIsLeft();
    expect(page.server.sockets).toEqual([]);
  });

  test('says why it is not in the room, and leaves nothing', async () => {
    page.server.refuses = () => 'Room is full.';
    page.add(`${networked} ${listening}`);
    await pass(100);
    expect(page.changes.at(-1)).toMatchObject({
      ...{ state: 'disconnected', reason: 'denied' },
      error: { code: 'connect_denied', vendorCode: 'Room is full.' },
    });
    await nothingIsLeft();
  });

  test('ends as denied where the endpoint denies', async () => {
    page.endpoint = async () => new Response('no', { status: 403 });
    page.add(`${networked} ${listening}`);
    await pass(100);
    expect(page.changes.at(-1)).toMatchObject({ reason: 'denied', error: { code: 'token_denied' } });
    await nothingIsLeft();
    expect(page.server.sockets).toEqual([]);
  });

  test('waits for the scene to connect, where it does not by itself', async () => {
    const scene = page.add(`${networked.replace('room:', 'connectOnLoad: false; room:')} ${listening}`);
    await pass(5_000);
    expect(page.sessions).toHaveLength(1);
    expect(page.posts).toEqual([]);
    scene.emit('connect', undefined, false);
    await pass(100);
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test('follows a scene that connects again, into the room that it names then', async () => {
    const scene = page.add(`${networked} ${listening}`);
    await pass(100);
    const first = naf.connection.adapter;
    scene.emit('connect', undefined, false);
    await pass(100);
    expect(states()).toEqual(['connecting', 'connected', 'disconnected', 'connecting', 'connected']);
    expect(page.sessions[0]?.vendor).toBe(naf.connection.adapter);
    expect(naf.connection.adapter).not.toBe(first);
    expect(page.server.network.open()).toHaveLength(1);
    expect(FakePeerConnection.open.size).toBe(1);
  });

  test('follows a scene that connects three times at once', async () => {
    const scene = page.add(`${networked} ${listening}`);
    await pass(0);
    for (let time = 0; time < 3; time++) scene.emit('connect', undefined, false);
    await pass(100);
    expect(states().at(-1)).toBe('connected');
    expect(page.sessions[0]?.vendor).toBe(naf.connection.adapter);
    expect(page.server.network.open()).toHaveLength(1);
    expect(FakePeerConnection.open.size).toBe(1);
  });

  test('may connect again, or be removed, at any moment', async () => {
    page.server.others.push('bob');
    for (let moment = 0; moment < 120; moment++) {
      const scene = page.add(`${networked} ${listening}`);
      await settle(moment);
      scene.emit('connect', undefined, false);
      await settle(moment);
      if (moment % 3 === 0) {
        scene.remove();
        await pass(10);
        expect(page.sessions.at(-1)?.state).toBe('disconnected');
        expect(page.server.network.open()).toEqual([]);
        expect(FakePeerConnection.open.size).toBe(0);
      } else {
        await pass(100);
        expect([moment, page.sessions.at(-1)?.state]).toEqual([moment, 'connected']);
        expect(page.sessions.at(-1)?.tracks).toHaveLength(2);
        expect(page.sessions.at(-1)?.vendor).toBe(naf.connection.adapter);
        expect(page.server.network.open()).toHaveLength(1);
        expect(FakePeerConnection.open.size).toBe(2);
        scene.remove();
        await pass(10);
      }
    }
    await nothingIsLeft();
  });

  test('joins again when the scene connects after the session was left', async () => {
    const scene = page.add(`${networked} ${listening}`);
    await pass(100);
    await page.sessions[0]?.leave();
    expect(naf.connection.adapter).toBeNull();
    scene.emit('connect', undefined, false);
    await pass(100);
    expect(states()).toEqual(['connecting', 'connected', 'disconnected', 'connecting', 'connected']);
  });

  test.each([
    ['in the room', 100, 2],
    ['while it waits for a token', 0, 1],
  ])('ends when it is removed %s', async (_when, ms, before) => {
    for (const attributes of [`${networked} ${listening}`, `${listening} ${networked}`]) {
      page.changes.length = 0;
      page.endpoint = async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return Response.json({ token: token() });
      };
      const scene = page.add(attributes);
      await pass(ms);
      expect(states()).toHaveLength(before);
      scene.remove();
      await pass(0);
      expect(states().slice(before)).toEqual(['disconnected']);
      await nothingIsLeft();
    }
  });

  test('ends when the component is removed, and the scene then connects without it', async () => {
    const scene = page.add(`${networked} ${listening}`);
    await pass(100);
    scene.removeAttribute('room-session');
    await pass(0);
    expect(page.changes.at(-1)).toMatchObject({ state: 'disconnected', reason: 'left' });
    await nothingIsLeft();
    page.server.opened = true;
    scene.emit('connect', undefined, false);
    await pass(100);
    expect(page.server.network.open()).toHaveLength(1);
    expect(page.changes.at(-1)?.state).toBe('disconnected');
    naf.connection.disconnect();
  });

  test('leaves nothing when the component is removed at any moment', async () => {
    for (let moment = 0; moment < 60; moment++) {
      const scene = page.add(`${networked} ${listening}`);
      await settle(moment);
      scene.removeAttribute('room-session');
      await pass(10);
      expect([moment, page.sessions.at(-1)?.state ?? 'disconnected']).toEqual([moment, 'disconnected']);
      expect([moment, page.server.network.open().length]).toEqual([moment, 0]);
      // Before the scene has loaded there is no component yet.
      if (scene.components['room-session'] === undefined && scene.hasLoaded && page.sessions.length > 0) {
        expect([moment, naf.connection.adapter]).toEqual([moment, null]);
      }
      scene.remove();
      await pass(10);
    }
    await nothingIsLeft();
  });

  test('may be added, connected and removed fifty times, with nothing left', async () => {
    page.server.others.push('bob');
    for (let round = 0; round < 50; round++) {
      const scene = page.add(`${networked} ${listening}`);
      await pass(100);
      expect(states().at(-1)).toBe('connected');
      scene.remove();
      await pass(0);
    }
    expect(page.server.sockets).toHaveLength(50);
    await nothingIsLeft();
  });

  test('publishes the microphone by default, the camera where video says so', async () => {
    const asked: MediaStreamConstraints[] = [];
    const getUserMedia = async (constraints: MediaStreamConstraints) => {
      asked.push(constraints);
      return new FakeStream([new FakeTrack('audio')]);
    };
    vi.stubGlobal('navigator', { userAgent: 'a test', onLine: true, mediaDevices: { getUserMedia } });
    page.add(`${networked} room-session="endpoint: /token"`);
    await pass(100);
    page.add(`${networked} room-session="endpoint: /token; video: true"`);
    await pass(100);
    expect(asked).toEqual([
      { audio: true, video: false },
      { audio: true, video: true },
    ]);
    expect(page.server.publishers().map(({ user }) => user)).toEqual([
      expect.stringMatching(/^\d+$/),
      expect.stringMatching(/^\d+$/),
    ]);
  });

  test('goes to the server of serverUrl, else to the scene’s, whose default is /janus', async () => {
    page.add(
      `${networked} room-session="endpoint: /token; listenOnly: true; serverUrl: wss://own.example/janus"`,
    );
    await pass(100);
    page.add(`networked-scene="adapter: janus; room: standup" ${listening}`);
    await pass(100);
    expect(page.server.sockets.map(({ url }) => url)).toEqual([
      'wss://own.example/janus',
      'ws://localhost:3000/janus',
    ]);
  });

  test('may get the attribute when it has connected already, and connects once more', async () => {
    page.server.opened = true;
    const scene = page.add(networked);
    await pass(100);
    const before = page.server.sockets.length;
    scene.setAttribute('room-session', 'endpoint: /token; identity: ann; listenOnly: true');
    await pass(100);
    expect(states()).toEqual(['connecting', 'connected']);
    expect(page.server.sockets).toHaveLength(before + 1);
    expect(page.server.network.open()).toHaveLength(1);
    expect(page.server.joins.at(-1)).toMatchObject({ user: expect.stringMatching(/~ann$/) });
  });

  test('may have another one after it', async () => {
    page.add(`${networked} ${listening}`);
    await pass(100);
    page.add(`${networked} ${listening}`);
    await pass(100);
    expect(page.sessions.map(({ state }) => state)).toEqual(['disconnected', 'connected']);
    expect(page.server.network.open()).toHaveLength(1);
  });
});

test('a scene without room-session connects as it ever did', async () => {
  page.server.opened = true;
  page.add(networked);
  await pass(100);
  expect(page.server.joins).toMatchObject([{ user: null }]);
  expect(page.sessions).toEqual([]);
  naf.connection.disconnect();
});

test('importing the module after A-Frame registers it', async () => {
  const registered: string[] = [];
  vi.stubGlobal('AFRAME', {
    components: {},
    registerComponent: (name: string) => registered.push(name),
  });
  // Its listener would be a second one.
  vi.spyOn(document, 'addEventListener').mockImplementation(() => {});
  vi.resetModules();
  await import('../../src/aframe.ts');
  vi.restoreAllMocks();
  expect(registered).toEqual(['room-session']);
});
