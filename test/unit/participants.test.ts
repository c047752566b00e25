// @vitest-environment node
import { expect, test } from 'vitest';
import { Participants } from '../../src/participants.ts';
import { videoTrack } from './session-stage.ts';

function setUp() {
  const told: string[] = [];
  const participants = new Participants((event, payload) => {
    told.push(`${event} ${'id' in payload ? payload.id : payload.participantId}`);
  });
  return { participants, told };
}

test('nothing is told of participants and tracks that are not known', () => {
  const { participants, told } = setUp();
  participants.leave('ada');
  participants.setTracks('ada', []);
  expect(told).toEqual([]);
});

test('tracks that are replaced are removed from the stream before the new ones are added', () => {
  const { participants, told } = setUp();
  const [first, second] = [videoTrack(), videoTrack()];
  participants.setTracks('ada', [first]);
  const stream = participants.tracks[0]?.stream;
  participants.setTracks('ada', [second]);
  expect(told).toEqual(['participantJoined ada', 'trackAdded ada', 'trackRemoved ada', 'trackAdded ada']);
  expect(stream?.getTracks()).toEqual([second]);
  expect(participants.tracks[0]?.stream).toBe(stream);
});

test('a list that was handed out does not change', () => {
  const { participants } = setUp();
  const before = participants.list;
  participants.join({ id: 'ada' });
  expect(before).toEqual([]);
  expect(participants.list).toHaveLength(1);
});

test('a participant is out of the list when the leaving is told', () => {
  const counts: number[] = [];
  const participants = new Participants((event) => {
    if (event === 'participantLeft') counts.push(participants.list.length);
  });
  for (const id of ['ada', 'bob']) participants.join({ id });
  participants.clear();
  expect(counts).toEqual([1, 0]);
});

test('a listener that ends everything at the first event leaves no track behind', () => {
  const told: string[] = [];
  const participants = new Participants((event) => {
    told.push(event);
    if (event === 'participantJoined') participants.clear();
  });
  participants.setTracks('ada', [videoTrack()]);
  expect(told).toEqual(['participantJoined', 'participantLeft']);
  expect(participants.tracks).toEqual([]);
});

test('a name that comes later is told once, and kept when it is not named again', () => {
  const { participants, told } = setUp();
  participants.join({ id: 'ada' });
  participants.join({ id: 'ada', name: 'Ada' });
  participants.join({ id: 'ada', name: 'Ada' });
  participants.join({ id: 'ada' });
  expect(told).toEqual(['participantJoined ada', 'participantUpdated ada']);
  expect(participants.list).toEqual([{ id: 'ada', name: 'Ada' }]);
});

test('tracks that are nobody’s have the room’s name, which is no participant', () => {
  const { participants, told } = setUp();
  const [first, second] = [videoTrack(), videoTrack()];
  participants.setRoomTracks('standup', [first, second]);
  expect(participants.list).toEqual([]);
  const { stream } = participants.tracks[0] ?? {};
  expect(stream?.getTracks()).toEqual([first, second]);
  participants.setRoomTracks('standup', [second]);
  participants.lost();
  expect(participants.tracks).toEqual([]);
  participants.setRoomTracks('standup', [first]);
  expect(participants.tracks[0]?.stream).toBe(stream);
  participants.clear();
  expect(told).toEqual([
    ...['trackAdded standup', 'trackAdded standup', 'trackRemoved standup', 'trackRemoved standup'],
    ...['trackAdded standup', 'trackRemoved standup'],
  ]);
});
