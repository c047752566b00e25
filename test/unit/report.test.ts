// @vitest-environment node
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RoomSession, RoomSessionError, type RoomSessionOptions } from '../../src/index.ts';
import { recordReport } from '../../src/report/index.ts';
import { FakeAdapter } from '../../src/testing/index.ts';
import { FakeStream, FakeTrack } from './adapters/fake-stream.ts';
import { outcome, setUp } from './session-stage.ts';

/** A track that the system can mute. */
const audioTrack = (id: string) => Object.assign(new FakeTrack('audio', id), { muted: false });
const asTrack = (track: FakeTrack) => track as unknown as MediaStreamTrack;

/** A connection with our microphone and the sound of `ada`; `flows` says which packets come. */
class FakeConnection {
  iceConnectionState = 'connected';
  readonly flows = { sent: true, received: true };
  sender: FakeTrack;
  #stats = { sent: 0, received: 0 };

  constructor(sender: FakeTrack) {
    this.sender = sender;
  }

  getSenders(): { track: FakeTrack }[] {
    return [{ track: this.sender }];
  }

  async getStats(): Promise<Map<string, object>> {
    if (this.flows.sent) this.#stats.sent += 50;
    if (this.flows.received) this.#stats.received += 50;
    const all = [
      { id: 'T', type: 'transport', dtlsState: 'connected' },
      { id: 'S', type: 'media-source', kind: 'audio', trackIdentifier: this.sender.id, audioLevel: 0.5 },
      { id: 'O', type: 'outbound-rtp', kind: 'audio', packetsSent: this.#stats.sent, mediaSourceId: 'S' },
      {
        ...{ id: 'I', type: 'inbound-rtp', kind: 'audio', trackIdentifier: 'sound-of-ada' },
        ...{ packetsReceived: this.#stats.received, audioLevel: 0.25 },
      },
    ];
    return new Map(all.map((stat) => [stat.id, stat]));
  }
}

async function setUpCall(options: Partial<RoomSessionOptions<string>> = {}) {
  const microphone = audioTrack('own');
  const localStream = new FakeStream([microphone]) as unknown as MediaStream;
  const connection = new FakeConnection(microphone);
  const adapter = Object.assign(new FakeAdapter(), {
    localMedia: { localStream },
    connections: () => [connection as unknown as RTCPeerConnection],
  });
  const stage = setUp({ adapter, report: recordReport(), ...options });
  const silent: object[] = [];
  stage.session.on('mediaSilent', (told) => silent.push(told));
  const sound = audioTrack('sound-of-ada');
  adapter.onConnect = (attempt) => {
    attempt.connected('connected');
    attempt.participantJoined({ id: 'ada', microphone: true });
    attempt.tracks('ada', [asTrack(sound)]);
  };
  await stage.session.join('standup');
  return { ...stage, adapter, microphone, localStream, connection, sound, silent };
}

type Call = Awaited<ReturnType<typeof setUpCall>>;

describe('mediaSilent and the report tell why a person is not heard', () => {
  test('nothing is said of people who are heard', async () => {
    const call = await setUpCall();
    await call.clock.advance(60_000);
    expect(call.silent).toEqual([]);
    expect((await call.session.getReport()).silent).toEqual([]);
  });

  const causes: [what: string, act: (call: Call) => unknown, told: object | undefined, seen: object][] = [
    [
      'muted by the person',
      ({ session }) => session.setMicrophone(false),
      undefined,
      { ownTracks: [{ enabled: false, muted: false, ended: false, wished: false }], silent: [] },
    ],
    [
      'track ended',
      ({ microphone }) => microphone.stop(),
      { participantId: undefined, reason: 'ended' },
      { ownTracks: [{ enabled: true, ended: true }], silent: [{ participant: 0, reason: 'ended' }] },
    ],
    [
      'muted by the system',
      ({ microphone }) => Object.assign(microphone, { muted: true }),
      { participantId: undefined, reason: 'systemMuted' },
      { ownTracks: [{ enabled: true, muted: true }], silent: [{ participant: 0, reason: 'systemMuted' }] },
    ],
    [
      'device replaced',
      ({ connection }) => {
        connection.sender = audioTrack('the earlier one');
      },
      { participantId: undefined, reason: 'replaced' },
      { silent: [{ participant: 0, reason: 'replaced' }] },
    ],
    [
      'own packets stopped',
      ({ connection }) => {
        connection.flows.sent = false;
      },
      { participantId: undefined, reason: 'noPackets' },
      { silent: [{ participant: 0, reason: 'noPackets' }] },
    ],
    [
      'packets of another stopped',
      ({ connection }) => {
        connection.flows.received = false;
      },
      { participantId: 'ada', reason: 'noPackets' },
      { silent: [{ participant: 1, reason: 'noPackets' }] },
    ],
    [
      'track of another ended',
      ({ sound }) => sound.stop(),
      { participantId: 'ada', reason: 'ended' },
      { silent: [{ participant: 1, reason: 'ended' }] },
    ],
    [
      'subscription missing',
      ({ adapter }) => adapter.attempt.tracks('ada', []),
      { participantId: 'ada', reason: 'notSubscribed' },
      { silent: [{ participant: 1, reason: 'notSubscribed' }] },
    ],
    [
      'token refused at one join',
      ({ adapter }) => {
        adapter.attempt.tracks('ada', []);
        adapter.attempt.retrying(new RoomSessionError('connect_denied', 'No.'), 'ada');
      },
      { participantId: 'ada', reason: 'denied' },
      { silent: [{ participant: 1, reason: 'denied' }] },
    ],
    [
      'another has muted',
      ({ adapter, connection }) => {
        connection.flows.received = false;
        adapter.attempt.participantJoined({ id: 'ada', microphone: false });
      },
      undefined,
      { silent: [] },
    ],
    [
      'listens only',
      ({ adapter }) => adapter.attempt.participantJoined({ id: 'bob' }),
      undefined,
      { silent: [] },
    ],
  ];

  test.each(causes)('%s', async (_, act, told, seen) => {
    const call = await setUpCall();
    await call.clock.advance(4_000);
    await act(call);
    await call.clock.advance(4_000);
    expect(call.silent).toEqual([]);
    await call.clock.advance(30_000);
    expect(call.silent).toEqual(told ? [told] : []);
    expect(await call.session.getReport()).toMatchObject(seen);
    // What was seen stays over leave.
    await call.session.leave();
    expect(await call.session.getReport()).toMatchObject(seen);
  });

  test('is told again where the reason changes, and after it was heard', async () => {
    const call = await setUpCall();
    await call.clock.advance(4_000);
    call.connection.flows.received = false;
    await call.clock.advance(20_000);
    call.connection.flows.received = true;
    await call.clock.advance(4_000);
    call.sound.stop();
    await call.clock.advance(20_000);
    expect(call.silent).toMatchObject([{ reason: 'noPackets' }, { reason: 'ended' }]);
  });

  test('looks at nothing after the end', async () => {
    const call = await setUpCall();
    await call.clock.advance(10_000);
    await call.session.leave();
    expect(call.clock.timerCount).toBe(0);
  });
});

describe('the report', () => {
  test('has what support needs', async () => {
    const { session, clock, adapter } = await setUpCall();
    await clock.advance(4_000);
    adapter.drop();
    await clock.advance(4_000);
    const report = await session.getReport();
    expect(report).toMatchObject({
      session: session.id,
      at: clock.now(),
      version: JSON.parse(readFileSync('package.json', 'utf8')).version,
      adapter: 'fake',
      options: ['adapter', 'tokenSource', 'clock', 'report'],
      state: 'connected',
      token: { fingerprint: expect.stringMatching(/^Token\([0-9a-f]+\)$/) },
      media: [
        {
          participant: 0,
          direction: 'sends',
          kind: 'audio',
          level: 0.5,
          ice: 'connected',
          dtls: 'connected',
        },
        { participant: 1, direction: 'receives', kind: 'audio', level: 0.25 },
      ],
    });
    expect(report.history.map(({ event, state }) => state ?? event)).toEqual(
      expect.arrayContaining(['connecting', 'connected', 'attemptFailed', 'reconnecting', 'tokenRefreshed']),
    );
    expect(report.media[0]?.packets).toBeGreaterThan(0);
  });

  test('is JSON of less than 20 kB, without token, name or room, whatever happened', async () => {
    const call = await setUpCall();
    const { session, adapter, clock, issued } = call;
    const evil = `${issued[0]}`;
    for (let count = 0; count < 400; count++) {
      adapter.attempt.participantJoined({ id: `${evil}-${count}`, name: evil, microphone: true });
      adapter.attempt.retrying(new RoomSessionError('connect_denied', evil), `${evil}-${count}`);
    }
    await clock.advance(300_000);
    await session.leave();
    const text = JSON.stringify(await session.getReport());
    expect(text.length).toBeLessThan(20_000);
    const pieces = issued.flatMap((token) =>
      Array.from({ length: token.length - 20 }, (_, at) => token.slice(at, at + 20)),
    );
    expect(pieces.filter((piece) => text.includes(piece))).toEqual([]);
    expect(text).not.toContain('standup');
  });

  test('is a typed error for a session without the option', async () => {
    const { session } = setUp();
    await expect(session.getReport()).rejects.toMatchObject({ code: 'invalid_state' });
  });

  test('goes on where a connection has no statistics', async () => {
    const call = await setUpCall();
    call.connection.getStats = () => Promise.reject(new Error('closed'));
    await call.clock.advance(20_000);
    expect((await call.session.getReport()).media).toEqual([]);
  });
});

test('the id of a session is its own, and in what its token source is asked', async () => {
  const asked: (string | undefined)[] = [];
  const make = () =>
    new RoomSession({
      adapter: new FakeAdapter(),
      tokenSource: ({ sessionId }) => {
        asked.push(sessionId);
        return null;
      },
    });
  const [one, two] = [make(), make()];
  for (const session of [one, two]) {
    outcome(session.join('standup'));
    await new Promise((resolve) => setTimeout(resolve, 1));
    await session.leave();
  }
  expect(asked).toEqual([one.id, two.id]);
  expect(one.id).not.toBe(two.id);
  expect(one.id).toMatch(/^[a-z0-9]{6,12}$/);
});
