import { describe, expect, test, vi } from 'vitest';
import { type JanusAdapter, nafJanus } from '../../../../src/adapters/naf-janus/index.ts';
import { RoomSession } from '../../../../src/index.ts';
import { outcome } from '../../session-stage.ts';
import { FakePeerConnection } from './fake-peer-connection.ts';
import { connectScene, nothingIsLeft, type Stage, setUp, ways } from './naf-janus-stage.ts';
import { naf, RealAdapter } from './page-scripts.ts';

const scene = 'adapter: janus; serverURL: wss://janus.example.org/janus; connectOnLoad: false';

describe('the scene of a session that connects it', () => {
  test('is the page’s by default, and gets room and adapter; its other properties stay', async () => {
    const stage = setUp({
      scene: 'app: mine; serverURL: wss://a.example/janus; connectOnLoad: false; audio: true',
    });
    await stage.join();
    expect(stage.scene.components['networked-scene']?.data).toMatchObject({
      ...{ app: 'mine', room: 'standup', adapter: 'janus', audio: true, connectOnLoad: false },
      serverURL: 'wss://a.example/janus',
    });
  });

  test('needs no networked-scene of its own', async () => {
    const stage = setUp();
    stage.scene.removeAttribute('networked-scene');
    await stage.join();
    expect(stage.server.sockets.map(({ url }) => url)).toEqual(['ws://localhost:3000/janus']);
  });

  test.each([
    ['an element', () => document.querySelector('a-scene') as Element],
    ['a selector', () => '#stage'],
  ])('may be given as %s', async (_what, given) => {
    const stage = setUp();
    stage.scene.id = 'stage';
    const session = new RoomSession({
      adapter: nafJanus({ scene: given(), listenOnly: true }),
      tokenSource: () => stage.issued[0] ?? 'an-opaque-token-for-anybody',
      clock: stage.clock,
    });
    stage.server.opened = true;
    const join = session.join('standup');
    await stage.pass(0);
    await join;
    await session.leave();
    await nothingIsLeft(stage);
  });

  test.each([
    ['there is none', () => document.body.replaceChildren()],
    ['it is not in the page any more', ({ scene }: Stage) => scene.remove()],
  ])('is an error where %s', async (_what, spoil) => {
    const stage = setUp();
    spoil(stage);
    await expect(stage.join()).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(stage.server.sockets).toEqual([]);
    await nothingIsLeft(stage);
  });

  test('is an error where it is given as an element that is in no page', async () => {
    const stage = setUp({ adapter: { scene: document.createElement('a-scene') } });
    await expect(stage.join()).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  test('is waited for until it has loaded', async () => {
    const stage = setUp({ slow: true });
    const { scene, session, pass } = stage;
    const join = outcome(session.join('standup'));
    await pass(5_000);
    expect(join.done).toBe(false);
    expect(stage.server.sockets).toEqual([]);
    scene.load();
    await pass(0);
    expect(join).toEqual({ done: true });
  });

  test('that never loads does not hold up leaving', async () => {
    const stage = setUp({ slow: true });
    const { scene, session, pass } = stage;
    const join = outcome(session.join('standup'));
    await pass(1_000);
    await session.leave();
    await pass(0);
    expect(join.error).toMatchObject({ name: 'AbortError' });
    scene.load();
    await pass(1_000);
    expect(stage.server.sockets).toEqual([]);
    await nothingIsLeft(stage);
  });

  test('is the page’s own again after leaving: what it connects then is none of ours', async () => {
    const stage = setUp();
    const { scene, server, pass, join, session, states } = stage;
    await join();
    await session.leave();
    server.opened = true;
    const { connect } = scene.components['networked-scene'] as unknown as { connect(): Promise<unknown> };
    const connected = outcome(connect());
    await pass(100);
    expect(connected).toEqual({ done: true });
    expect(states()).toEqual(['connecting', 'connected', 'disconnected']);
    naf.connection.disconnect();
    expect(server.network.open()).toEqual([]);
  });

  test('is disconnected first where it is connected with something else', async () => {
    const stage = setUp();
    const { scene, server, pass, join } = stage;
    await pass(0);
    const { connect } = scene.components['networked-scene'] as unknown as { connect(): Promise<unknown> };
    connect().catch(() => {});
    const other = stage.vendor();
    const disconnect = vi.spyOn(other, 'disconnect');
    await join();
    expect(disconnect).toHaveBeenCalledOnce();
    expect(stage.vendor()).not.toBe(other);
    expect(server.network.open()).toHaveLength(1);
  });
});

describe('the vendor’s script', () => {
  const missing = async (stage: Stage) => {
    const error = await stage.join().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'vendor_missing' });
    expect(String(error)).toContain('aframe, networked-aframe and naf-janus-adapter, in this order');
    expect(stage.server.sockets).toEqual([]);
    await nothingIsLeft(stage);
    return error;
  };

  test('that was not loaded is an error that names the order', async () => {
    const stage = setUp();
    delete naf.adapters.adapters['janus'];
    await missing(stage);
  });

  test('is missing where networked-aframe is', async () => {
    const stage = setUp();
    vi.stubGlobal('NAF', undefined);
    const error = stage.join();
    await expect(error).rejects.toMatchObject({ code: 'vendor_missing' });
  });

  test('is missing where A-Frame does not know networked-scene', async () => {
    const stage = setUp();
    stage.scene.removeAttribute('networked-scene');
    Object.defineProperty(stage.scene, 'components', { value: {} });
    vi.spyOn(stage.scene, 'setAttribute').mockImplementation(() => {});
    const error = await missing(stage);
    expect(String(error)).toContain('networked-scene');
  });

  test('is loaded where load() brings it', async () => {
    let asked = 0;
    const load = async () => {
      asked++;
      naf.adapters.register('janus', RealAdapter);
    };
    const { join, session } = setUp({ adapter: { load } });
    delete naf.adapters.adapters['janus'];
    await join();
    await session.leave();
    await join();
    expect(asked).toBe(1);
  });

  test('that load() does not bring is an error', async () => {
    const stage = setUp({ adapter: { load: async () => ({}) } });
    delete naf.adapters.adapters['janus'];
    await missing(stage);
  });

  test('that could not be loaded is an error with the cause', async () => {
    const cause = new TypeError('Failed to fetch dynamically imported module');
    const stage = setUp({ adapter: { load: () => Promise.reject(cause) } });
    delete naf.adapters.adapters['janus'];
    expect(await missing(stage)).toMatchObject({ cause });
  });
});

const endings: [what: string, end: (stage: Stage) => void][] = [
  ['the scene is removed', ({ scene }) => scene.remove()],
  ['its networked-scene is removed', ({ scene }) => scene.removeAttribute('networked-scene')],
  ['the page disconnects networked-aframe', () => naf.connection.disconnect()],
  ['the page disconnects the vendor object', ({ vendor }) => vendor().disconnect()],
];

describe.each(ways)('the session ends, %s,', (_name, way) => {
  test.each(endings)('when %s', async (_what, end) => {
    const stage = setUp({ way });
    const { join, pass, server, changes, people } = stage;
    server.others.push('bob');
    await join();
    await pass(1_000);
    end(stage);
    await pass(0);
    expect(changes.slice(2)).toMatchObject([{ state: 'disconnected', reason: 'ended' }]);
    expect(people).toEqual(['bob joined', 'bob left']);
    await nothingIsLeft(stage);
    await pass(120_000);
    expect(server.sockets).toHaveLength(1);
  });

  test.each(endings)('during the join when %s', async (_what, end) => {
    const stage = setUp({ way });
    const { startJoin, pass, server, changes } = stage;
    FakePeerConnection.works = false;
    const join = outcome(startJoin());
    await pass(1_000);
    end(stage);
    await pass(0);
    expect(join.error).toMatchObject({ code: 'connect_failed' });
    expect(String(join.error)).toContain('removed');
    expect(changes.at(-1)).toMatchObject({ state: 'disconnected', reason: 'failed' });
    await nothingIsLeft(stage);
    await pass(120_000);
    expect(server.sockets).toHaveLength(1);
  });

  test.each(endings)('before a token is there when %s', async (_what, end) => {
    let answer = () => {};
    const stage = setUp({
      way,
      details: () =>
        new Promise((resolve) => {
          answer = () => resolve({});
        }),
    });
    const { startJoin, pass, server } = stage;
    const join = outcome(startJoin());
    await pass(1_000);
    end(stage);
    answer();
    await pass(0);
    expect(join.error).toMatchObject({ code: 'connect_failed' });
    await nothingIsLeft(stage);
    expect(server.sockets).toEqual([]);
  });

  test.each(endings)('during a reconnect when %s', async (_what, end) => {
    const stage = setUp({ way });
    const { join, pass, server, changes } = stage;
    await join();
    server.up = false;
    server.drop();
    await pass(5_000);
    end(stage);
    await pass(0);
    expect(changes.at(-1)).toMatchObject({ state: 'disconnected', reason: 'ended' });
    const tried = server.sockets.length;
    await nothingIsLeft(stage);
    await pass(120_000);
    expect(server.sockets).toHaveLength(tried);
  });

  test('and nothing is left after fifty scenes', async () => {
    const stage = setUp({ way });
    const { join, pass, server } = stage;
    server.others.push('bob');
    for (let round = 0; round < 50; round++) {
      await join();
      stage.scene.remove();
      await pass(0);
      document.body.append(stage.scene);
      stage.scene.load();
    }
    expect(server.sockets).toHaveLength(50);
    await nothingIsLeft(stage);
  });
});

describe.each(ways.filter(([, { sceneDriven }]) => sceneDriven))('adopt, %s', (_name, way) => {
  test('lets the vendor object send nothing until the session has a token, and tells the page how it went', async () => {
    const stage = setUp({ way });
    const { scene, adapter, session, server, pass } = stage;
    await pass(0);
    scene.addEventListener('adapter-ready', (event) => adapter.adopt((event as CustomEvent).detail), {
      once: true,
    });
    const { connect } = scene.components['networked-scene'] as unknown as { connect(): Promise<unknown> };
    const connected = outcome(connect());
    await pass(10_000);
    expect(server.sockets).toEqual([]);
    expect(connected.done).toBe(false);
    await Promise.all([session.join('standup'), pass(0)]);
    expect(connected).toEqual({ done: true });
  });

  test('tells the page that the join failed', async () => {
    const stage = setUp({ way });
    const { scene, adapter, session, server, pass } = stage;
    await pass(0);
    scene.addEventListener('adapter-ready', (event) => adapter.adopt((event as CustomEvent).detail), {
      once: true,
    });
    const { connect } = scene.components['networked-scene'] as unknown as { connect(): Promise<unknown> };
    const connected = outcome(connect());
    server.refuses = () => 'Room is full.';
    const join = outcome(session.join('standup'));
    await pass(0);
    expect(join.error).toMatchObject({ code: 'connect_denied' });
    expect(connected.error).toMatchObject({ code: 'connect_denied' });
    await nothingIsLeft(stage);
  });

  test('leaves no rejection that nobody handles, where the page drops the promise of its connect', async () => {
    const stage = setUp({ way });
    const { scene, adapter, session, server, pass } = stage;
    await pass(0);
    scene.addEventListener('adapter-ready', (event) => adapter.adopt((event as CustomEvent).detail), {
      once: true,
    });
    void (scene.components['networked-scene'] as unknown as { connect(): Promise<unknown> }).connect();
    server.refuses = () => 'Room is full.';
    const join = outcome(session.join('standup'));
    await pass(1_000);
    expect(join.error).toMatchObject({ code: 'connect_denied' });
  });

  test('twice is as once', async () => {
    const stage = setUp({
      way,
      onReady: (vendor: JanusAdapter) => stage.adapter.adopt(vendor),
    });
    await stage.join();
    expect(stage.server.sockets).toHaveLength(1);
    expect(stage.server.joins).toHaveLength(1);
    await stage.session.leave();
    await nothingIsLeft(stage);
  });

  test('takes the newest, where the scene connected again before we joined', async () => {
    const stage = setUp({ way });
    const { scene, adapter, session, server, pass } = stage;
    await pass(0);
    connectScene(scene, adapter, 'standup');
    const first = stage.vendor();
    naf.connection.disconnect();
    connectScene(scene, adapter, 'standup');
    await Promise.all([session.join('standup'), pass(0)]);
    expect(session.vendor).toBe(stage.vendor());
    expect(session.vendor).not.toBe(first);
    expect(server.sockets).toHaveLength(1);
  });

  test('of one that the page has disconnected again makes the join fail', async () => {
    const stage = setUp({ way });
    const { scene, adapter, session, pass } = stage;
    await pass(0);
    connectScene(scene, adapter, 'standup');
    naf.connection.disconnect();
    const join = outcome(session.join('standup'));
    await pass(0);
    expect(join.error).toMatchObject({ code: 'connect_failed' });
    await nothingIsLeft(stage);
  });

  test('of a scene that connected to another room than we join joins ours', async () => {
    const stage = setUp({ way });
    const { scene, adapter, session, server, pass } = stage;
    await pass(0);
    connectScene(scene, adapter, 'standup');
    await Promise.all([session.join('retro'), pass(0)]);
    expect(server.joins.map(({ room }) => room)).toEqual(['retro']);
  });

  test('gives each join the object that the scene made for it', async () => {
    const stage = setUp({ way });
    const { join, scene, adapter, session, server, pass } = stage;
    await join();
    const first = session.vendor;
    await session.leave();
    connectScene(scene, adapter, 'standup');
    await Promise.all([session.join('standup'), pass(0)]);
    expect(session.vendor).not.toBe(first);
    expect(server.network.open()).toHaveLength(1);
  });

  test('of another one while we are in the room leaves us there until we leave, and then nothing', async () => {
    const stage = setUp({ way });
    const { join, scene, adapter, session, server, pass } = stage;
    await join();
    const first = session.vendor;
    connectScene(scene, adapter, 'standup');
    const second = stage.vendor();
    await pass(5_000);
    expect(session.state).toBe('connected');
    expect(session.vendor).toBe(first);
    await session.leave();
    expect(server.network.open()).toEqual([]);
    await Promise.all([session.join('standup'), pass(0)]);
    expect(session.vendor).not.toBe(first);
    expect(session.vendor).toBe(stage.vendor());
    expect(server.network.open()).toHaveLength(1);
    await session.leave();
    expect(second.ws).toBeNull();
    await nothingIsLeft(stage);
  });

  test.each([{}, undefined, null])('of something else (%j) is an error', (something) => {
    const { adapter } = setUp({ way });
    expect(() => adapter.adopt(something as unknown as JanusAdapter)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });
});

test('sessions on a scene each have their turn', async () => {
  const stage = setUp({ scene });
  await stage.join();
  await stage.session.leave();
  const second = new RoomSession({
    adapter: nafJanus({ listenOnly: true }),
    identity: 'eve',
    tokenSource: () => ({ token: 'opaque-token-of-the-other-one', expiresIn: 60 }),
    clock: stage.clock,
  });
  stage.server.opened = true;
  const join = second.join('retro');
  await stage.pass(0);
  await join;
  expect(stage.server.joins.map(({ user, room }) => `${user.slice(17)} ${room}`)).toEqual([
    'ada standup',
    'eve retro',
  ]);
  await second.leave();
  await nothingIsLeft(stage);
});
