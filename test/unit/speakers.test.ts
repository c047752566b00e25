// @vitest-environment node
import { expect, test } from 'vitest';
import { setUp } from './session-stage.ts';

type Source = Partial<RTCRtpSynchronizationSource>;

/** A connection that receives one person's sound, and sends ours. */
function fakeConnection() {
  const track = { kind: 'audio', id: 'sound' } as MediaStreamTrack;
  const level = { received: 0, sent: 0, timestamp: 0 };
  const connection = {
    getReceivers: () => [
      {
        track,
        getSynchronizationSources: (): Source[] => [
          { audioLevel: level.received, timestamp: level.timestamp },
        ],
      },
    ],
    getSenders: () => [
      {
        track: { kind: 'audio' },
        getStats: async () => new Map([['a', { type: 'media-source', audioLevel: level.sent }]]),
      },
    ],
  };
  return { track, level, connection: connection as unknown as RTCPeerConnection };
}

async function inRoom() {
  const stage = setUp({ identity: 'ada' });
  const { track, level, connection } = fakeConnection();
  await stage.session.join('standup');
  const { attempt } = stage.adapter;
  attempt.tracks('bob', [track]);
  attempt.connections(() => [connection]);
  /** Sound of this level comes for this long. */
  const play = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      level.timestamp++;
      await stage.clock.advance(100);
    }
  };
  const speakers = () =>
    stage.named('speakersChanged').map(({ speakers }) => speakers.map(({ id }) => id).join());
  return { ...stage, attempt, level, play, speakers };
}

test('who is loud speaks, with gaps between the words, until a second of silence', async () => {
  const { level, play, speakers } = await inRoom();
  level.received = 0.3;
  await play(600);
  level.received = 0.001;
  await play(600);
  level.received = 0.3;
  await play(600);
  expect(speakers()).toEqual(['bob']);
  level.received = 0.001;
  await play(1_500);
  expect(speakers()).toEqual(['bob', '']);
});

test('a level that is answered again and again after the sound has stopped is silence', async () => {
  const { level, play, speakers, clock } = await inRoom();
  level.received = 0.3;
  await play(600);
  await clock.advance(1_500);
  expect(speakers()).toEqual(['bob', '']);
});

test('our own sound is measured where it is sent', async () => {
  const { level, play, session } = await inRoom();
  level.sent = 0.3;
  await play(900);
  expect(session.localParticipant?.speaking).toBe(true);
});

test("the backend's own word takes the place of the measurement", async () => {
  const { level, attempt, play, speakers } = await inRoom();
  attempt.speakers([]);
  level.received = 0.3;
  await play(900);
  expect(speakers()).toEqual([]);
});

test('a browser that cannot say it harms nothing, and nothing is measured after the end', async () => {
  const { attempt, session, clock } = await inRoom();
  attempt.connections(() => [{} as RTCPeerConnection]);
  await clock.advance(1_000);
  await session.leave();
  expect(clock.timerCount).toBe(0);
});
