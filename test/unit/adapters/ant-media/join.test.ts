import { describe, expect, test, vi } from 'vitest';
import { antMedia } from '../../../../src/adapters/ant-media/index.ts';
import { FakeStream, FakeTrack } from '../fake-stream.ts';
import { setUp } from './ant-media-stage.ts';

describe('joining', () => {
  test('publishes into the room and plays the room, each with the room’s token', async () => {
    const { join, server, issued, session, states } = setUp();
    await join();
    expect(session.state).toBe('connected');
    expect(states()).toEqual(['connecting', 'connected']);
    expect(server.commands('publish')).toEqual([
      {
        command: 'publish',
        streamId: 'ada',
        token: issued[0],
        subscriberId: '',
        subscriberCode: '',
        streamName: '',
        mainTrack: 'standup',
        video: true,
        audio: true,
        metaData: '',
        role: '',
      },
    ]);
    expect(server.commands('play')[0]).toEqual({
      command: 'play',
      streamId: 'standup',
      token: issued[0],
      room: '',
      trackList: [],
      subscriberId: '',
      subscriberCode: '',
      viewerInfo: '',
      role: '',
      userPublishId: 'ada',
    });
    expect(server.sockets.map(({ url }) => url)).toEqual([
      'wss://media.example.org:5443/LiveApp/websocket?target=origin',
    ]);
  });

  test('passes name, metadata and role on, each in its place', async () => {
    const { join, server } = setUp({ adapter: { streamName: 'Ada', metaData: '{"a":1}', role: 'host' } });
    await join();
    expect(server.commands('publish')[0]).toMatchObject({
      streamName: 'Ada',
      metaData: '{"a":1}',
      role: 'host',
      subscriberId: '',
    });
    expect(server.commands('play')[0]).toMatchObject({ role: 'host', viewerInfo: '', subscriberId: '' });
  });

  test('joins as a guest without a token', async () => {
    const { join, server } = setUp({ session: { tokenSource: undefined } });
    await join();
    expect(server.commands('publish')[0]).not.toHaveProperty('token');
    expect(server.commands('play')[0]).toMatchObject({ token: '' });
  });

  test('listens only: plays without publishing, and asks for no device', async () => {
    const { join, server, session, open } = setUp({ adapter: { listenOnly: true, localStream: undefined } });
    server.join('bob');
    await join();
    expect(server.commands('publish')).toEqual([]);
    expect(server.commands('play')).toHaveLength(1);
    expect(server.sockets[0]?.url).toContain('target=edge');
    expect(session.participants).toEqual([{ id: 'bob' }]);
    await session.leave();
    expect(open()).toEqual([]);
  });

  test('is in an empty room all the same, and plays as soon as there is something to play', async () => {
    const { join, server, session, pass } = setUp({ adapter: { listenOnly: true, localStream: undefined } });
    await join();
    expect(session.state).toBe('connected');
    await pass(10_000);
    const asked = server.commands('play').length;
    expect(asked).toBeGreaterThan(2);
    expect(asked).toBeLessThan(7);
    server.others.push('bob');
    await pass(3_000);
    expect(session.participants).toEqual([{ id: 'bob' }]);
    expect(server.sockets).toHaveLength(1);
    const asking = server.commands('play').length;
    await pass(30_000);
    expect(server.commands('play')).toHaveLength(asking);
  });

  test('plays at once when the server tells of somebody', async () => {
    const { join, server, session, pass } = setUp({ adapter: { listenOnly: true, localStream: undefined } });
    await join();
    await pass(1_000);
    server.join('bob');
    await pass(0);
    expect(session.tracks).toHaveLength(2);
  });

  test('plays when its own stream has made the room exist', async () => {
    const { join, server, pass } = setUp();
    await join();
    await pass(1_000);
    expect(server.commands('play').length).toBeGreaterThanOrEqual(2);
    expect(server.commands('takeConfiguration').filter(({ type }) => type === 'answer')).toHaveLength(1);
  });

  test('keeps no peer connection for a room that is empty', async () => {
    const { join, open } = setUp({ adapter: { listenOnly: true, localStream: undefined } });
    await join();
    expect(open()).not.toContain('a peer connection');
  });

  test('plays once, also where the answer takes longer than our own stream', async () => {
    const { join, server, pass } = setUp();
    server.ignores.add('play');
    await join();
    await pass(5_000);
    expect(server.commands('play')).toHaveLength(1);
  });

  test('is in an empty room again when the last of the others left', async () => {
    const { join, server, session, pass, people } = setUp();
    await join();
    server.join('bob');
    await pass(1_000);
    server.notify('play_finished', { streamId: 'standup' });
    server.others.length = 0;
    await pass(0);
    expect(session.state).toBe('connected');
    expect(people).toEqual(['bob joined', 'bob left']);
    server.join('eve');
    await pass(4_000);
    expect(session.participants).toEqual([{ id: 'eve' }]);
    expect(server.sockets).toHaveLength(1);
  });

  test('takes session_restored for publish_started', async () => {
    const { join, server, session } = setUp();
    server.published = 'session_restored';
    await join();
    expect(session.state).toBe('connected');
  });

  test('gives the app the vendor’s object while connected', async () => {
    const { join, session } = setUp();
    expect(session.vendor).toBeUndefined();
    await join();
    expect(session.vendor).toHaveProperty('remotePeerConnection');
    await session.leave();
    expect(session.vendor).toBeUndefined();
  });

  test('keeps the vendor’s stored tokens current', async () => {
    const { join, session, issued, pass } = setUp();
    await join();
    await pass(10_000);
    expect(issued.length).toBeGreaterThan(1);
    expect(session.vendor?.publishToken).toBe(issued.at(-1));
    expect(session.vendor?.playToken).toBe(issued.at(-1));
  });

  test.each([
    ['at once', 0],
    ['before the socket opened', 1],
    ['after the socket opened', 40],
    ['later', 90],
  ])('left %s leaves nothing', async (_when, turns) => {
    const { session, pass, open } = setUp();
    const join = session.join('standup').catch((error) => error);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    await session.leave();
    await pass(0);
    await join;
    expect(open()).toEqual([]);
    await pass(30_000);
    expect(open()).toEqual([]);
  });

  test('leaves by stopping both streams on the server', async () => {
    const { join, session, server, pass, open } = setUp();
    await join();
    await session.leave();
    await pass(0);
    expect(server.commands('stop').map(({ streamId }) => streamId)).toEqual(
      expect.arrayContaining(['ada', 'standup']),
    );
    expect(open()).toEqual([]);
  });
});

describe('the server', () => {
  test('is asked for its ICE servers once, and they serve the connections after that', async () => {
    const { join, server, pass, connections } = setUp();
    server.iceServers = {
      stunServerUri: 'turn:turn.example.org',
      turnServerUsername: 'u',
      turnServerCredential: 'p',
    };
    await join();
    server.iceServers = undefined;
    server.drop();
    await pass(2_000);
    expect(connections().own?.configuration.iceServers).toContainEqual({
      urls: 'turn:turn.example.org',
      username: 'u',
      credential: 'p',
    });
  });

  test('is not asked where the app names them', async () => {
    const { join, server, connections } = setUp({ adapter: { iceServers: [] } });
    await join();
    expect(server.commands('getIceServerConfig')).toEqual([]);
    expect(connections().own?.configuration.iceServers).toEqual([]);
  });

  test('is the one that the token’s answer names, at the join and at each reconnect', async () => {
    let count = 0;
    const { join, server, pass } = setUp({
      adapter: { websocketUrl: undefined },
      details: () => ({ serverUrl: `wss://node-${++count}.example.org/LiveApp/websocket` }),
    });
    await join();
    await pass(10_000);
    server.drop();
    await pass(2_000);
    const hosts = server.sockets.map(({ url }) => new URL(url).hostname);
    expect(hosts[0]).toBe('node-1.example.org');
    expect(hosts).toHaveLength(2);
    expect(hosts[1]).not.toBe(hosts[0]);
  });

  test('is found by httpEndpointUrl, which goes through to the vendor', async () => {
    const asked: string[] = [];
    const { session, pass, server } = setUp({
      adapter: { websocketUrl: undefined, httpEndpointUrl: 'https://cluster.example.org/node' },
    });
    vi.stubGlobal('fetch', async (url: string) => {
      asked.push(String(url));
      const node = 'cluster-node-7.example.org';
      const json = {
        fqdn: node,
        websocket_url: `wss://${node}/LiveApp/websocket`,
        http_url: `https://${node}/`,
      };
      return { ok: true, status: 200, json: async () => json };
    });
    const join = session.join('standup');
    await pass(100);
    await join;
    expect(asked).toEqual([
      'https://cluster.example.org/node?source=sdk',
      'https://cluster-node-7.example.org/',
    ]);
    expect(server.sockets.map(({ url }) => new URL(url).hostname)).toEqual(['cluster-node-7.example.org']);
  });

  test('that no finder can find is given up after three tries, each of them ours', async () => {
    let asked = 0;
    const { session, pass, open } = setUp({
      adapter: { websocketUrl: undefined, httpEndpointUrl: 'https://cluster.example.org/node' },
    });
    vi.stubGlobal('fetch', async () => {
      asked++;
      throw new TypeError('Failed to fetch');
    });
    const join = session.join('standup').catch((error) => error);
    await pass(20_000);
    expect(await join).toMatchObject({ code: 'connect_failed' });
    expect(asked).toBe(3);
    await pass(30_000);
    expect(asked).toBe(3);
    expect(open()).toEqual([]);
  });

  test('that cannot be reached is given up after three tries', async () => {
    const { session, server, pass, open } = setUp();
    server.up = false;
    const join = session.join('standup').catch((error) => error);
    await pass(20_000);
    expect(await join).toMatchObject({ code: 'connect_failed', vendorCode: 'WebSocketNotConnected' });
    expect(server.sockets).toHaveLength(3);
    await pass(30_000);
    expect(server.sockets).toHaveLength(3);
    expect(open()).toEqual([]);
  });

  test('that never answers lets the join run out of time, and says so', async () => {
    const { session, server, pass, open } = setUp();
    server.silent = true;
    const join = session.join('standup').catch((error) => error);
    await pass(30_100);
    const error = await join;
    expect(error).toMatchObject({ code: 'connect_timeout' });
    expect(error.message).toContain('did not let us in within 15 s');
    expect(open()).toEqual([]);
  });
});

describe('bad input', () => {
  test.each(['http://media.example.org', 'media.example.org', '', 7])(
    'a websocketUrl of %j makes no adapter',
    (websocketUrl) => {
      expect(() => antMedia({ websocketUrl: websocketUrl as string })).toThrow(
        expect.objectContaining({ code: 'invalid_argument' }),
      );
    },
  );

  test.each(['', 'https://x.example.org', 7])('a serverUrl of %j rejects the join', async (serverUrl) => {
    const { join, server, open } = setUp({ details: () => ({ serverUrl }) });
    await expect(join()).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(server.sockets).toEqual([]);
    expect(open()).toEqual([]);
  });

  test('a serverUrl of another site rejects the join, unless allowedServers names it', async () => {
    const details = () => ({ serverUrl: 'wss://media.example.net/LiveApp/websocket' });
    const refused = setUp({ details });
    await expect(refused.join()).rejects.toMatchObject({ code: 'token_mismatch', claim: 'serverUrl' });
    expect(refused.server.sockets).toEqual([]);
    expect(refused.open()).toEqual([]);
    const allowed = setUp({ details, adapter: { allowedServers: ['*.example.net'] } });
    await allowed.join();
    expect(allowed.server.sockets).toHaveLength(1);
  });

  test('no server at all rejects the join, and says what to give', async () => {
    const { join, open } = setUp({ adapter: { websocketUrl: undefined } });
    await expect(join()).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('websocketUrl'),
    });
    expect(open()).toEqual([]);
  });

  test.each(['a b', 'ada/../x', 'ädä', 'a:b', 'a\n'])(
    'an identity of %j rejects the join',
    async (identity) => {
      const { session, pass, server, open } = setUp({ session: { identity } });
      const join = session.join('standup').catch((error) => error);
      await pass(0);
      expect(await join).toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining('identity'),
      });
      expect(server.sockets).toEqual([]);
      expect(open()).toEqual([]);
    },
  );

  test.each(['Ada-1_x.y', '7'])('an identity of %j is the stream id', async (identity) => {
    const { join, server } = setUp({ session: { identity } });
    await join();
    expect(server.commands('publish')[0]?.streamId).toBe(identity);
  });

  test('an identity left out is a random one, another at each join', async () => {
    const { session, server, join } = setUp({ session: { identity: undefined } });
    await join();
    await session.leave();
    await join();
    const ids = server.commands('publish').map(({ streamId }) => streamId ?? '');
    expect(ids[0]).toMatch(/^[\w.-]{8,}$/);
    expect(new Set(ids).size).toBe(2);
  });

  test('an identity that is the room’s name rejects the join', async () => {
    const { join, server } = setUp({ session: { identity: 'standup' } });
    await expect(join()).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(server.sockets).toEqual([]);
  });

  test('a room that is no stream id rejects the join', async () => {
    const { join, server } = setUp({ claims: { streamId: undefined } });
    await expect(join('our room')).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(server.sockets).toEqual([]);
  });

  test('without the vendor’s library the join rejects with vendor_missing, and how to get it', async () => {
    for (const options of [
      { vendor: undefined },
      { vendor: undefined, load: () => Promise.reject(new Error('404')) },
      { vendor: undefined, load: async () => ({}) as never },
    ]) {
      const { join, open } = setUp({ adapter: options });
      await expect(join()).rejects.toMatchObject({
        code: 'vendor_missing',
        message: expect.stringContaining('@antmedia/webrtc_adaptor'),
      });
      expect(open()).toEqual([]);
    }
  });

  test.each(['WebRTCAdaptor', 'webrtc_adaptor'])(
    'the vendor’s library is found as the global %s',
    async (name) => {
      const { WebRTCAdaptor } = await import('@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js');
      const { join, session } = setUp({ adapter: { vendor: undefined } });
      vi.stubGlobal(name, name === 'WebRTCAdaptor' ? WebRTCAdaptor : { WebRTCAdaptor });
      await join();
      expect(session.state).toBe('connected');
    },
  );

  test('a vendor that throws rejects the join and leaves nothing', async () => {
    const { join, open } = setUp();
    vi.stubGlobal('AudioContext', undefined);
    await expect(join()).rejects.toMatchObject({ code: 'connect_failed' });
    expect(open()).toEqual([]);
  });
});

describe('own media', () => {
  const devices = (getUserMedia: () => Promise<MediaStream>) => {
    Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: { getUserMedia } });
    return () => Reflect.deleteProperty(navigator, 'mediaDevices');
  };
  const camera = () => new FakeStream([new FakeTrack('audio'), new FakeTrack('video')]);
  const live = (stream: { getTracks(): { readyState: string }[] }) =>
    stream.getTracks().map(({ readyState }) => readyState);

  test('of the app is published, and never stopped', async () => {
    const { join, session, stream, connections } = setUp();
    await join();
    expect(connections().own?.sent).toEqual(stream.getTracks());
    expect(session.localStream).toBe(stream);
    await session.leave();
    expect(live(stream)).toEqual(['live', 'live']);
    expect(session.localStream).toBeUndefined();
  });

  test('of constraints is asked for at each join, and stopped when leaving', async () => {
    const streams: FakeStream[] = [];
    const asked: unknown[] = [];
    const undo = devices((async (constraints: unknown) => {
      asked.push(constraints);
      streams.push(camera());
      return streams.at(-1);
    }) as never);
    const constraints = { audio: true, video: { width: 320 } };
    const { join, session } = setUp({ adapter: { localStream: undefined, constraints } });
    await join();
    expect(session.localStream).toBe(streams[0]);
    await session.leave();
    await join();
    await session.leave();
    expect(asked).toEqual([constraints, constraints]);
    expect(streams.map(live)).toEqual([
      ['ended', 'ended'],
      ['ended', 'ended'],
    ]);
    undo();
  });

  test('is kept over a reconnect', async () => {
    let asked = 0;
    const stream = camera();
    const undo = devices((async () => {
      asked++;
      return stream;
    }) as never);
    const { join, server, pass, connections } = setUp({ adapter: { localStream: undefined } });
    await join();
    server.drop();
    await pass(2_000);
    expect(asked).toBe(1);
    expect(connections().own?.sent).toEqual(stream.getTracks());
    undo();
  });

  test.each(['NotAllowedError', 'NotFoundError', 'NotReadableError', 'OverconstrainedError'])(
    'that fails with %s rejects the join with it',
    async (name) => {
      const undo = devices(() => Promise.reject(new DOMException('no', name)));
      const { join, server, open } = setUp({ adapter: { localStream: undefined } });
      await expect(join()).rejects.toMatchObject({ code: 'connect_failed', vendorCode: name });
      expect(server.sockets).toEqual([]);
      expect(open()).toEqual([]);
      undo();
    },
  );

  test('that the page has no access to rejects the join', async () => {
    const { join } = setUp({ adapter: { localStream: undefined } });
    await expect(join()).rejects.toMatchObject({ code: 'connect_failed', vendorCode: 'UnsecureContext' });
  });

  test('that arrives when the room was left is stopped, in every moment', async () => {
    for (let turns = 0; turns < 12; turns++) {
      let arrive = (_stream: FakeStream) => {};
      const undo = devices((() => new Promise((resolve) => (arrive = resolve))) as never);
      const { session, pass, open } = setUp({ adapter: { localStream: undefined } });
      const join = session.join('standup').catch((error) => error);
      await pass(0);
      const stream = camera();
      arrive(stream);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      await session.leave();
      await pass(0);
      expect(await join).toMatchObject({ name: 'AbortError' });
      expect(live(stream)).toEqual(['ended', 'ended']);
      expect(open()).toEqual([]);
      undo();
    }
  });

  test('that arrives when the vendor turned out to be missing is stopped', async () => {
    let arrive = (_stream: FakeStream) => {};
    const undo = devices((() => new Promise((resolve) => (arrive = resolve))) as never);
    const { join } = setUp({ adapter: { localStream: undefined, vendor: undefined } });
    await expect(join()).rejects.toMatchObject({ code: 'vendor_missing' });
    const stream = camera();
    arrive(stream);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    expect(live(stream)).toEqual(['ended', 'ended']);
    undo();
  });

  test('is muted and unmuted, before and during a stay', async () => {
    const { join, session, stream } = setUp();
    const enabled = () => stream.getTracks().map(({ kind, enabled: on }) => `${kind} ${on}`);
    await session.setMicrophone(false);
    await join();
    expect(enabled()).toEqual(['audio false', 'video true']);
    await session.setCamera(false);
    await session.setMicrophone(true);
    expect(enabled()).toEqual(['audio true', 'video false']);
    expect(live(stream)).toEqual(['live', 'live']);
  });
});
