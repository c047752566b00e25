import { describe, expect, test } from 'vitest';
import { collectReports, outcome } from '../../session-stage.ts';
import type { FakeFrame } from './fake-meet.ts';
import { setUp } from './jitsi-stage.ts';

type Stage = ReturnType<typeof setUp>;

describe('the end of a call', () => {
  test.each<[string, (stage: Stage) => void, string, object?]>([
    [
      'a kick',
      ({ server: { frame } }) => {
        frame.say('participantKickedOut', {
          kicked: { id: frame.id, name: 'Ada', local: true },
          kicker: { id: 'bob' },
        });
        frame.hangUp();
      },
      'removed',
    ],
    [
      'a destroyed meeting',
      ({ server: { frame } }) => {
        frame.fail('conference.destroyed', { params: ['The host ended it.'] });
        frame.hangUp();
      },
      'ended',
      { vendorCode: 'conference.destroyed', message: expect.stringContaining('The host ended it.') },
    ],
    [
      'a hangup inside the frame',
      ({ server: { frame } }) => frame.hangUp(),
      'ended',
      { vendorCode: 'readyToClose' },
    ],
    [
      'a server of another version',
      ({ server: { frame } }) => frame.fail('conference.incompatible_server_versions'),
      'ended',
    ],
  ])('by %s is said once, and leaves nothing', async (_what, happen, reason, error = {}) => {
    const stage = setUp();
    const { join, pass, states, changes, open } = stage;
    await join();
    happen(stage);
    await pass(5_000);
    expect(states()).toEqual(['connecting', 'connected', `disconnected(${reason})`]);
    expect(changes.at(-1)?.error).toMatchObject(error);
    expect(open()).toEqual([]);
    await pass(120_000);
    expect(stage.server.frames).toHaveLength(1);
  });

  test('is not another’s kick', async () => {
    const { join, server, states } = setUp();
    await join();
    server.frame.say('participantKickedOut', { kicked: { id: 'eve', local: false }, kicker: { id: 'bob' } });
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test('is not a breakout room and the way back, and the participants are those in the same room', async () => {
    const { join, server, pass, states, participantEvents, session } = setUp();
    server.join('bob');
    await join();
    server.join('eve');
    const { frame } = server;
    frame.say('videoConferenceLeft', { roomName: 'standup' });
    server.others.delete('bob');
    frame.enter({ breakoutRoom: true, roomName: 'a-breakout-id' });
    await pass(3_000);
    expect(session.participants.map(({ id }) => id)).toEqual(['eve']);
    frame.say('videoConferenceLeft', { roomName: 'a-breakout-id' });
    server.others.set('bob', 'Bob');
    frame.enter();
    await pass(3_000);
    expect(states()).toEqual(['connecting', 'connected']);
    expect(participantEvents).toEqual(['bob joined', 'eve joined', 'bob left', 'bob joined']);
  });
});

describe('participants', () => {
  test('have ids and names, and leave once though the page says it twice', async () => {
    const { join, server, session, participantEvents } = setUp();
    server.join('bob', 'Bob');
    await join();
    server.frame.say('participantJoined', { id: 'eve', formattedDisplayName: 'Fellow Jitster' });
    expect(session.participants).toEqual([
      { id: 'bob', name: 'Bob' },
      { id: 'eve', name: 'Fellow Jitster' },
    ]);
    server.leave('bob');
    server.frame.say('participantLeft', { id: 'bob' });
    expect(participantEvents).toEqual(['bob joined', 'eve joined', 'bob left']);
  });

  test('stay over a re-creation, but for those who left meanwhile', async () => {
    const { join, server, pass, participantEvents } = setUp();
    server.join('bob');
    server.join('eve');
    await join();
    server.frame.fail('conference.iceFailed', { isFatal: true });
    server.others.delete('bob');
    server.others.set('sam', 'Sam');
    await pass(5_000);
    expect(participantEvents).toEqual(['bob joined', 'eve joined', 'sam joined', 'bob left']);
  });
});

describe('participants who are named again', () => {
  test.each<[string, (frame: FakeFrame) => void]>([
    ['its page loads again', (frame) => frame.load()],
    ['it goes to a breakout room', (frame) => frame.say('videoConferenceLeft', { roomName: 'standup' })],
  ])('do not leave where, 1 s after the join, %s', async (_what, happen) => {
    const { join, server, pass, participantEvents } = setUp({ lifeS: 3_600 });
    server.join('bob');
    await join();
    server.login = () => 'silent';
    happen(server.frame);
    await pass(5_000);
    server.frame.enter();
    await pass(5_000);
    expect(participantEvents).toEqual(['bob joined']);
  });
});

describe('leaving', () => {
  test('hangs up, waits until the page has left, and takes the frame away', async () => {
    const { join, server, session, pass, open } = setUp();
    await join();
    const left = outcome(session.leave());
    expect(server.open).toHaveLength(1);
    expect(session.state).toBe('disconnected');
    await pass(0);
    expect(left).toEqual({ done: true });
    expect(server.frame.commands).toEqual([['hangup']]);
    expect(open()).toEqual([]);
  });

  test('waits 3 s at most', async () => {
    const { join, server, session, pass, open } = setUp();
    await join();
    server.leaves = false;
    const left = outcome(session.leave());
    await pass(2_999);
    expect(left.done).toBe(false);
    await pass(1);
    expect(left.done).toBe(true);
    expect(open()).toEqual([]);
  });

  test('twice, also at the same time, is leaving once', async () => {
    const { join, server, session, pass, open } = setUp();
    await join();
    const both = Promise.all([session.leave(), session.leave(), session.leave()]);
    await pass(0);
    await both;
    await session.leave();
    expect(server.frame.commands).toEqual([['hangup']]);
    expect(open()).toEqual([]);
  });

  test('before the page is in the room takes the frame away at once', async () => {
    const { session, server, pass, open } = setUp();
    server.login = () => 'silent';
    const join = outcome(session.join('standup'));
    await pass(1_000);
    await session.leave();
    await pass(0);
    expect(join.error).toMatchObject({ name: 'AbortError' });
    expect(server.frame.commands).toEqual([]);
    expect(open()).toEqual([]);
  });

  test('while the lost frame is asked for its devices hangs up too', async () => {
    const { join, server, session, pass, open } = setUp();
    await join();
    server.answers = false;
    server.frame.fail('conference.iceFailed', { isFatal: true });
    await pass(500);
    const left = session.leave();
    await pass(0);
    await left;
    expect(server.frame.commands).toEqual([['hangup']]);
    expect(server.frames).toHaveLength(1);
    expect(open()).toEqual([]);
  });

  test('takes the frame away though the page takes no command any more', async () => {
    const { join, server, session, pass, open } = setUp();
    await join();
    server.frame.executeCommand = () => {
      throw new Error('The page is gone.');
    };
    const left = session.leave();
    await pass(0);
    await left;
    expect(open()).toEqual([]);
  });

  test('resolves, and reports the error, where the vendor cannot dispose of the frame', async () => {
    const reports = collectReports();
    const { join, server, session, pass } = setUp();
    await join();
    const oops = new Error('Oops.');
    server.frame.dispose = () => {
      throw oops;
    };
    const left = session.leave();
    await pass(0);
    await left;
    expect(reports).toEqual([oops]);
    expect(session.state).toBe('disconnected');
  });

  test('50 times leaves no frame, listener or timer', async () => {
    const { join, session, server, pass, open } = setUp();
    for (let count = 0; count < 50; count++) {
      await join();
      const left = session.leave();
      await pass(0);
      await left;
    }
    expect(server.frames).toHaveLength(50);
    expect(open()).toEqual([]);
  });
});

test('two sessions on one page do not hear each other', async () => {
  const [one, two] = [setUp(), setUp()];
  await one.join();
  await two.join();
  one.server.join('bob');
  one.server.frame.hangUp();
  await one.pass(0);
  expect(one.states().at(-1)).toBe('disconnected(ended)');
  expect(two.states()).toEqual(['connecting', 'connected']);
  expect(two.participantEvents).toEqual([]);
});
