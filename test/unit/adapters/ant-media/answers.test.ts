import { describe, expect, onTestFinished, test } from 'vitest';
import { type Stage, setUp } from './ant-media-stage.ts';
import { FakePeerConnection } from './fake-media.ts';

const failures = ({ session }: Stage): Error[] => {
  const errors: Error[] = [];
  session.on('attemptFailed', ({ error }) => errors.push(error));
  return errors;
};

describe('an error is judged by the command that it answers', () => {
  test('a server that does not know getIceServerConfig is joined', async () => {
    const stage = setUp();
    const { join, server, session, pass } = stage;
    const errors = failures(stage);
    server.knowsIceServerConfig = false;
    server.others.push('bob');
    await join();
    await pass(5_000);
    expect(server.commands('getIceServerConfig')).toHaveLength(1);
    expect(session.participants).toMatchObject([{ id: 'bob' }]);
    expect(errors).toEqual([]);
    expect(server.sockets).toHaveLength(1);
  });

  test.each(['noStreamNameSpecified', 'no_room_specified', 'unauthorized_access', 'invalidStreamName'])(
    '%s without a stream id in the room answers none of ours',
    async (definition) => {
      const { join, server, pass, states } = setUp();
      await join();
      await pass(1_000);
      server.fail(definition);
      await pass(3_000);
      expect(states()).toEqual(['connecting', 'connected']);
    },
  );

  test.each(['unauthorized_access', 'user_blocked', 'license_suspended_please_renew_license'])(
    '%s about a stream of ours that was let in answers a command of the app',
    async (definition) => {
      const { join, server, pass, states } = setUp();
      await join();
      await pass(1_000);
      server.fail(definition, { streamId: 'standup' });
      server.fail(definition, { streamId: 'ada' });
      await pass(3_000);
      expect(states()).toEqual(['connecting', 'connected']);
    },
  );

  test.each(['publish', 'play'] as const)(
    'a refusal of %s without a stream id gets one new token and one more try',
    async (command) => {
      const { join, server, session, pass, issued } = setUp();
      server.others.push('bob');
      server.answers.push({ command, definition: 'unauthorized_access', more: { streamId: undefined } });
      await join();
      await pass(3_000);
      expect(session.state).toBe('connected');
      expect(issued).toHaveLength(2);
      expect(server.sockets).toHaveLength(1);
    },
  );

  test('a publish that is refused without a stream id for ever ends the join as denied', async () => {
    const { session, server, pass, issued } = setUp();
    for (let time = 0; time < 3; time++) {
      server.answers.push({
        command: 'publish',
        definition: 'unauthorized_access',
        more: { streamId: undefined },
      });
    }
    server.ignores.add('play');
    const join = session.join('standup').catch((error) => error);
    await pass(3_000);
    expect(await join).toMatchObject({ code: 'connect_denied', vendorCode: 'unauthorized_access' });
    expect(issued).toHaveLength(2);
    expect(server.commands('publish')).toHaveLength(2);
  });
});

describe('a renegotiation that the browser refuses', () => {
  test('is a lost attempt, and the next one is in the room', async () => {
    const stage = setUp();
    const { join, server, session, pass, states, connections } = stage;
    const errors = failures(stage);
    server.others.push('bob');
    await join();
    await pass(1_000);
    const room = connections().room as FakePeerConnection;
    room.setRemoteDescription = async () => {
      throw new Error('Failed to execute setRemoteDescription: the order of m-lines');
    };
    server.join('eve');
    await pass(5_000);
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
    expect(errors).toMatchObject([{ vendorCode: 'notSetRemoteDescription' }]);
    expect(session.participants.map(({ id }) => id)).toEqual(['bob', 'eve']);
  });

  test('of our own stream in a join is tried again', async () => {
    const { session, pass, server } = setUp();
    const { setRemoteDescription } = FakePeerConnection.prototype;
    onTestFinished(() => {
      FakePeerConnection.prototype.setRemoteDescription = setRemoteDescription;
    });
    let refusals = 1;
    FakePeerConnection.prototype.setRemoteDescription = async function (description) {
      if (refusals-- > 0) throw new Error('Failed to execute setRemoteDescription: no codec');
      return setRemoteDescription.call(this, description);
    };
    server.ignores.add('play');
    server.published = 'publish_started';
    const join = session.join('standup');
    await pass(4_000);
    await join;
    expect(session.state).toBe('connected');
  });
});

describe('a server that cannot do rooms', () => {
  test.each([
    ['Community', {}, 'no_stream_exist'],
    ['a server without WebRTC playing', { information: 'webrtc_not_enabled' }, 'webrtc_not_enabled'],
  ])('is named by the third answer: %s', async (_what, noStream, word) => {
    const stage = setUp();
    const { join, server, pass } = stage;
    const errors = failures(stage);
    server.ownStreamMakesRoom = false;
    server.noStream = noStream;
    await join();
    await pass(7_000);
    expect(errors).toMatchObject([
      {
        code: 'connect_failed',
        vendorCode: 'no_stream_exist',
        message: expect.stringMatching(new RegExp(`${word}.*Community`)),
      },
    ]);
    expect(server.commands('play').length).toBeLessThanOrEqual(4);
    await pass(60_000);
    expect(errors).toHaveLength(1);
  });

  test('is not a room that has been played before and is empty now', async () => {
    const stage = setUp();
    const { join, server, pass } = stage;
    const errors = failures(stage);
    server.ownStreamMakesRoom = false;
    server.others.push('bob');
    await join();
    await pass(1_000);
    server.others.length = 0;
    server.notify('play_finished', { streamId: 'standup' });
    await pass(30_000);
    expect(errors).toEqual([]);
  });

  test('is not an empty room that one only listens to', async () => {
    const stage = setUp({ adapter: { listenOnly: true, localStream: undefined } });
    const { join, pass } = stage;
    const errors = failures(stage);
    await join();
    await pass(30_000);
    expect(errors).toEqual([]);
  });
});

describe('a server that is not ready for our stream yet', () => {
  test.each(['streamIdInUse', 'not_initialized_yet'])(
    '%s is tried again every 1 to 2 s, however often',
    async (definition) => {
      const { join, server, pass, session, clock } = setUp();
      await join();
      for (let time = 0; time < 6; time++) server.answers.push({ command: 'publish', definition });
      const before = server.commands('publish').length;
      server.drop();
      const times: number[] = [];
      let seen = before;
      for (let ms = 0; ms < 14_000; ms += 100) {
        await pass(100);
        if (server.commands('publish').length > seen) times.push(clock.monotonic());
        seen = server.commands('publish').length;
      }
      expect(session.state).toBe('connected');
      const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      expect(pauses).toHaveLength(6);
      for (const pause of pauses) {
        expect(pause).toBeGreaterThanOrEqual(900);
        expect(pause).toBeLessThanOrEqual(2_100);
      }
    },
  );
});
