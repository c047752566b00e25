import { describe, expect, test } from 'vitest';
import { readAssignments } from '../../../../src/adapters/ant-media/room-tracks.ts';
import { setUp } from './ant-media-stage.ts';

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

  test('go when their tracks do, where the server does not say that they left', async () => {
    const { join, server, session, pass, connections } = setUp();
    server.others.push('bob');
    await join();
    await pass(1_000);
    await connections().room?.setRemoteDescription({ type: 'offer', sdp: '[]' });
    await pass(0);
    expect(session.participants).toEqual([]);
    expect(session.tracks).toEqual([]);
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
  test('show who is in them, as the server’s data channel says', async () => {
    const { join, server, session, pass, connections, people } = setUp();
    server.slots = true;
    server.others.push('x', 'y');
    await join();
    await pass(1_000);
    expect(session.tracks).toEqual([]);
    const send = connections().room?.openChannel();
    send?.(assignment(['videoTrack0', 'bob'], ['videoTrack1', 'eve']));
    send?.({
      eventType: 'AUDIO_TRACK_ASSIGNMENT',
      payload: [{ audioLabel: 'audioTrack0', trackId: 'bob', audioLevel: 3 }],
    });
    const shown = () =>
      session.tracks.map(({ participantId, track }) => `${participantId} ${track.id}`).sort();
    expect(shown()).toEqual(['bob ARDAMSaaudioTrack0', 'bob ARDAMSvvideoTrack0', 'eve ARDAMSvvideoTrack1']);
    send?.(assignment(['videoTrack0', 'eve'], ['videoTrack1', 'bob']));
    expect(shown()).toEqual(['bob ARDAMSaaudioTrack0', 'bob ARDAMSvvideoTrack1', 'eve ARDAMSvvideoTrack0']);
    send?.(assignment(['videoTrack0', ''], ['videoTrack1', 'bob']));
    expect(shown()).toEqual(['bob ARDAMSaaudioTrack0', 'bob ARDAMSvvideoTrack1']);
    expect(people).toEqual(['bob joined', 'eve joined']);
  });

  test('show who is in them also when the list comes before the track', async () => {
    const { join, server, session, pass, connections } = setUp();
    server.slots = true;
    server.others.push('x');
    await join();
    await pass(1_000);
    const send = connections().room?.openChannel();
    send?.(assignment(['videoTrack0', 'bob'], ['videoTrack1', 'eve']));
    server.join('y');
    await pass(0);
    const eves = session.tracks.filter(({ participantId }) => participantId === 'eve');
    expect(eves.map(({ track }) => track.id)).toEqual(['ARDAMSvvideoTrack1']);
  });

  test('show somebody again who left and came back into the same one', async () => {
    const { join, server, session, pass, connections } = setUp();
    server.slots = true;
    server.others.push('x');
    await join();
    await pass(1_000);
    const send = connections().room?.openChannel();
    send?.(assignment(['videoTrack0', 'bob']));
    server.notify('subtrackRemoved', { streamId: 'standup', trackId: 'bob' });
    await pass(0);
    expect(session.tracks).toEqual([]);
    send?.(assignment(['videoTrack0', 'bob']));
    expect(session.tracks.map(({ participantId }) => participantId)).toEqual(['bob']);
  });

  test('do not let those leave whom the server has not put into one yet after a reconnect', async () => {
    const { join, server, session, pass, connections, people } = setUp();
    server.slots = true;
    server.others.push('x', 'y');
    await join();
    await pass(1_000);
    connections().room?.openChannel()(assignment(['videoTrack0', 'bob'], ['videoTrack1', 'eve']));
    const { stream } = session.tracks[0] ?? {};
    server.drop();
    await pass(3_000);
    connections().room?.openChannel()(assignment(['videoTrack0', 'bob']));
    expect(people).toEqual(['bob joined', 'eve joined', 'eve left']);
    expect(session.tracks[0]?.stream).toBe(stream);
  });

  test('let all leave whom the server puts into none within 10 s after a reconnect', async () => {
    const { join, server, pass, connections, people } = setUp();
    server.slots = true;
    server.others.push('x', 'y');
    await join();
    await pass(1_000);
    connections().room?.openChannel()(assignment(['videoTrack0', 'bob'], ['videoTrack1', 'eve']));
    server.drop();
    await pass(9_500);
    expect(people).toEqual(['bob joined', 'eve joined']);
    await pass(1_500);
    expect(people).toEqual(['bob joined', 'eve joined', 'bob left', 'eve left']);
  });

  test('are read from the server’s messages only', () => {
    expect(readAssignments('hello')).toEqual([]);
    expect(readAssignments('TRACK_ASSIGNMENT, said somebody')).toEqual([]);
    expect(readAssignments(new ArrayBuffer(8))).toEqual([]);
    expect(readAssignments(JSON.stringify({ eventType: 'TRACK_LIST_UPDATED' }))).toEqual([]);
    expect(readAssignments(JSON.stringify({ eventType: 'VIDEO_TRACK_ASSIGNMENT_LIST' }))).not.toContainEqual(
      expect.objectContaining({ participantId: expect.anything() }),
    );
    expect(readAssignments(JSON.stringify(assignment(['videoTrack0', 'bob'])))).toEqual([
      { label: 'videoTrack0', participantId: 'bob' },
    ]);
  });
});
