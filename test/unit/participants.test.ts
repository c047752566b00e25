// @vitest-environment node
import { expect, test } from 'vitest';
import { Participants } from '../../src/participants.ts';
import { View } from '../../src/view.ts';
import { videoTrack } from './session-stage.ts';

function setUp() {
  const told: string[] = [];
  const view = new View();
  const emit: ConstructorParameters<typeof Participants>[0] = (event, payload) => {
    view.apply(event, payload);
    if ('speakers' in payload) told.push(`${event} ${payload.speakers.map(({ id }) => id)}`);
    else told.push(`${event} ${'id' in payload ? payload.id : payload.participantId}`);
  };
  const participants = new Participants(emit, view, { participant: undefined });
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

test('what is said of one who is known is told once, and what is not said stays', () => {
  const { participants, told, view } = setUp();
  participants.update({ id: 'ada', microphone: false });
  participants.join({ id: 'ada', name: 'Ada', metadata: { hand: true } });
  participants.update({ id: 'ada', microphone: false });
  participants.update({ id: 'ada', microphone: false, metadata: { hand: true } });
  participants.update({ id: 'ada', camera: true, metadata: { hand: false } });
  expect(told).toEqual(['participantJoined ada', 'participantUpdated ada', 'participantUpdated ada']);
  expect(view.participants).toEqual([
    { id: 'ada', name: 'Ada', metadata: { hand: false }, microphone: false, camera: true },
  ]);
});

test('a participant has their tracks, in the same array until it changes', () => {
  const { participants, view } = setUp();
  const track = videoTrack();
  participants.setTracks('ada', [track]);
  const [ada] = view.participants;
  const { tracks } = ada ?? {};
  expect(tracks).toMatchObject([{ participantId: 'ada', track }]);
  participants.update({ id: 'ada', name: 'Ada' });
  expect(view.participants[0]?.tracks).toBe(tracks);
  participants.setTracks('ada', []);
  expect(ada?.tracks).toEqual([]);
});

test('speakers are told when they change, and speak no more when they leave or are lost', () => {
  const { participants, told, view } = setUp();
  for (const id of ['ada', 'bob']) participants.join({ id });
  told.length = 0;
  participants.setSpeakers(['bob', 'nobody']);
  participants.setSpeakers(['bob']);
  expect(view.participants.map(({ speaking }) => speaking)).toEqual([false, true]);
  participants.leave('bob');
  participants.setSpeakers(['ada']);
  participants.lost();
  expect(view.participants[0]?.speaking).toBe(false);
  expect(told).toEqual([
    ...['speakersChanged bob', 'participantLeft bob', 'speakersChanged '],
    ...['speakersChanged ada', 'speakersChanged '],
  ]);
});
