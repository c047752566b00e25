import { describe, expect, test, vi } from 'vitest';
import { makeClientId, participantOf } from '../../../../src/adapters/naf-janus/client-id.ts';
import { type JanusAdapter, nafJanus } from '../../../../src/adapters/naf-janus/index.ts';
import { RoomSession } from '../../../../src/index.ts';
import { outcome } from '../../session-stage.ts';
import { FakeStream, FakeTrack, localStream } from '../fake-stream.ts';
import { FakePeerConnection } from './fake-peer-connection.ts';
import { nothingIsLeft, serverURL, setUp, ways } from './naf-janus-stage.ts';
import { naf } from './page-scripts.ts';

/** Camera and microphone that were asked for. */
function devices(
  answer: (constraints: MediaStreamConstraints) => Promise<unknown>,
): MediaStreamConstraints[] {
  const asked: MediaStreamConstraints[] = [];
  const getUserMedia = (constraints: MediaStreamConstraints) => {
    asked.push(constraints);
    return answer(constraints);
  };
  vi.stubGlobal('navigator', { userAgent: 'a test', mediaDevices: { getUserMedia } });
  return asked;
}

const urls = (stage: ReturnType<typeof setUp>) => stage.server.sockets.map(({ url }) => url);

describe.each(ways)('joining, %s', (_name, way) => {
  test('sends one join, with room, identity and token', async () => {
    const { join, server, issued, session, states } = setUp({ way });
    await join();
    expect(session.state).toBe('connected');
    expect(states()).toEqual(['connecting', 'connected']);
    expect(server.bodies('join')).toEqual([
      {
        kind: 'join',
        room_id: 'standup',
        user_id: expect.stringMatching(/^\d{16}~ada$/),
        subscribe: { notifications: true, data: true },
        token: issued[0],
      },
    ]);
    expect(server.sockets.map(({ url, protocol }) => [url, protocol])).toEqual([
      [serverURL, 'janus-protocol'],
    ]);
    expect(naf).toMatchObject({ clientId: server.joins[0]?.user, room: 'standup' });
  });

  test('is connected when the page hears so from networked-aframe', async () => {
    const { join, server } = setUp({ way });
    const heard: unknown[] = [];
    document.body.addEventListener('connected', (event) => heard.push((event as CustomEvent).detail), {
      once: true,
    });
    await join();
    expect(heard).toEqual([{ clientId: server.joins[0]?.user }]);
  });

  test('leaving closes everything, and networked-aframe knows', async () => {
    const stage = setUp({ way });
    const { join, session, server, pass } = stage;
    server.others.push('bob');
    await join();
    await session.leave();
    await nothingIsLeft(stage);
    expect(naf).toMatchObject({ clientId: '', room: '', connection: { adapter: null } });
    expect(session.vendor).toBeUndefined();
    await pass(60_000);
    expect(server.sockets).toHaveLength(1);
  });

  test('may follow after leaving, into another room, with another vendor object', async () => {
    const { join, session, server, scene } = setUp({ way });
    await join();
    const first = session.vendor;
    await session.leave();
    await join('retro');
    expect(server.joins.map(({ room }) => room)).toEqual(['standup', 'retro']);
    expect(scene.components['networked-scene']?.data['room']).toBe('retro');
    expect(session.vendor).not.toBe(first);
    expect(session.vendor).toBe(naf.connection.adapter);
  });

  test('may follow after a join that failed', async () => {
    const { join, server } = setUp({ way });
    server.refuses = () => 'Room is full.';
    await expect(join()).rejects.toThrow('Room is full.');
    server.refuses = () => false;
    await join();
    expect(server.joins.at(-1)?.refusal).toBeUndefined();
  });

  test('fails after three tries to reach a server that is not there', async () => {
    const stage = setUp({ way });
    const { startJoin, pass, server } = stage;
    server.up = false;
    const join = outcome(startJoin());
    await pass(5_000);
    expect(join.error).toMatchObject({ code: 'connect_failed' });
    expect(String(join.error)).toContain('could not be reached');
    expect(server.sockets).toHaveLength(3);
    await nothingIsLeft(stage);
  });

  test.each(['create', 'attach', 'offer', 'join'])(
    'is tried again where the server leaves "%s" without an answer',
    async (kind) => {
      const stage = setUp({ way, session: { attemptTimeoutMs: 5_000 } });
      const { startJoin, pass, server, failures } = stage;
      server.ignores.add(kind);
      const join = outcome(startJoin());
      await pass(5_100);
      expect(failures).toMatchObject([{ code: 'connect_failed' }]);
      expect(failures[0]?.message).toContain('5 s');
      server.ignores.clear();
      await pass(1_000);
      expect(join).toEqual({ done: true });
      expect(server.network.open()).toHaveLength(1);
      expect(FakePeerConnection.open.size).toBe(1);
    },
  );

  test('fails where the browser makes no websocket for it', async () => {
    const stage = setUp({ way });
    vi.stubGlobal(
      'WebSocket',
      class {
        constructor() {
          throw new DOMException('The policy says no.', 'SecurityError');
        }
      },
    );
    const join = outcome(stage.startJoin());
    await stage.pass(10_000);
    expect(join.error).toMatchObject({ code: 'connect_failed', vendorCode: 'SecurityError' });
    await nothingIsLeft(stage);
  });

  test('says why, where it runs out of time', async () => {
    const stage = setUp({ way });
    FakePeerConnection.works = false;
    const join = outcome(stage.startJoin());
    await stage.pass(30_000);
    expect(join.error).toMatchObject({ code: 'connect_timeout', cause: { code: 'connect_failed' } });
    await nothingIsLeft(stage);
  });

  test('left while its media connection comes up leaves nothing', async () => {
    const stage = setUp({ way });
    FakePeerConnection.works = false;
    const join = outcome(stage.startJoin());
    await stage.pass(3_000);
    await stage.session.leave();
    await stage.pass(0);
    expect(join.error).toMatchObject({ name: 'AbortError' });
    await nothingIsLeft(stage);
  });
});

describe('the client id', () => {
  test.each(ways)('is the scene’s own where there is no identity, %s', async (_name, way) => {
    const onReady = (vendor: JanusAdapter) => vendor.setClientId('1234');
    const { join, server } = setUp({ way, session: { identity: undefined }, onReady });
    await join();
    expect(server.joins[0]?.user).toBe('1234');
  });

  test.each(ways)('is the option where there is one, whoever it is, %s', async (_name, way) => {
    const onReady = (vendor: JanusAdapter) => vendor.setClientId('1234');
    const { join, server } = setUp({ way, adapter: { clientId: 'desk-7' }, onReady });
    await join();
    expect(server.joins[0]?.user).toBe('desk-7');
  });

  test.each(ways)(
    'is another one for each join of one identity, whatever the scene says, %s',
    async (_name, way) => {
      const onReady = (vendor: JanusAdapter) => vendor.setClientId('1234');
      const { join, server, clock, session } = setUp({ way, onReady });
      await join('public');
      await session.leave();
      clock.nextRandom = () => 0.25;
      await join('private');
      const ids = server.publishers().map(({ user }) => user);
      expect(new Set(ids).size).toBe(2);
      for (const id of ids) expect(id).toMatch(/^\d{16}~ada$/);
    },
  );

  test('has its digits first, which newer vendors want, and as many at the edges of chance', () => {
    for (const random of [0, 0.5, 1 - 2 ** -53]) {
      expect(makeClientId('ada', random)).toMatch(/^\d{16}~ada$/);
      expect(Number.isSafeInteger(Number.parseInt(makeClientId('ada', random), 10))).toBe(true);
    }
  });

  test.each(['ada', 'Ada Lovelace', '12~x', 'a\nb', '~', '1234567890123456~ada'])(
    'tells the others the identity %j',
    (identity) => {
      const id = makeClientId(identity, 0.5);
      expect(participantOf(id)).toEqual({ id, identity, name: identity });
    },
  );

  test.each(['ada', '1234', '1234567890123456', '~ada', '12345~ada'])(
    '%j of another client is no identity',
    (id) => {
      expect(participantOf(id)).toEqual({ id });
    },
  );

  test('is a random decimal number where there is neither', async () => {
    const stage = setUp({ session: { identity: undefined } });
    const { join, server, clock, session } = stage;
    await join();
    await session.leave();
    clock.nextRandom = () => 0.999_999_999;
    await join();
    const ids = server.joins.map(({ user }) => user);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[1-9]\d{15}$/);
  });

  test('stays the same over reconnects', async () => {
    const { join, server, pass } = setUp({ session: { identity: undefined } });
    await join();
    server.drop();
    await pass(2_000);
    const [first, second] = server.publishers().map(({ user }) => user);
    expect(second).toBe(first);
  });
});

describe.each(ways)('the server’s address, %s', (_name, way) => {
  const withScene = (url: string) => ({ scene: `adapter: janus; serverURL: ${url}; connectOnLoad: false` });

  test.each([
    ['/', 'ws://localhost:3000/janus'],
    ['/janus', 'ws://localhost:3000/janus'],
    ['/sfu/one', 'ws://localhost:3000/sfu/one'],
    ['http://janus.example.org/janus', 'ws://janus.example.org/janus'],
    ['https://janus.example.org/janus', 'wss://janus.example.org/janus'],
    ['wss://janus.example.org:8989/', 'wss://janus.example.org:8989/'],
    ['//janus.example.org/janus', 'ws://janus.example.org/janus'],
  ])('of the scene may be %s', async (given, url) => {
    const stage = setUp({ way, ...withScene(given), adapter: { allowInsecure: true } });
    await stage.join();
    expect(urls(stage)).toEqual([url]);
    stage.server.drop();
    await stage.pass(1_000);
    expect(urls(stage)).toEqual([url, url]);
  });

  test.each(['http://janus.example.org/janus', '//janus.example.org/janus', 'wss://a:b@janus.example.org'])(
    'of the scene may not be %s, where everybody on the way reads the token, or it has a password',
    async (given) => {
      const stage = setUp({ way, ...withScene(given) });
      await expect(stage.join()).rejects.toMatchObject({ code: 'invalid_argument' });
      expect(urls(stage)).toEqual([]);
    },
  );

  test('of the options goes before the scene’s', async () => {
    const stage = setUp({ way, adapter: { serverUrl: '/own' } });
    await stage.join();
    expect(urls(stage)).toEqual(['ws://localhost:3000/own']);
  });

  test('is a websocket of the page’s host by default, of https too', async () => {
    const stage = setUp({ way, ...withScene('/') });
    vi.stubGlobal('location', new URL('https://app.example.org/rooms/1'));
    await stage.join();
    expect(urls(stage)).toEqual(['wss://app.example.org/janus']);
  });

  test('that a page from https cannot open is an error that says so', async () => {
    const stage = setUp({ way, ...withScene('ws://janus.example.org/janus') });
    vi.stubGlobal('location', new URL('https://app.example.org/'));
    await expect(stage.join()).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(urls(stage)).toEqual([]);
    await nothingIsLeft(stage);
  });
});

describe.each(ways)('what is published, %s', (_name, way) => {
  test('is the app’s own stream, which is never stopped', async () => {
    const stage = setUp({ way });
    const { join, own, stream, session } = stage;
    await join();
    expect(own().sent).toEqual(stream.getTracks());
    expect(session.localStream).toBe(stream);
    await session.leave();
    expect(session.localStream).toBeUndefined();
    expect(stream.getTracks().map(({ readyState }) => readyState)).toEqual(['live', 'live']);
  });

  test('is nothing where we only listen, and no device is asked for', async () => {
    const stage = setUp({ way, adapter: { listenOnly: true } });
    const asked = devices(() => Promise.reject(new Error('No.')));
    stage.server.others.push('bob');
    await stage.join();
    expect(stage.own().sent).toEqual([]);
    expect(asked).toEqual([]);
    expect(stage.session.localStream).toBeUndefined();
    expect(stage.session.tracks).toHaveLength(2);
  });

  test('is the microphone by default, released when leaving', async () => {
    const stage = setUp({ way, adapter: { localStream: undefined } });
    const microphone = new FakeTrack('audio');
    const asked = devices(async () => new FakeStream([microphone]));
    await stage.join();
    expect(asked).toEqual([{ audio: true }]);
    expect(stage.own().sent).toEqual([microphone]);
    stage.server.drop();
    await stage.pass(2_000);
    expect(asked).toHaveLength(1);
    await stage.session.leave();
    expect(microphone.readyState).toBe('ended');
  });

  test('is what the constraints say', async () => {
    const constraints = { audio: false, video: { width: 320 } };
    const stage = setUp({ way, adapter: { localStream: undefined, constraints } });
    const asked = devices(async () => new FakeStream([new FakeTrack('video')]));
    await stage.join();
    expect(asked).toEqual([constraints]);
  });

  test('that nobody allows is an error before anything is sent', async () => {
    const stage = setUp({ way, adapter: { localStream: undefined } });
    devices(() => Promise.reject(new DOMException('No.', 'NotAllowedError')));
    await expect(stage.join()).rejects.toMatchObject({
      code: 'connect_failed',
      vendorCode: 'NotAllowedError',
    });
    expect(stage.server.sockets).toEqual([]);
    await nothingIsLeft(stage);
  });

  test('comes too late when we have left meanwhile, and is released', async () => {
    const stage = setUp({ way, adapter: { localStream: undefined } });
    const microphone = new FakeTrack('audio');
    let allow = () => {};
    devices(
      () =>
        new Promise((resolve) => {
          allow = () => resolve(new FakeStream([microphone]));
        }),
    );
    outcome(stage.startJoin());
    await stage.pass(1_000);
    await stage.session.leave();
    allow();
    await stage.pass(0);
    expect(microphone.readyState).toBe('ended');
    await nothingIsLeft(stage);
  });

  test('is the scene’s own stream where it has one, which is never stopped', async () => {
    const own = localStream();
    const stage = setUp({
      way,
      adapter: { localStream: undefined },
      onReady: (vendor) => void vendor.setLocalMediaStream(own),
    });
    const asked = devices(() => Promise.reject(new Error('No.')));
    await stage.session.setMicrophone(false);
    await stage.join();
    expect(asked).toEqual([]);
    expect(stage.session.localStream).toBe(own);
    expect(stage.own().sent).toEqual(own.getTracks());
    expect(own.getAudioTracks()[0]?.enabled).toBe(false);
    await stage.session.leave();
    expect(own.getAudioTracks()[0]?.readyState).toBe('live');
  });

  test('is silent or black while microphone or camera are off, from the start and over reconnects', async () => {
    const stage = setUp({ way });
    const { join, session, stream, server, pass } = stage;
    const enabled = () => stream.getTracks().map(({ kind, enabled }) => `${kind} ${enabled}`);
    await session.setMicrophone(false);
    await join();
    expect(enabled()).toEqual(['audio false', 'video true']);
    await session.setMicrophone(true);
    await session.setCamera(false);
    expect(enabled()).toEqual(['audio true', 'video false']);
    server.drop();
    await pass(2_000);
    expect(enabled()).toEqual(['audio true', 'video false']);
    await session.setCamera(true);
    expect(enabled()).toEqual(['audio true', 'video true']);
  });
});

describe('the vendor', () => {
  test('has the app’s own type', () => {
    interface OwnVendor extends JanusAdapter {
      broadcastData(type: string, data: object): void;
    }
    const session = new RoomSession({ adapter: nafJanus<OwnVendor>() });
    session.vendor?.broadcastData('wave', { by: 'ada' });
    expect(session.vendor).toBeUndefined();
  });

  test.each([
    ['its own', undefined, 2],
    ['none', [], 0],
    ['the given ones', [{ urls: 'turn:turn.example.org' }], 1],
  ])('gets %s as ICE servers', async (_what, iceServers, count) => {
    const { join, server } = setUp({ adapter: { iceServers } });
    server.others.push('bob');
    await join();
    const given = [...FakePeerConnection.open].map(({ configuration }) => configuration.iceServers);
    expect(given).toHaveLength(2);
    for (const servers of given) {
      expect(servers).toHaveLength(count);
      if (iceServers) expect(servers).toEqual(iceServers);
    }
  });

  test.each(ways)('asks the page’s server for the time at most ten times, %s', async (_name, way) => {
    const stage = setUp({ way });
    const { join, pass, time, server, session } = stage;
    await join();
    await pass(1_000);
    expect(time.heads).toEqual(Array(10).fill('HEAD http://localhost:3000/'));
    server.drop();
    await pass(2_000);
    expect(time.heads).toHaveLength(10);
    await pass(300_000);
    expect(time.heads).toHaveLength(20);
    expect(stage.vendor().timeOffsets).toHaveLength(10);
    await session.leave();
    await nothingIsLeft(stage);
    await pass(600_000);
    expect(time.heads).toHaveLength(20);
  });

  test.each(ways)('is in the room all the same where the time cannot be had, %s', async (_name, way) => {
    const stage = setUp({ way });
    stage.time.works = false;
    await stage.join();
    await stage.pass(1_000);
    expect(stage.time.heads).toHaveLength(1);
    stage.time.works = true;
    await stage.pass(300_000);
    expect(stage.time.heads).toHaveLength(11);
    await stage.session.leave();
    await nothingIsLeft(stage);
  });

  test.each(ways)(
    'is in the room all the same where the page’s server does not answer, %s',
    async (_name, way) => {
      const stage = setUp({ way });
      vi.stubGlobal('fetch', () => new Promise(() => {}));
      await stage.join();
      expect(stage.session.state).toBe('connected');
      await stage.session.leave();
      await nothingIsLeft(stage);
    },
  );
});
