// @vitest-environment node
import { expect, test } from 'vitest';
import { Participants } from '../../src/participants.ts';
import { View } from '../../src/view.ts';
import { videoTrack } from './session-stage.ts';

function setUp() {
  const told: string[] = [];
  const view = new View();
  const participants = new Participants((event, payload) => {
    view.apply(event, payload);
    told.push(`${event} ${'id' in payload ? payload.id : payload.participantId}`);
  });
  return { participants, told, view };
}

test('nothing is told of participants and tracks that are not known', () => {
  const { participants, told } = setUp();
  participants.leave('ada');
  participants.setTracks('ada', []);
  expect(told).toEqual([]);
});

test('tracks that are replaced are removed from the stream before the new ones are added', () => {
  const { participants, told, view } = setUp();
  const [first, second] = [videoTrack(), videoTrack()];
  participants.setTracks('ada', [first]);
  const stream = view.tracks[0]?.stream;
  participants.setTracks('ada', [second]);
  expect(told).toEqual(['participantJoined ada', 'trackAdded ada', 'trackRemoved ada', 'trackAdded ada']);
  expect(stream?.getTracks()).toEqual([second]);
  expect(view.tracks[0]?.stream).toBe(stream);
});

test('a list that was handed out does not change', () => {
  const { participants, view } = setUp();
  const before = view.participants;
  participants.join({ id: 'ada' });
  expect(before).toEqual([]);
  expect(view.participants).toHaveLength(1);
});

test('a name that comes later is told once, and kept when it is not named again', () => {
  const { participants, told, view } = setUp();
  participants.join({ id: 'ada' });
  participants.join({ id: 'ada', name: 'Ada' });
  participants.join({ id: 'ada', name: 'Ada' });
  participants.join({ id: 'ada' });
  expect(told).toEqual(['participantJoined ada', 'participantUpdated ada']);
  expect(view.participants).toEqual([{ id: 'ada', name: 'Ada' }]);
});

test('tracks that are nobody’s have the room’s name, which is no participant', () => {
  const { participants, told, view } = setUp();
  const [first, second] = [videoTrack(), videoTrack()];
  participants.setRoomTracks('standup', [first, second]);
  expect(view.participants).toEqual([]);
  const { stream } = view.tracks[0] ?? {};
  expect(stream?.getTracks()).toEqual([first, second]);
  participants.setRoomTracks('standup', [second]);
  participants.lost();
  expect(view.tracks).toEqual([]);
  participants.setRoomTracks('standup', [first]);
  expect(view.tracks[0]?.stream).toBe(stream);
  participants.clear();
  expect(told).toEqual([
    ...['trackAdded standup', 'trackAdded standup', 'trackRemoved standup', 'trackRemoved standup'],
    ...['trackAdded standup', 'trackRemoved standup'],
  ]);
});
