import { describe, expect, test } from 'vitest';
import { TokenError } from '../../../../src/index.ts';
import { settle } from '../../../../src/testing/index.ts';
import { outcome } from '../../session-stage.ts';
import { FakePeerConnection } from './fake-peer-connection.ts';
import { nothingIsLeft, type Stage, type StageOptions, setUp, ways } from './naf-janus-stage.ts';
import { naf } from './page-scripts.ts';

const backAgain = ['connecting', 'connected', 'reconnecting', 'connected'];

const losses: [what: string, lose: (stage: Stage) => void, noticedAfterMs: number][] = [
  ['the socket broke', ({ server }) => server.drop(), 0],
  ['the server closed the socket as if all was well', ({ server }) => server.drop(1000), 0],
  ['our own media connection failed', ({ own }) => own().become('failed'), 0],
  [
    'our own media connection failed in a Firefox before 113, which has no connectionState',
    ({ own }) =>
      Object.assign<EventTarget, object>(own(), {
        connectionState: undefined,
        iceConnectionState: 'failed',
      }).dispatchEvent(new Event('iceconnectionstatechange')),
    0,
  ],
  ['our own media connection broke off for longer', ({ own }) => own().become('disconnected'), 3_000],
  ['the media connection of somebody else failed', ({ of }) => of('bob').become('failed'), 0],
  [
    'the media connection of somebody else broke off for longer',
    ({ of }) => of('bob').become('disconnected'),
    3_000,
  ],
  ['the server ended the session', ({ server }) => server.timeOut(), 0],
  ['the server knows no such session any more', ({ server }) => server.forget(), 26_000],
  ['the server hung up', ({ server }) => server.hangUp(), 1_000],
  ['the vendor asks for it', ({ vendor }) => vendor().reconnect(), 0],
];

describe.each(ways)('a reconnect, %s', (_name, way) => {
  test.each(losses)('follows when %s', async (_what, lose, noticedAfterMs) => {
    const stage = setUp({ way });
    const { join, server, pass, states, session, failures, people } = stage;
    server.others.push('bob');
    await join();
    await pass(4_000);
    const before = session.vendor;
    lose(stage);
    await pass(Math.max(noticedAfterMs - 500, 0));
    if (noticedAfterMs > 0) expect(states()).toHaveLength(2);
    await pass(1_500);
    expect(states()).toEqual(backAgain);
    expect(failures).toMatchObject([{ code: 'connect_failed' }]);
    expect(session.tracks).toHaveLength(2);
    expect(people).toEqual(['bob joined']);
    expect(session.vendor).toBe(before);
    expect(server.network.open()).toHaveLength(1);
    expect(FakePeerConnection.open.size).toBe(2);
    expect(server.joins.map(({ refusal }) => refusal)).toEqual(Array(4).fill(undefined));
    await pass(40_000);
    expect(states()).toEqual(backAgain);
    await session.leave();
    await nothingIsLeft(stage);
    await pass(60_000);
    expect(server.sockets).toHaveLength(2);
  });

  test.each(losses)('does not follow when we leave as %s', async (_what, lose) => {
    const stage = setUp({ way });
    const { join, server, pass, session } = stage;
    server.others.push('bob');
    await join();
    await pass(1_000);
    lose(stage);
    await session.leave();
    await nothingIsLeft(stage);
    await pass(90_000);
    expect(server.sockets).toHaveLength(1);
    expect(naf.connection.adapter).toBeNull();
  });

  test('follows at once when a request is answered that there is no such session', async () => {
    const { join, pass, server, adapter, states } = setUp({ way });
    await join();
    server.forget();
    await expect(adapter.block('bob')).rejects.toBeDefined();
    await pass(1_000);
    expect(states()).toEqual(backAgain);
  });

  test('does not follow when a request is answered with another error', async () => {
    const { join, pass, vendor, states } = setUp({ way });
    await join();
    const request = vendor().session?.send('message', { handle_id: 999, body: {} });
    await expect(request).rejects.toMatchObject({ error: { code: 459 } });
    await pass(10_000);
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test('waits for media that break off for a moment only', async () => {
    const { join, pass, server, own, of, states } = setUp({ way });
    server.others.push('bob');
    await join();
    for (const connection of [own(), of('bob')]) {
      connection.become('disconnected');
      await pass(2_900);
      connection.become('connected');
    }
    await pass(10_000);
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test('does not follow when the media of somebody break off who leaves', async () => {
    const { join, pass, server, of, states, people } = setUp({ way });
    server.others.push('bob');
    await join();
    of('bob').become('disconnected');
    await pass(1_000);
    server.leave('bob');
    await pass(30_000);
    expect(states()).toEqual(['connecting', 'connected']);
    expect(people).toEqual(['bob joined', 'bob left']);
  });

  test('does not follow when the connection for somebody’s media never came up', async () => {
    const { join, pass, server, states, session } = setUp({ way });
    await join();
    server.deaf.add('bob');
    FakePeerConnection.works = false;
    server.join('bob');
    await pass(100);
    [...FakePeerConnection.open].at(-1)?.become('failed');
    await pass(2_000);
    FakePeerConnection.works = true;
    server.deaf.clear();
    await pass(20_000);
    expect(states()).toEqual(['connecting', 'connected']);
    expect(session.tracks).toHaveLength(2);
  });

  test('waits, and is not told as connected, while the server still has our previous connection', async () => {
    const stage = setUp({ way });
    const { join, pass, server, states, session } = stage;
    await join();
    server.keepsSessions = true;
    server.fails.add('destroy');
    server.drop();
    await pass(30_000);
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting']);
    server.fails.clear();
    await pass(10_500);
    expect(states()).toEqual(backAgain);
    expect(session.participants).toEqual([]);
    expect(server.network.open()).toHaveLength(1);
  });

  const choices: [what: string, options: StageOptions][] = [
    ['the option', { adapter: { clientId: 'ada' } }],
    ['the scene', { session: { identity: undefined }, onReady: (vendor) => vendor.setClientId('ada') }],
  ];

  test.each(choices)(
    'is no use with a client id that somebody else has by now, where %s has chosen it: one clear end',
    async (_what, options) => {
      const stage = setUp({ way, ...options });
      const { join, pass, server, changes } = stage;
      await join();
      server.others.push('ada');
      server.drop();
      await pass(60_000);
      expect(changes.slice(3)).toMatchObject([{ reason: 'denied', error: { code: 'connect_denied' } }]);
      expect(changes.at(-1)?.error?.message).toContain('"ada"');
      expect(server.sockets).toHaveLength(2);
      await nothingIsLeft(stage);
    },
  );

  test.each(choices)('is no use at the first join either, where %s has chosen it', async (_what, options) => {
    const stage = setUp({ way, ...options });
    stage.server.others.push('ada');
    await expect(stage.join()).rejects.toMatchObject({ code: 'connect_denied' });
    await stage.pass(60_000);
    expect(stage.server.sockets).toHaveLength(1);
    await nothingIsLeft(stage);
  });

  test('joins with a token that is valid then, after one that expired long ago', async () => {
    let up = true;
    const stage = setUp({
      way,
      details: () => {
        if (!up) throw new Error('down');
        return {};
      },
    });
    const { join, pass, server, states } = stage;
    server.others.push('bob');
    await join();
    up = false;
    await pass(60_000);
    expect(states()).toEqual(['connecting', 'connected']);
    server.drop();
    await pass(60_000);
    expect(server.sockets).toHaveLength(1);
    up = true;
    await pass(15_000);
    expect(states()).toEqual(backAgain);
    expect(server.joins.map(({ refusal }) => refusal)).toEqual(Array(4).fill(undefined));
  });

  test('ends as denied, once, when the endpoint says no; until then the room goes on', async () => {
    let denies = false;
    const ended: unknown[] = [];
    const stage = setUp({
      way,
      details: () => {
        if (denies) throw new TokenError('token_denied', 'No more.');
        return {};
      },
      onReady: (vendor) => {
        (vendor as unknown as Listening).setReconnectionListeners(
          () => {},
          () => {},
          (error) => ended.push(error),
        );
      },
    });
    const { join, pass, server, changes, session } = stage;
    await join();
    denies = true;
    await pass(60_000);
    expect(session.state).toBe('connected');
    server.drop();
    await pass(120_000);
    expect(changes.filter(({ state }) => state === 'disconnected')).toMatchObject([
      { reason: 'denied', error: { code: 'token_denied' } },
    ]);
    expect(ended).toMatchObject([{ code: 'token_denied' }]);
    expect(server.sockets).toHaveLength(1);
    await nothingIsLeft(stage);
  });

  test('ends as denied when the server refuses two tokens', async () => {
    const stage = setUp({ way });
    const { join, pass, server, changes } = stage;
    await join();
    server.refuses = () => 'Rejecting join with invalid token!';
    server.drop();
    await pass(60_000);
    expect(changes.at(-1)).toMatchObject({ reason: 'denied', error: { code: 'connect_denied' } });
    expect(server.publishers()).toHaveLength(3);
    expect(server.sockets).toHaveLength(2);
    await nothingIsLeft(stage);
  });

  test('is tried for as long as reconnectLimitMs says, in growing pauses, then the room is lost', async () => {
    const stage = setUp({ way, session: { reconnectLimitMs: 60_000 } });
    const { join, pass, server, changes } = stage;
    await join();
    server.up = false;
    server.drop();
    await pass(59_000);
    expect(changes.at(-1)).toMatchObject({ state: 'reconnecting' });
    const tries = server.sockets.length;
    expect(tries).toBeGreaterThan(6);
    expect(tries).toBeLessThan(20);
    await pass(1_500);
    expect(changes.at(-1)).toMatchObject({ reason: 'lost', error: { code: 'connect_failed' } });
    expect(changes.at(-1)?.error?.message).toContain('60 s');
    await nothingIsLeft(stage);
    await pass(60_000);
    expect(server.sockets.length - tries).toBeLessThan(2);
  });

  test('has five minutes by default', async () => {
    const { join, pass, server, session } = setUp({ way });
    await join();
    server.up = false;
    server.drop();
    await pass(295_000);
    expect(session.state).toBe('reconnecting');
    await pass(6_000);
    expect(session.state).toBe('disconnected');
  });

  test('that nobody answers is tried again', async () => {
    const stage = setUp({ way, session: { attemptTimeoutMs: 5_000 } });
    const { join, pass, server, session, failures } = stage;
    await join();
    server.silent = true;
    server.drop();
    await pass(6_000);
    expect(failures.at(-1)?.message).toContain('5 s');
    server.silent = false;
    await pass(8_000);
    expect(session.state).toBe('connected');
    expect(server.network.open()).toHaveLength(1);
    expect(FakePeerConnection.open.size).toBe(1);
  });

  test('is tried at once when the page wakes or the network is back', async () => {
    const { join, pass, server, clock, session } = setUp({ way });
    await join();
    server.up = false;
    server.drop();
    await pass(60_000);
    const tries = server.sockets.length;
    server.up = true;
    await clock.wake('online');
    await pass(0);
    expect(server.sockets).toHaveLength(tries + 1);
    expect(session.state).toBe('connected');
  });

  test('subscribes to nobody who left meanwhile, and says that they left', async () => {
    const { join, pass, server, people, session } = setUp({ way });
    server.others.push('bob', 'cid');
    await join();
    server.drop();
    server.others.splice(0, 1);
    const before = server.joins.length;
    await pass(2_000);
    expect(server.joins.slice(before).map(({ media, refusal }) => [media, refusal])).toEqual([
      [undefined, undefined],
      ['cid', undefined],
    ]);
    expect(people).toEqual(['bob joined', 'cid joined', 'bob left']);
    expect(session.tracks).toHaveLength(2);
  });

  test('as the first one in a room of a restarted server subscribes to nobody, then to all who come back', async () => {
    const { join, pass, server, people, session, failures } = setUp({ way });
    server.others.push('bob');
    await join();
    server.drop();
    server.others.length = 0;
    await pass(2_000);
    expect(session.participants).toEqual([]);
    server.join('bob');
    await pass(1_000);
    expect(people).toEqual(['bob joined', 'bob left', 'bob joined']);
    expect(session.tracks).toHaveLength(2);
    expect(failures).toHaveLength(1);
  });

  test('publishes what was published before', async () => {
    const { join, pass, server, own, stream } = setUp({ way });
    await join();
    expect(own().sent).toEqual(stream.getTracks());
    server.drop();
    await pass(2_000);
    expect(own().sent).toEqual(stream.getTracks());
  });

  test('twenty of them leave one socket and two peer connections', async () => {
    const stage = setUp({ way });
    const { join, pass, server, open } = stage;
    server.others.push('bob');
    await join();
    for (let round = 0; round < 20; round++) {
      server.drop();
      await pass(3_000);
    }
    await pass(2_000);
    expect(open().filter((thing) => !/timer|listener/.test(thing))).toEqual([
      'a socket',
      'a peer connection',
      'a peer connection',
      'networked-aframe’s connection',
    ]);
    expect(stage.clock.wakeListenerCount).toBe(3);
    await stage.session.leave();
    await nothingIsLeft(stage);
  });

  test.each(['attemptFailed', 'stateChanged'] as const)('ends when a listener of %s leaves', async (name) => {
    const stage = setUp({ way });
    const { join, pass, server, session } = stage;
    await join();
    session.on(name, () => session.leave());
    server.drop();
    await pass(10_000);
    expect(session.state).toBe('disconnected');
    expect(server.sockets).toHaveLength(1);
    await nothingIsLeft(stage);
  });
});

interface Listening {
  setReconnectionListeners(
    onReconnecting: (ms: number) => void,
    onReconnected: () => void,
    onReconnectionError: (error: Error) => void,
  ): void;
}

describe.each(ways)('the page’s own reconnection listeners, %s', (_name, way) => {
  function listening(options: Parameters<typeof setUp>[0] = {}) {
    const calls: [string, unknown?][] = [];
    const stage = setUp({
      way,
      ...options,
      onReady: (vendor) =>
        (vendor as unknown as Listening).setReconnectionListeners(
          (ms) => calls.push(['reconnecting', ms]),
          () => calls.push(['reconnected']),
          (error) => calls.push(['error', error]),
        ),
    });
    return { ...stage, calls, names: () => calls.map(([name]) => name) };
  }

  test('are called at each reconnect, with the pause in ms', async () => {
    const { join, pass, server, calls, session } = listening();
    await join();
    expect(calls).toEqual([]);
    server.drop();
    await pass(2_000);
    expect(calls).toEqual([['reconnecting', 150], ['reconnected']]);
    server.drop();
    await pass(2_000);
    expect(calls).toEqual([['reconnecting', 150], ['reconnected'], ['reconnecting', 150], ['reconnected']]);
    await session.leave();
    expect(calls).toHaveLength(4);
  });

  test('are told of each try, and once of the end', async () => {
    const { join, pass, server, names, calls } = listening({ session: { reconnectLimitMs: 20_000 } });
    await join();
    server.up = false;
    server.drop();
    await pass(30_000);
    expect(names().slice(0, -1)).toEqual(Array(names().length - 1).fill('reconnecting'));
    expect(names().length).toBeGreaterThan(4);
    expect(calls.at(-1)).toMatchObject(['error', { code: 'connect_failed' }]);
  });

  test('are not called during a first join that fails, nor when we leave', async () => {
    const { startJoin, pass, server, calls, session } = listening();
    server.up = false;
    startJoin().catch(() => {});
    await pass(20_000);
    expect(session.state).toBe('disconnected');
    expect(calls).toEqual([]);
  });

  test('set while in the room are called, too', async () => {
    const { join, pass, server, vendor } = setUp({ way });
    await join();
    const calls: string[] = [];
    (vendor() as unknown as Listening).setReconnectionListeners(
      () => calls.push('reconnecting'),
      () => calls.push('reconnected'),
      () => calls.push('error'),
    );
    server.drop();
    await pass(2_000);
    expect(calls).toEqual(['reconnecting', 'reconnected']);
  });
});

describe.each(ways)('waking, %s', (_name, way) => {
  const keepalives = ({ server }: Stage) => server.frames.filter(({ janus }) => janus === 'keepalive').length;

  test('asks the session whether it is alive, and stays where it is', async () => {
    const stage = setUp({ way });
    const { join, pass, clock, states } = stage;
    await join();
    clock.sleep(20_000);
    await clock.wake('slept');
    await pass(0);
    expect(keepalives(stage)).toBe(1);
    await pass(10_000);
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test('reconnects at once where the server ended the session meanwhile', async () => {
    const stage = setUp({ way });
    const { join, pass, server, clock, states } = stage;
    server.others.push('bob');
    await join();
    server.forget();
    clock.sleep(3_600_000);
    await clock.wake('slept');
    await pass(1_000);
    expect(states()).toEqual(backAgain);
    expect(server.joins.map(({ refusal }) => refusal)).toEqual(Array(4).fill(undefined));
  });

  test('reconnects where nothing answers within 3 s', async () => {
    const stage = setUp({ way });
    const { join, pass, server, clock, states } = stage;
    await join();
    server.silent = true;
    clock.sleep(3_600_000);
    await clock.wake('slept');
    await pass(2_500);
    expect(states()).toEqual(['connecting', 'connected']);
    server.silent = false;
    // What was lost on the way stays lost.
    await pass(1_500);
    expect(states()).toEqual(backAgain);
  });

  test('finds a valid token for whoever came meanwhile', async () => {
    const stage = setUp({ way });
    const { join, pass, server, clock, session, issued } = stage;
    await join();
    clock.sleep(60_000);
    server.join('bob');
    await clock.wake('slept');
    await pass(0);
    expect(session.tracks).toHaveLength(2);
    expect(server.subscribers('bob')).toMatchObject([{ token: issued.at(-1), refusal: undefined }]);
  });

  test('asks nothing of a session that is not there yet', async () => {
    for (let moment = 0; moment < 60; moment++) {
      const stage = setUp({ way });
      const { startJoin, pass, clock, server, failures, session } = stage;
      const join = outcome(startJoin());
      await settle(moment);
      await clock.wake('visible');
      await pass(0);
      expect([moment, join, failures]).toEqual([moment, { done: true }, []]);
      expect(server.sockets).toHaveLength(1);
      await session.leave();
    }
  });
});

describe.each(ways)('a request that nobody answers, %s', (_name, way) => {
  test('ends in a reconnect', async () => {
    const stage = setUp({ way });
    const { join, pass, server, session, states } = stage;
    await join();
    server.silent = true;
    await pass(75_000);
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting']);
    server.silent = false;
    await pass(20_000);
    expect(states()).toEqual(backAgain);
    expect(server.network.open()).toHaveLength(1);
    await session.leave();
    await nothingIsLeft(stage);
  });
});

describe.each(ways)(
  'a network that changed, so that the server still has the old session, %s,',
  (_name, way) => {
    test('is no hindrance: the new socket destroys that one before it joins', async () => {
      const stage = setUp({ way });
      const { join, pass, server, states, failures, session } = stage;
      server.others.push('bob');
      await join();
      server.keepsSessions = true;
      server.drop();
      await pass(1_000);
      expect(states()).toEqual(backAgain);
      expect(server.ghosts.size).toBe(0);
      const kinds = server.frames.map(({ janus, body }) => body?.kind ?? janus);
      expect(kinds.indexOf('destroy')).toBeLessThan(kinds.lastIndexOf('join'));
      expect(kinds.filter((kind) => kind === 'destroy')).toHaveLength(1);
      expect(failures).toHaveLength(1);
      expect(session.tracks).toHaveLength(2);
      await session.leave();
      await nothingIsLeft(stage);
    });

    test('several times in a row leaves no session, also where attempts failed in between', async () => {
      const { join, pass, server, session, clock } = setUp({ way });
      await join();
      server.keepsSessions = true;
      for (let round = 0; round < 5; round++) {
        server.ignores.add('attach');
        server.drop();
        await pass(3_000);
        server.drop();
        server.ignores.clear();
        await pass(8_000);
        await clock.wake('online');
        await pass(3_000);
        expect([round, session.state, server.ghosts.size]).toEqual([round, 'connected', 0]);
      }
    });

    test('does not keep us out of a room that our own old session fills', async () => {
      const { join, pass, server, states } = setUp({ way });
      server.others.push('bob', 'cid');
      server.roomSize = 3;
      await join();
      server.keepsSessions = true;
      server.drop();
      await pass(1_000);
      expect(states()).toEqual(backAgain);
      expect(server.joins.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
    });

    test('and a server that does not know the old session any more: that is no loss of the new one', async () => {
      const { join, pass, server, states, failures } = setUp({ way });
      await join();
      server.drop();
      await pass(1_000);
      expect(states()).toEqual(backAgain);
      expect(server.frames.filter(({ janus }) => janus === 'destroy')).toHaveLength(1);
      expect(failures).toHaveLength(1);
      server.drop();
      await pass(1_000);
      // Each is destroyed once.
      expect(server.frames.filter(({ janus }) => janus === 'destroy')).toHaveLength(2);
    });
  },
);
