import { describe, expect, test } from 'vitest';
import type { RoomSessionOptions } from '../../../../src/index.ts';
import { type Stage, setUp } from './ant-media-stage.ts';

const backAgain = ['connecting', 'connected', 'reconnecting', 'connected'];

const losses: [what: string, (stage: Stage) => void, noticedAfterMs: number][] = [
  ['the socket closed', ({ server }) => server.drop(), 0],
  ['the server is about to stop', ({ server }) => server.notify('server_will_stop'), 0],
  ['the media connection of our own stream failed', ({ connections }) => connections().own?.ice('failed'), 0],
  ['the media connection of the room failed', ({ connections }) => connections().room?.ice('failed'), 0],
  [
    'the media connection broke off for longer',
    ({ connections }) => connections().own?.ice('disconnected'),
    3_000,
  ],
  ['the server ended our stream', ({ server }) => server.notify('publish_finished', { streamId: 'ada' }), 0],
  [
    'pongs stay out',
    ({ server }) => {
      server.pongs = false;
    },
    11_000,
  ],
];

describe('a reconnect', () => {
  test.each(losses)('follows when %s', async (_what, lose, noticedAfterMs) => {
    const stage = setUp();
    const { join, server, pass, states, session, open } = stage;
    server.others.push('bob');
    await join();
    await pass(4_000);
    lose(stage);
    await pass(Math.max(noticedAfterMs - 3_500, 0));
    if (noticedAfterMs > 0) expect(states()).toHaveLength(2);
    await pass(4_500);
    server.pongs = true;
    expect(states()).toEqual(backAgain);
    expect(session.tracks).toHaveLength(2);
    expect(server.network.open()).toHaveLength(1);
    expect(server.commands('publish')).toHaveLength(2);
    await session.leave();
    await pass(0);
    expect(open()).toEqual([]);
  });

  test('waits for media that break off for a moment only', async () => {
    const { join, pass, connections, states } = setUp();
    await join();
    await pass(1_000);
    connections().own?.ice('disconnected');
    await pass(2_900);
    connections().own?.ice('connected');
    await pass(10_000);
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test('does not follow when the room’s media broke off because everybody left it', async () => {
    const { join, pass, connections, states, server } = setUp();
    server.others.push('bob');
    server.ownStreamMakesRoom = false;
    await join();
    await pass(1_000);
    connections().room?.ice('disconnected');
    server.others.length = 0;
    server.notify('play_finished', { streamId: 'standup' });
    await pass(10_000);
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test('does not need pongs from a server that never sends one', async () => {
    const { join, pass, states, server } = setUp();
    server.pongs = false;
    await join();
    await pass(60_000);
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test('sends both commands on the new socket, each with a token that is valid then', async () => {
    const { join, pass, server, clock, issued } = setUp();
    server.others.push('bob');
    await join();
    await pass(30_000);
    const before = server.frames.length;
    server.drop();
    await pass(1_000);
    const again = server.frames.slice(before).filter(({ command }) => /^(publish|play)$/.test(command));
    expect(again.map(({ command }) => command).sort()).toEqual(['play', 'publish']);
    for (const { token } of again) {
      const { exp } = JSON.parse(atob((token as string).split('.')[1] ?? '')) as { exp: number };
      expect(exp * 1000).toBeGreaterThan(clock.now());
      expect(issued.slice(-2)).toContain(token);
    }
  });

  test('waits for a valid token, for as long as the endpoint is down', async () => {
    let up = true;
    const stage = setUp({
      session: {
        tokenSource: (() => {
          if (!up) throw new Error('down');
          return { token: `opaque-${stage.clock.now()}-of-ten-seconds`, expiresIn: 10 };
        }) as NonNullable<RoomSessionOptions['tokenSource']>,
      },
    });
    const { join, pass, server, states } = stage;
    await join();
    up = false;
    await pass(20_000);
    const sent = server.commands('publish').length;
    server.drop();
    await pass(60_000);
    expect(server.commands('publish')).toHaveLength(sent);
    expect(server.network.open()).toEqual([]);
    up = true;
    await pass(10_000);
    expect(states()).toEqual(backAgain);
    expect(server.commands('publish')).toHaveLength(sent + 1);
  });

  test('takes session_restored for published', async () => {
    const { join, pass, server, states } = setUp();
    await join();
    server.published = 'session_restored';
    server.drop();
    await pass(2_000);
    expect(states()).toEqual(backAgain);
  });

  test('does not follow a freeze of the page, in which it sent no ping either', async () => {
    const { join, pass, server, clock, states } = setUp();
    await join();
    await pass(4_000);
    server.pongs = false;
    const monotonic = clock.monotonic.bind(clock);
    clock.monotonic = () => monotonic() + 60_000;
    await pass(12_000);
    server.pongs = true;
    await pass(20_000);
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test('says what it follows, and gives the app no dead vendor object meanwhile', async () => {
    const { join, pass, server, session } = setUp();
    const errors: unknown[] = [];
    session.on('attemptFailed', ({ error }) => errors.push(error));
    await join();
    const before = session.vendor;
    server.notify('server_will_stop');
    await pass(0);
    expect(errors).toMatchObject([{ code: 'connect_failed', vendorCode: 'server_will_stop' }]);
    expect(session.vendor).toBeUndefined();
    await pass(2_000);
    expect(session.vendor).toBeDefined();
    expect(session.vendor).not.toBe(before);
  });

  test('is tried for as long as reconnectLimitMs says, in growing pauses, then the room is lost', async () => {
    const { join, pass, server, changes, open } = setUp({ session: { reconnectLimitMs: 60_000 } });
    await join();
    server.up = false;
    server.drop();
    await pass(59_000);
    expect(changes.at(-1)).toMatchObject({ state: 'reconnecting' });
    const tries = server.sockets.length;
    expect(tries).toBeGreaterThan(6);
    expect(tries).toBeLessThan(20);
    await pass(1_500);
    expect(changes.at(-1)).toMatchObject({
      state: 'disconnected',
      reason: 'lost',
      error: { code: 'connect_failed' },
    });
    expect(changes.at(-1)?.error?.message).toContain('60 s');
    expect(open()).toEqual([]);
    const given = server.sockets.length;
    await pass(60_000);
    expect(server.sockets).toHaveLength(given);
  });

  test('has five minutes by default', async () => {
    const { join, pass, server, session } = setUp();
    await join();
    server.up = false;
    server.drop();
    await pass(295_000);
    expect(session.state).toBe('reconnecting');
    await pass(6_000);
    expect(session.state).toBe('disconnected');
  });

  test('has the whole limit again after each success', async () => {
    const { join, pass, server, session } = setUp({ session: { reconnectLimitMs: 20_000 } });
    await join();
    for (let round = 0; round < 3; round++) {
      server.up = false;
      server.drop();
      await pass(12_000);
      server.up = true;
      await pass(8_000);
      expect(session.state).toBe('connected');
    }
  });

  test('is tried at once when the page wakes or the network is back', async () => {
    const { join, pass, server, clock, session } = setUp();
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

  test('does not count sleep into the limit', async () => {
    const { join, pass, server, clock, session } = setUp({ session: { reconnectLimitMs: 20_000 } });
    await join();
    server.up = false;
    server.drop();
    await pass(15_000);
    clock.sleep(3_600_000);
    await clock.wake('slept');
    await pass(15_000);
    expect(session.state).toBe('reconnecting');
    server.up = true;
    await pass(10_000);
    expect(session.state).toBe('connected');
  });

  test('that nobody answers is tried again', async () => {
    const { join, pass, server, session } = setUp({ session: { attemptTimeoutMs: 5_000 } });
    await join();
    server.silent = true;
    server.drop();
    await pass(6_000);
    server.silent = false;
    await pass(8_000);
    expect(session.state).toBe('connected');
    expect(server.network.open()).toHaveLength(1);
  });

  test.each(['publish', 'play'])('that %s gets no answer to is tried again', async (command) => {
    const { join, pass, server, session, states } = setUp();
    server.ownStreamMakesRoom = false;
    await join();
    server.ignores.add(command);
    server.drop();
    // An empty room is asked for again and again meanwhile.
    await pass(17_000);
    server.ignores.clear();
    expect(server.sockets).toHaveLength(3);
    await pass(17_000);
    expect(session.state).toBe('connected');
    expect(states().slice(0, 3)).toEqual(['connecting', 'connected', 'reconnecting']);
    expect(server.network.open()).toHaveLength(1);
  });

  test('follows when play gets no answer in the room for 15 s', async () => {
    const { join, pass, server, session } = setUp();
    const errors: Error[] = [];
    session.on('attemptFailed', ({ error }) => errors.push(error));
    server.ignores.add('play');
    await join();
    await pass(14_500);
    expect(session.state).toBe('connected');
    server.ignores.clear();
    await pass(3_000);
    expect(errors.map(({ message }) => message)).toEqual([
      'The backend (ant-media) did not answer "play" within 15 s.',
    ]);
    expect(session.state).toBe('connected');
    expect(server.sockets).toHaveLength(2);
  });

  test('does not follow while play waits for a token of an endpoint that is down', async () => {
    let up = true;
    const stage = setUp({
      adapter: { oneTimeTokens: true },
      session: {
        tokenSource: () => {
          if (!up) throw new Error('down');
          return `opaque-one-time-${stage.clock.monotonic()}-${Math.random()}`;
        },
      },
    });
    const { join, pass, server, states } = stage;
    server.ownStreamMakesRoom = false;
    await join();
    up = false;
    await pass(60_000);
    server.others.push('bob');
    up = true;
    await pass(60_000);
    expect(states()).toEqual(['connecting', 'connected']);
    expect(stage.session.participants).toEqual([{ id: 'bob' }]);
  });

  test('does not follow while a rejected play waits for another token', async () => {
    let up = false;
    const stage = setUp({
      session: {
        tokenSource: ({ reason }) => {
          if (!up && reason !== 'join') throw new Error('down');
          return `opaque-token-${stage.clock.monotonic()}-${Math.random()}`;
        },
      },
    });
    const { join, pass, server, states, session } = stage;
    server.others.push('bob');
    server.refuses = (_token, command) => command === 'play';
    await join();
    await pass(60_000);
    expect(server.commands('play')).toHaveLength(1);
    up = true;
    server.refuses = () => false;
    await pass(60_000);
    expect(states()).toEqual(['connecting', 'connected']);
    expect(session.participants).toEqual([{ id: 'bob' }]);
  });

  test('goes on while the server says that our stream is still there', async () => {
    const { join, pass, server, session } = setUp();
    await join();
    for (let time = 0; time < 3; time++)
      server.answers.push({ command: 'publish', definition: 'streamIdInUse' });
    server.drop();
    await pass(10_000);
    expect(session.state).toBe('connected');
    expect(server.network.open()).toHaveLength(1);
  });

  test.each(['attemptFailed', 'stateChanged'] as const)('ends when a listener of %s leaves', async (name) => {
    const { join, pass, server, session, open } = setUp();
    await join();
    session.on(name, () => session.leave());
    server.drop();
    await pass(10_000);
    expect(session.state).toBe('disconnected');
    expect(server.sockets).toHaveLength(1);
    expect(open()).toEqual([]);
  });

  test('twenty of them leave one socket, two peer connections and one AudioContext', async () => {
    const { join, pass, server, open, clock } = setUp();
    server.others.push('bob');
    await join();
    for (let round = 0; round < 20; round++) {
      server.drop();
      // Long enough for the pauses to start from the shortest again.
      await pass(6_000);
    }
    await pass(10_000);
    expect(open().filter((thing) => !/timer|listener/.test(thing))).toEqual([
      'a socket',
      'a peer connection',
      'a peer connection',
      'an AudioContext',
    ]);
    // The refresh and the pong that are due; the wake listeners of the refresher and of the reconnect loop.
    expect(clock.timerCount).toBe(2);
    expect(clock.wakeListenerCount).toBe(2);
  });
});
