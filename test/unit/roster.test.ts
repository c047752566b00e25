// @vitest-environment node
import { expect, test } from 'vitest';
import { Roster } from '../../src/roster.ts';

const track = (participantId: string) => ({
  participantId,
  track: {} as MediaStreamTrack,
  stream: {} as MediaStream,
});

function setUp() {
  const told: string[] = [];
  const roster = new Roster((event, payload) => {
    told.push(`${event} ${'id' in payload ? payload.id : payload.participantId}`);
  });
  return { roster, told };
}

test('tells nothing of people and tracks that it does not know', () => {
  const { roster, told } = setUp();
  roster.take({ type: 'participantLeft', participant: { id: 'ada' } });
  roster.take({ type: 'trackRemoved', ...track('ada') });
  expect(told).toEqual([]);
});

test('keeps the stream that a track came with, also when its removal names another', () => {
  const { roster, told } = setUp();
  const added = track('ada');
  roster.take({ type: 'trackAdded', ...added });
  roster.take({ type: 'trackRemoved', ...added, stream: {} as MediaStream, participantId: 'bob' });
  expect(told).toEqual(['participantJoined ada', 'trackAdded ada', 'trackRemoved ada']);
  expect(roster.tracks).toEqual([]);
});

test('hands out copies of its lists', () => {
  const { roster } = setUp();
  const before = roster.participants;
  roster.take({ type: 'participantJoined', participant: { id: 'ada' } });
  expect(before).toEqual([]);
  expect(roster.participants).toHaveLength(1);
});

test('is empty for whoever hears that somebody left at the end', () => {
  const counts: number[] = [];
  const roster = new Roster((event) => {
    if (event === 'participantLeft') counts.push(roster.participants.length);
  });
  for (const id of ['ada', 'bob']) roster.take({ type: 'participantJoined', participant: { id } });
  roster.clear();
  expect(counts).toEqual([1, 0]);
});
