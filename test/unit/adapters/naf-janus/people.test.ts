import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeClientId } from '../../../../src/adapters/naf-janus/client-id.ts';
import { settle } from '../../../../src/testing/index.ts';
import { outcome } from '../../session-stage.ts';
import { FakePeerConnection } from './fake-peer-connection.ts';
import { nothingIsLeft, type Stage, setUp, ways } from './naf-janus-stage.ts';

const heard = ({ session }: Stage) =>
  [...new Set(session.tracks.map(({ participantId }) => participantId))].sort();

describe.each(ways)('the others, %s', (_name, way) => {
  test('are told with their tracks as they come and go', async () => {
    const stage = setUp({ way });
    const { join, pass, server, session, people } = stage;
    const log: string[] = [];
    session.on('trackAdded', ({ participantId, track }) => log.push(`+ ${participantId} ${track.kind}`));
    session.on('trackRemoved', ({ participantId, track }) => log.push(`- ${participantId} ${track.kind}`));
    server.others.push('bob');
    await join();
    expect(session.participants).toEqual([{ id: 'bob' }]);
    expect(log).toEqual(['+ bob audio', '+ bob video']);
    server.join('cid');
    await pass(0);
    expect(people).toEqual(['bob joined', 'cid joined']);
    server.leave('bob');
    await pass(0);
    expect(people).toEqual(['bob joined', 'cid joined', 'bob left']);
    expect(log).toEqual([
      ...['+ bob audio', '+ bob video', '+ cid audio', '+ cid video', '- bob audio', '- bob video'],
    ]);
    expect(heard(stage)).toEqual(['cid']);
    expect(FakePeerConnection.open.size).toBe(2);
  });

  test('who come back lose the mark of those who left, with which networked-aframe drops what they send', async () => {
    const { join, pass, server, session } = setUp({ way });
    await join();
    server.join('bob');
    await pass(0);
    const page = globalThis as unknown as { NAF: { connection: { activeDataChannels?: object } } };
    const channels = { bob: true };
    page.NAF.connection.activeDataChannels = channels;
    server.leave('bob');
    await pass(0);
    channels.bob = false;
    let marked: boolean | undefined;
    session.on('participantJoined', ({ id }) => {
      marked = id in channels;
    });
    server.join('bob');
    await pass(0);
    expect(marked).toBe(false);
  });

  test('have a stream each, the same one over reconnects', async () => {
    const { join, pass, server, session } = setUp({ way });
    server.others.push('bob', 'cid');
    await join();
    const streams = () => new Map(session.tracks.map(({ participantId, stream }) => [participantId, stream]));
    const before = streams();
    expect(before.get('bob')).not.toBe(before.get('cid'));
    const removed: string[] = [];
    session.on('trackRemoved', ({ participantId }) => removed.push(participantId));
    server.drop();
    await pass(0);
    expect(removed.sort()).toEqual(['bob', 'bob', 'cid', 'cid']);
    expect(session.tracks).toEqual([]);
    await pass(2_000);
    expect(streams()).toEqual(before);
    for (const [id, stream] of before) {
      expect(streams().get(id)).toBe(stream);
      expect(stream.getTracks().map(({ readyState }) => readyState)).toEqual(['live', 'live']);
    }
  });

  test('who come while nobody is subscribed to yet are in the room without tracks', async () => {
    const { join, pass, server, session } = setUp({ way });
    server.kinds = [];
    await join();
    server.join('bob');
    await pass(0);
    expect(session.participants).toEqual([{ id: 'bob' }]);
    expect(session.tracks).toEqual([]);
  });

  test('are not ourselves', async () => {
    const { join, pass, server, session, vendor } = setUp({ way });
    await join();
    await vendor().setLocalMediaStream(new MediaStream());
    server.join(`${vendor().clientId}`);
    await pass(0);
    expect(session.tracks).toEqual([]);
  });

  test('are told with their identities, and each of one person’s devices by itself', async () => {
    const { join, pass, server, session } = setUp({ way });
    const [phone, desk] = [makeClientId('bob', 0.1), makeClientId('bob', 0.2)];
    server.others.push(phone);
    await join();
    server.join(desk);
    await pass(0);
    const bob = { identity: 'bob', name: 'bob' };
    expect(session.participants).toEqual([
      { id: phone, ...bob },
      { id: desk, ...bob },
    ]);
    expect(heard({ session } as Stage)).toEqual([phone, desk]);
    await session.kick(desk);
    expect(server.bodies('kick')).toMatchObject([{ user_id: desk }]);
  });

  test('thirty of them who come at once are all heard', async () => {
    const stage = setUp({ way });
    const { join, pass, server } = stage;
    await join();
    for (let guest = 0; guest < 30; guest++) server.join(`guest ${guest}`);
    await pass(6_000);
    expect(heard(stage)).toHaveLength(30);
    expect(server.subscribers()).toHaveLength(30);
    expect(server.joins.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
    await stage.session.leave();
    await nothingIsLeft(stage);
  });

  test('ten whom the vendor was still waiting for at a reconnect have one connection each', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.9);
    onTestFinished(() => random.mockRestore());
    const stage = setUp({ way });
    const { join, pass, server } = stage;
    for (let guest = 0; guest < 10; guest++) server.others.push(`guest ${guest}`);
    await join();
    await pass(1_000);
    expect(server.subscribers()).toEqual([]);
    server.drop();
    await pass(10_000);
    expect(heard(stage)).toHaveLength(10);
    expect(FakePeerConnection.open.size).toBe(11);
    await stage.session.leave();
    await nothingIsLeft(stage);
  });

  test('who leave while they are being subscribed to leave nothing', async () => {
    const stage = setUp({ way });
    const { join, pass, server, people, failures } = stage;
    await join();
    server.deaf.add('bob');
    for (let round = 0; round < 5; round++) {
      server.join('bob');
      await pass(1_700 * round);
      server.leave('bob');
      await pass(1_000);
    }
    await pass(20_000);
    expect(people).toHaveLength(10);
    expect(FakePeerConnection.open.size).toBe(1);
    expect(failures).toEqual([]);
  });

  test('who leave at any moment of being subscribed to are nobody’s failure', async () => {
    const { join, pass, server, failures } = setUp({ way });
    await join();
    for (let moment = 0; moment < 50; moment++) {
      server.join('bob');
      await settle(moment);
      server.leave('bob');
      await pass(1_100);
    }
    expect(failures).toEqual([]);
    expect(FakePeerConnection.open.size).toBe(1);
  });

  test('who come again in the same moment are heard', async () => {
    const stage = setUp({ way });
    const { join, pass, server } = stage;
    server.others.push('bob');
    await join();
    server.leave('bob');
    server.join('bob');
    await pass(2_000);
    expect(heard(stage)).toEqual(['bob']);
    expect(FakePeerConnection.open.size).toBe(2);
  });

  test('give their streams to the vendor’s own getMediaStream, too', async () => {
    const { join, server, vendor } = setUp({ way });
    server.others.push('bob');
    await join();
    const { getMediaStream } = vendor() as unknown as {
      getMediaStream(id: string, kind: string): Promise<MediaStream>;
    };
    const stream = await getMediaStream.call(vendor(), 'bob', 'audio');
    expect(stream.getTracks().map(({ id }) => id)).toEqual(['audio of bob']);
  });
});

describe.each(ways)('subscribe, %s', (_name, way) => {
  test('chooses whom to hear, anew with each one who comes or goes', async () => {
    const asked: (readonly string[])[] = [];
    const stage = setUp({
      way,
      adapter: {
        subscribe: (ids) => {
          asked.push(ids);
          return ids.slice(0, 2);
        },
      },
    });
    const { join, pass, server, session } = stage;
    server.others.push('bob', 'cid', 'dora');
    await join();
    expect(heard(stage)).toEqual(['bob', 'cid']);
    expect(session.participants).toHaveLength(3);
    expect(asked.at(-1)).toEqual(['bob', 'cid', 'dora']);
    server.leave('bob');
    await pass(0);
    expect(heard(stage)).toEqual(['cid', 'dora']);
    server.join('eve');
    await pass(0);
    expect(heard(stage)).toEqual(['cid', 'dora']);
    expect(server.subscribers('eve')).toEqual([]);
    server.drop();
    await pass(2_000);
    expect(heard(stage)).toEqual(['cid', 'dora']);
    expect(FakePeerConnection.open.size).toBe(3);
  });

  test('may choose nobody', async () => {
    const stage = setUp({ way, adapter: { subscribe: () => [] } });
    stage.server.others.push('bob');
    await stage.join();
    expect(stage.session.participants).toEqual([{ id: 'bob' }]);
    expect(stage.server.subscribers()).toEqual([]);
  });

  test('may stop hearing somebody who stays', async () => {
    let chosen: string[] = ['bob', 'cid'];
    const stage = setUp({ way, adapter: { subscribe: () => chosen } });
    const { join, pass, server, session, people } = stage;
    server.others.push('bob', 'cid');
    await join();
    chosen = ['cid'];
    server.join('dora');
    await pass(0);
    expect(heard(stage)).toEqual(['cid']);
    expect(session.participants).toHaveLength(3);
    expect(people).toHaveLength(3);
    chosen = ['bob', 'cid'];
    server.leave('dora');
    await pass(0);
    expect(heard(stage)).toEqual(['bob', 'cid']);
  });

  test('left out, the app chooses with the vendor’s own syncOccupants', async () => {
    const stage = setUp({ way });
    const { join, pass, server, vendor } = stage;
    server.others.push('bob', 'cid');
    await join();
    vendor().syncOccupants(['cid']);
    await pass(0);
    expect(heard(stage)).toEqual(['cid']);
    server.drop();
    await pass(2_000);
    expect(heard(stage)).toEqual(['cid']);
    vendor().syncOccupants(['bob', 'cid']);
    await pass(0);
    expect(heard(stage)).toEqual(['bob', 'cid']);
  });

  test('left out, the page’s own choice in adapter-ready stays', async () => {
    const stage = setUp({
      way,
      onReady: (vendor) => {
        vendor.requestedOccupants = ['cid'];
      },
    });
    stage.server.others.push('bob', 'cid');
    await stage.join();
    expect(heard(stage)).toEqual(['cid']);
  });
});

describe.each(ways)('kick and block, %s', (_name, way) => {
  test('kick sends the token that is valid then', async () => {
    const { join, pass, server, session, issued } = setUp({ way });
    server.others.push('bob');
    await join();
    await pass(60_000);
    await session.kick('bob');
    expect(server.bodies('kick')).toEqual([
      { kind: 'kick', room_id: 'standup', user_id: 'bob', token: issued.at(-1) },
    ]);
    expect(issued.length).toBeGreaterThan(3);
  });

  test.each([false, undefined, 'true'])(
    'kick says so where the claim kick_users is %s',
    async (kick_users) => {
      const { join, server, session } = setUp({ way, claims: { kick_users } });
      await join();
      await expect(session.kick('bob')).rejects.toMatchObject({
        code: 'token_mismatch',
        claim: 'kick_users',
      });
      expect(server.bodies('kick')).toEqual([]);
      expect(session.state).toBe('connected');
    },
  );

  test('kick says that the connection was lost while it waited for a token', async () => {
    let up = true;
    const { join, pass, server, session } = setUp({
      way,
      details: () => {
        if (!up) throw new Error('down');
        return {};
      },
    });
    await join();
    up = false;
    await pass(20_000);
    const kick = outcome(session.kick('bob'));
    await pass(1_000);
    expect(kick.done).toBe(false);
    server.up = false;
    server.drop();
    up = true;
    await pass(10_000);
    expect(kick.error).toMatchObject({ code: 'invalid_state' });
    expect(server.bodies('kick')).toEqual([]);
  });

  test('block and unblock go to the server', async () => {
    const { join, server, adapter } = setUp({ way });
    await join();
    await adapter.block('bob');
    await adapter.unblock('bob');
    expect([...server.bodies('block'), ...server.bodies('unblock')]).toEqual([
      { kind: 'block', whom: 'bob' },
      { kind: 'unblock', whom: 'bob' },
    ]);
  });

  test('need a connection: not before joining, not while reconnecting, not after leaving', async () => {
    const { join, startJoin, pass, server, session, adapter } = setUp({ way });
    const refused = async () => {
      const calls = [session.kick('bob'), adapter.block('bob'), adapter.unblock('bob')];
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'invalid_state' });
    };
    await refused();
    server.silent = true;
    startJoin().catch(() => {});
    await pass(1_000);
    await refused();
    await session.leave();
    server.silent = false;
    await join();
    server.drop();
    await pass(0);
    await refused();
    await session.leave();
    await refused();
  });

  const requests: [name: string, send: (stage: Stage) => Promise<void>][] = [
    ['kick', ({ session }) => session.kick('bob')],
    ['block', ({ adapter }) => adapter.block('bob')],
    ['unblock', ({ adapter }) => adapter.unblock('bob')],
  ];

  test.each(requests)('%s rejects with an error of ours where the server fails', async (name, send) => {
    const stage = setUp({ way });
    await stage.join();
    stage.server.fails.add(name);
    await expect(send(stage)).rejects.toMatchObject({ code: 'connect_failed', vendorCode: 'Unknown error' });
    expect(stage.session.state).toBe('connected');
  });

  test.each(requests)('%s says that the server refused', async (name, send) => {
    const stage = setUp({ way });
    await stage.join();
    stage.server.rejects.add(name);
    const kicked: unknown[] = [];
    const onKicked = (event: Event) => kicked.push(event.type);
    for (const type of ['kicked', 'blocked', 'unblocked'])
      document.body.addEventListener(type, onKicked, { once: true });
    await expect(send(stage)).rejects.toMatchObject({
      code: 'connect_failed',
      vendorCode: 'Cannot do that.',
    });
    expect(kicked).toEqual([]);
    stage.server.rejects.clear();
    await send(stage);
    expect(kicked).toHaveLength(1);
  });

  test.each(requests)('%s rejects with an error of ours where the vendor throws', async (name, send) => {
    const stage = setUp({ way });
    await stage.join();
    const cause = new TypeError('No channel.');
    Object.assign(stage.vendor(), {
      [name]: () => {
        throw cause;
      },
    });
    await expect(send(stage)).rejects.toMatchObject({ code: 'connect_failed', cause });
  });

  test.each(requests)(
    '%s rejects with an error of ours where the server does not answer',
    async (name, send) => {
      const stage = setUp({ way });
      await stage.join();
      stage.server.ignores.add(name);
      const call = outcome(send(stage));
      await stage.pass(45_000);
      // 4.3.0 reconnects then.
      const code = stage.states().includes('reconnecting') ? 'invalid_state' : 'connect_failed';
      expect(call.error).toMatchObject({ name: 'RoomSessionError', code });
    },
  );

  test.each(requests)('%s says that we left while it waited for the answer', async (name, send) => {
    const stage = setUp({ way });
    await stage.join();
    stage.server.ignores.add(name);
    const call = outcome(send(stage));
    await stage.pass(1_000);
    await stage.session.leave();
    await stage.pass(0);
    expect(call.error).toMatchObject({ code: 'invalid_state' });
  });

  test('being kicked ends the session as removed, once, and for good', async () => {
    const stage = setUp({ way });
    const { join, pass, server, changes } = stage;
    server.others.push('bob');
    await join();
    await pass(1_000);
    server.kickOut();
    await pass(0);
    expect(changes.slice(2)).toMatchObject([{ state: 'disconnected', reason: 'removed' }]);
    await pass(60_000);
    expect(server.sockets).toHaveLength(1);
    await nothingIsLeft(stage);
  });

  test.each([[['bob']], [['bob', 'cid']]])(
    'that the server hung up the media of %j is healed alone, with the avatars kept',
    async (ids) => {
      const stage = setUp({ way });
      const { join, pass, server, session, states, people, failures, of } = stage;
      server.others.push('bob', 'cid');
      await join();
      const { stream } = session.tracks.find(({ participantId }) => participantId === 'bob') ?? {};
      const handles = server.handles;
      const gone: unknown[] = [];
      const onGone = (event: Event) => gone.push(event.type);
      document.body.addEventListener('clientDisconnected', onGone);
      onTestFinished(() => document.body.removeEventListener('clientDisconnected', onGone));
      for (const id of ids) {
        of(id).become('disconnected');
        server.hangUp(id);
      }
      await pass(1_000);
      expect(heard(stage)).toEqual(['bob', 'cid']);
      expect(session.tracks.find(({ participantId }) => participantId === 'bob')?.stream).toBe(stream);
      expect(server.subscribers()).toHaveLength(2 + ids.length);
      await pass(10_000);
      expect(states()).toEqual(['connecting', 'connected']);
      expect([people.length, failures, gone]).toEqual([2, [], []]);
      expect(server.handles).toBe(handles);
      expect(FakePeerConnection.open.size).toBe(3);
    },
  );

  test('that the server hung up somebody’s media who leaves then is no reason to ask again', async () => {
    const { join, pass, server, failures } = setUp({ way });
    server.others.push('bob');
    await join();
    server.hangUp('bob');
    await pass(100);
    server.leave('bob');
    await pass(30_000);
    expect(server.subscribers()).toHaveLength(1);
    expect(failures).toEqual([]);
    expect(server.handles).toBe(1);
  });

  test('that somebody leaves while their media are asked for again leaves nothing', async () => {
    const stage = setUp({ way });
    const { join, pass, server, session } = stage;
    server.others.push('bob');
    await join();
    server.deaf.add('bob');
    server.hangUp('bob');
    await pass(1_000);
    server.leave('bob');
    server.join('bob');
    server.deaf.clear();
    await pass(30_000);
    expect(heard(stage)).toEqual(['bob']);
    expect(server.handles).toBe(2);
    expect(FakePeerConnection.open.size).toBe(2);
    await session.leave();
    await nothingIsLeft(stage);
  });

  test('that the connection for somebody else’s media was hung up and detached is no end of ours', async () => {
    const { join, pass, server, states } = setUp({ way });
    server.others.push('bob');
    await join();
    server.hangUp('bob');
    server.detach('bob');
    await pass(5_000);
    expect(states()).toEqual(['connecting', 'connected']);
  });
});

test('a guest’s kick, which the server takes no token for, says what it needs', async () => {
  const { join, server, session } = setUp({ session: { tokenSource: undefined } });
  server.opened = true;
  await join();
  await expect(session.kick('bob')).rejects.toMatchObject({
    code: 'connect_failed',
    message: expect.stringContaining('kick_users'),
    vendorCode: expect.stringContaining('OptionalField'),
  });
  expect(server.bodies('kick')).toMatchObject([{ user_id: 'bob' }]);
});
