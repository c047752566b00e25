import { describe, expect, test } from 'vitest';
import { readMessage } from '../../../../src/adapters/ant-media/room-messages.ts';
import { setUp } from './ant-media-stage.ts';
import type { FakeAms } from './fake-ams.ts';

const assignment = (...slots: [label: string, participantId: string][]) => ({
  eventType: 'VIDEO_TRACK_ASSIGNMENT_LIST',
  streamId: 'standup',
  payload: slots.map(([videoLabel, trackId]) => ({ videoLabel, trackId, reserved: false })),
});

describe('the others', () => {
  test('have a stream of their own each, with their tracks', async () => {
    const { join, server, session, pass } = setUp();
    await join();
    server.join('bob');
    server.join('eve');
    await pass(1_000);
    const tracks = session.tracks.map(({ participantId, track }) => `${participantId} ${track.kind}`);
    expect(tracks.sort()).toEqual(['bob audio', 'bob video', 'eve audio', 'eve video']);
    const streams = new Set(
      session.tracks.map(({ participantId, stream }) => [participantId, stream].join()),
    );
    expect(streams.size).toBeLessThanOrEqual(2);
    for (const { track, stream } of session.tracks) expect(stream.getTracks()).toContain(track);
    const [bob, eve] = ['bob', 'eve'].map((id) =>
      session.tracks.find(({ participantId }) => participantId === id),
    );
    expect(bob?.stream).not.toBe(eve?.stream);
  });

  test('go when they leave', async () => {
    const { join, server, session, pass, people } = setUp();
    await join();
    server.join('bob');
    server.join('eve');
    await pass(1_000);
    server.leave('bob');
    await pass(1_000);
    expect(session.participants).toEqual([{ id: 'eve' }]);
    expect(session.tracks.every(({ participantId }) => participantId === 'eve')).toBe(true);
    expect(people).toEqual(['bob joined', 'eve joined', 'bob left']);
  });

  test.each([true, false])(
    'go when their tracks do, where the server does not say that they left (%j)',
    async (answers) => {
      const { join, server, session, pass, connections } = setUp();
      server.answersQuestions = answers;
      server.others.push('bob');
      await join();
      await pass(1_000);
      server.others.length = 0;
      await connections().room?.setRemoteDescription({ type: 'offer', sdp: '[]' });
      await pass(answers ? 2_000 : 0);
      expect(session.participants).toEqual([]);
      expect(session.tracks).toEqual([]);
    },
  );

  test('are there without a track, where the room’s list has them', async () => {
    const { join, server, session, pass, connections, people } = setUp();
    server.others.push('bob');
    await join();
    await pass(1_000);
    await connections().room?.setRemoteDescription({ type: 'offer', sdp: '[]' });
    await pass(2_000);
    expect(session.tracks).toEqual([]);
    expect(session.participants).toEqual([{ id: 'bob' }]);
    expect(people).toEqual(['bob joined']);
  });

  test('keep a track that came in the place of another when that ends', async () => {
    const { join, server, session, pass } = setUp();
    server.others.push('bob');
    await join();
    await pass(1_000);
    const offer = (...mids: string[]) =>
      server.network.open()[0]?.deliver({
        command: 'takeConfiguration',
        streamId: 'standup',
        type: 'offer',
        sdp: JSON.stringify(mids.map((mid) => ({ mid, kind: 'video', id: 'ARDAMSvbob' }))),
        idMapping: Object.fromEntries(mids.map((mid) => [mid, 'ARDAMSvbob'])),
      });
    const videos = () =>
      session.tracks.filter(({ track }) => track.kind === 'video').map(({ track }) => track);
    const before = videos();
    offer('v-bob', 'another');
    await pass(0);
    const after = videos();
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
    offer('another');
    await pass(0);
    expect(videos()).toEqual(after);
    expect(session.participants).toEqual([{ id: 'bob' }]);
    const { stream } = session.tracks[0] ?? {};
    server.notify('subtrackRemoved', { streamId: 'standup', trackId: 'bob' });
    await pass(0);
    expect(stream?.getTracks()).toEqual([]);
  });

  test('do not hold ourselves', async () => {
    const { join, server, session, pass } = setUp();
    await join();
    server.join('ada');
    server.join('bob');
    await pass(1_000);
    expect(session.participants).toEqual([{ id: 'bob' }]);
  });

  test('keep their stream over a reconnect, and who left meanwhile is gone', async () => {
    const { join, server, session, pass, people } = setUp();
    server.others.push('bob', 'eve');
    await join();
    await pass(1_000);
    const streamOf = (id: string) => session.tracks.find(({ participantId }) => participantId === id)?.stream;
    const before = streamOf('bob');
    const tracksBefore = before?.getTracks();
    server.others.pop();
    server.drop();
    await pass(0);
    expect(session.tracks).toEqual([]);
    await pass(3_000);
    expect(session.participants).toEqual([{ id: 'bob' }]);
    expect(streamOf('bob')).toBe(before);
    expect(before?.getTracks()).toHaveLength(2);
    for (const track of tracksBefore ?? []) expect(before?.getTracks()).not.toContain(track);
    expect(people).toEqual(['bob joined', 'eve joined', 'eve left']);
  });

  test('are all gone when nobody is left after a reconnect', async () => {
    const { join, server, session, pass } = setUp();
    server.ownStreamMakesRoom = false;
    server.others.push('bob');
    await join();
    await pass(1_000);
    server.others.length = 0;
    server.drop();
    await pass(3_000);
    expect(session.state).toBe('connected');
    expect(session.participants).toEqual([]);
  });
});

describe('slots', () => {
  const inSlots = async (others: readonly string[], prepare: (server: FakeAms) => void = () => {}) => {
    const stage = setUp();
    const errors: Error[] = [];
    stage.session.on('attemptFailed', ({ error }) => errors.push(error));
    const events: string[] = [];
    stage.session.on('trackAdded', ({ participantId, track }) =>
      events.push(`+${participantId} ${track.id}`),
    );
    stage.session.on('trackRemoved', ({ participantId, track }) =>
      events.push(`-${participantId} ${track.id}`),
    );
    stage.server.slots = true;
    stage.server.others.push(...others);
    prepare(stage.server);
    await stage.join();
    const send = stage.connections().room?.openChannel() ?? (() => {});
    const shown = () =>
      stage.session.tracks.map(({ participantId, track }) => `${participantId} ${track.id.slice(7)}`).sort();
    const ids = () => stage.session.participants.map(({ id }) => id);
    return { ...stage, errors, events, send, shown, ids };
  };
  const audio = (...slots: [label: string, participantId: string][]) => ({
    eventType: 'AUDIO_TRACK_ASSIGNMENT',
    streamId: 'standup',
    payload: slots.map(([audioLabel, trackId]) => ({ audioLabel, trackId, audioLevel: 3 })),
  });

  test('are heard at once, whoever is in them, in one stream that has the room’s name', async () => {
    const { shown, session } = await inSlots(['bob', 'eve']);
    expect(shown()).toEqual(['standup audioTrack0', 'standup audioTrack1']);
    expect(new Set(session.tracks.map(({ stream }) => stream)).size).toBe(1);
    expect(session.tracks[0]?.stream.getTracks()).toHaveLength(2);
    expect(session.participants.map(({ id }) => id)).toEqual(['bob', 'eve']);
  });

  test('show who is in them, as the server’s data channel says', async () => {
    const { send, shown, people } = await inSlots(['bob', 'eve']);
    send(assignment(['videoTrack0', 'bob'], ['videoTrack1', 'eve']));
    send(audio(['audioTrack0', 'bob'], ['audioTrack1', 'eve']));
    expect(shown()).toEqual(['bob audioTrack0', 'bob videoTrack0', 'eve audioTrack1', 'eve videoTrack1']);
    send(assignment(['videoTrack0', 'eve'], ['videoTrack1', 'bob']));
    expect(shown()).toEqual(['bob audioTrack0', 'bob videoTrack1', 'eve audioTrack1', 'eve videoTrack0']);
    send(assignment(['videoTrack0', ''], ['videoTrack1', 'bob']));
    expect(shown()).toEqual(['bob audioTrack0', 'bob videoTrack1', 'eve audioTrack1']);
    expect(people).toEqual(['bob joined', 'eve joined']);
  });

  test('show who is in them also when the list comes before the track', async () => {
    const { send, server, pass, shown } = await inSlots(['bob']);
    send(assignment(['videoTrack0', 'bob'], ['videoTrack1', 'eve']));
    server.join('eve');
    await pass(0);
    expect(shown()).toContain('eve videoTrack1');
  });

  test('show somebody again who left and came back into the same one', async () => {
    const { send, server, pass, shown } = await inSlots(['bob']);
    send(assignment(['videoTrack0', 'bob']));
    server.notify('subtrackRemoved', { streamId: 'standup', trackId: 'bob' });
    await pass(0);
    expect(shown()).toEqual(['standup audioTrack0']);
    server.notify('subtrackAdded', { streamId: 'standup', trackId: 'bob' });
    await pass(0);
    send(assignment(['videoTrack0', 'bob']));
    expect(shown()).toContain('bob videoTrack0');
  });

  test('show who is in them where the pushed list is lost, or comes only when asked for', async () => {
    const { server, pass, send, shown, errors } = await inSlots(['bob', 'eve'], (server) => {
      server.assignments = { videoTrack0: 'bob', videoTrack1: 'eve' };
    });
    // The list was sent before our data channel was open.
    expect(server.commands('getVideoTrackAssignmentsCommand').length).toBeGreaterThan(0);
    server.channel = send;
    await pass(3_500);
    expect(shown()).toEqual([
      'bob videoTrack0',
      'eve videoTrack1',
      'standup audioTrack0',
      'standup audioTrack1',
    ]);
    const asked = server.commands('getVideoTrackAssignmentsCommand').length;
    await pass(20_000);
    expect(server.commands('getVideoTrackAssignmentsCommand')).toHaveLength(asked);
    expect(errors).toEqual([]);
  });

  test('are asked about every 3 s, and a server that never tells is reported once', async () => {
    const { server, pass, errors, session } = await inSlots(['bob']);
    const asked = server.commands('getVideoTrackAssignmentsCommand').length;
    await pass(9_100);
    expect(server.commands('getVideoTrackAssignmentsCommand')).toHaveLength(asked + 3);
    expect(errors).toEqual([]);
    await pass(60_000);
    expect(errors).toMatchObject([
      { code: 'connect_failed', message: expect.stringContaining('has not told whose') },
    ]);
    expect(session.state).toBe('connected');
  });

  test('that are fewer than people leave all of them participants, with names', async () => {
    const others = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    const { session, send, ids, pass, errors } = await inSlots(others, (server) => {
      server.slotLimits = { video: 2, audio: 3 };
      for (const id of others) server.names[id] = `Name of ${id}`;
    });
    send(assignment(['videoTrack0', 'c'], ['videoTrack1', 'b']));
    await pass(30_000);
    expect(ids()).toEqual(others);
    expect(session.participants).toContainEqual({ id: 'h', name: 'Name of h' });
    expect(errors).toEqual([]);
  });

  test('of sound that change hands 25 times a second are the room’s, in one stream, without events', async () => {
    const others = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    const { send, events, shown, pass, server } = await inSlots(others, (server) => {
      server.slotLimits = { video: 0, audio: 3 };
    });
    for (let turn = 0; turn < 250; turn++) {
      const at = (slot: number) => others[(turn + slot) % others.length] ?? '';
      send(audio(['audioTrack0', at(0)], ['audioTrack1', at(3)], ['audioTrack2', at(5)]));
      await pass(40);
    }
    expect(shown()).toEqual(['standup audioTrack0', 'standup audioTrack1', 'standup audioTrack2']);
    expect(events.length).toBeLessThanOrEqual(3 * 5);
    expect(server.commands('getSubtracks').length).toBeLessThan(5);
  });

  test.each(['getBroadcastObject'])(
    'of who left are free when %s says so, on servers before 2.14',
    async () => {
      const { server, send, pass, ids, shown, people } = await inSlots(['bob', 'eve'], (server) => {
        server.tellsOfSubtracks = false;
      });
      send(assignment(['videoTrack0', 'bob'], ['videoTrack1', 'eve']));
      await pass(2_000);
      server.others.pop();
      send({ eventType: 'TRACK_LIST_UPDATED', streamId: 'standup' });
      await pass(2_000);
      expect(ids()).toEqual(['bob']);
      expect(shown()).toEqual(['bob videoTrack0', 'standup audioTrack0', 'standup audioTrack1']);
      expect(people).toEqual(['bob joined', 'eve joined', 'eve left']);
    },
  );

  test('that become empty let who was in them leave only where the room’s list says so', async () => {
    const { server, send, pass, ids } = await inSlots(['bob', 'eve']);
    send(assignment(['videoTrack0', 'bob'], ['videoTrack1', 'eve']));
    await pass(2_000);
    send(assignment(['videoTrack0', 'bob'], ['videoTrack1', '']));
    await pass(2_000);
    expect(ids()).toEqual(['bob', 'eve']);
    server.others.pop();
    send(assignment(['videoTrack0', ''], ['videoTrack1', '']));
    await pass(2_000);
    expect(ids()).toEqual(['bob']);
  });

  test('keep the participants and their streams over a reconnect', async () => {
    const { server, send, pass, people, session, connections } = await inSlots(['bob', 'eve']);
    send(assignment(['videoTrack0', 'bob'], ['videoTrack1', 'eve']));
    const { stream } = session.tracks[0] ?? {};
    server.drop();
    await pass(15_000);
    connections().room?.openChannel()(assignment(['videoTrack0', 'bob']));
    expect(people).toEqual(['bob joined', 'eve joined']);
    expect(session.tracks[0]?.stream).toBe(stream);
  });

  test('let those leave who left during a reconnect', async () => {
    const { server, pass, people, ids } = await inSlots(['bob', 'eve']);
    server.others.pop();
    server.drop();
    await pass(5_000);
    expect(ids()).toEqual(['bob']);
    expect(people).toEqual(['bob joined', 'eve joined', 'eve left']);
  });

  test.each([
    [
      'a list inside a chat message',
      { eventType: 'CHAT_MESSAGE', message: 'VIDEO_TRACK_ASSIGNMENT_LIST' },
      {},
    ],
    ['a list of another room', {}, { streamId: 'another-room' }],
    ['labels that are no slots', {}, { payload: [{ videoLabel: 'bob', trackId: 'eve' }] }],
    [
      'people whom the server has not named',
      {},
      { payload: [{ videoLabel: 'videoTrack1', trackId: 'mallory' }] },
    ],
    ['ourselves', {}, { payload: [{ videoLabel: 'videoTrack1', trackId: 'ada' }] }],
    ['numbers', {}, { payload: [{ videoLabel: 0, trackId: 7 }] }],
  ])('are not moved by a participant’s message with %s', async (_what, type, more) => {
    const { send, shown, ids, pass } = await inSlots(['bob', 'eve']);
    send(assignment(['videoTrack0', 'bob'], ['videoTrack1', 'eve']));
    send(audio(['audioTrack0', 'bob']));
    await pass(2_000);
    const before = [shown(), ids()];
    send({ ...assignment(['videoTrack0', 'eve'], ['videoTrack1', 'bob']), ...type, ...more });
    await pass(2_000);
    send({ ...audio(['audioTrack0', 'ada'], ['audioTrack0', 'mallory'], ['bob', 'eve']), ...type });
    await pass(5_000);
    expect([shown(), ids()]).toEqual(before);
  });

  test('are moved back where a participant’s message is exactly like the server’s', async () => {
    const { server, send, shown, pass } = await inSlots(['bob', 'eve'], (server) => {
      server.assignments = { videoTrack0: 'bob', videoTrack1: 'eve' };
    });
    server.channel = send;
    server.listSlots();
    await pass(2_000);
    const before = shown();
    expect(before).toContain('bob videoTrack0');
    const forged = assignment(['videoTrack0', 'eve'], ['videoTrack1', 'bob']);
    const asked = server.commands('getVideoTrackAssignmentsCommand').length;
    send(forged);
    await pass(0);
    expect(shown()).toEqual(before);
    send(forged);
    send(forged);
    await pass(1_000);
    expect(shown()).toEqual(before);
    expect(server.commands('getVideoTrackAssignmentsCommand').length - asked).toBeLessThanOrEqual(6);
  });

  test.each([
    'hello',
    '"VIDEO_TRACK_ASSIGNMENT_LIST"',
    '{"eventType":"VIDEO_TRACK_ASSIGNMENT_LIST"',
    'null',
    new ArrayBuffer(8),
    JSON.stringify({ eventType: 'CHAT_MESSAGE', message: 'VIDEO_TRACK_ASSIGNMENT_LIST', payload: [] }),
    JSON.stringify({ ...assignment(['videoTrack0', 'bob']), eventType: ['VIDEO_TRACK_ASSIGNMENT_LIST'] }),
    JSON.stringify({ ...assignment(['videoTrack0', 'bob']), eventType: 'MY_VIDEO_TRACK_ASSIGNMENT_LIST' }),
    JSON.stringify({ ...assignment(['videoTrack0', 'bob']), streamId: 'another-room' }),
  ])('are not read from %j', (text) => {
    expect(readMessage(text, 'standup')).toBeUndefined();
  });

  test.each(['bob', 'audioTrack0', 'videoTrack', 'videoTrack0x', ' videoTrack0', '__proto__'])(
    'have no video label %j',
    (label) => {
      const text = JSON.stringify(assignment([label, 'bob'], ['videoTrack1', 'eve']));
      expect(readMessage(text, 'standup')?.assignments).toEqual([
        { label: 'videoTrack1', participantId: 'eve' },
      ]);
    },
  );
});
