import { readFileSync } from 'node:fs';
import { DisconnectReason, Track } from 'livekit-client';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { liveKit } from '../../../examples/custom-adapter/livekit.ts';
import { RoomSession, type StateChange } from '../../../src/index.ts';
import { adapterContract, type ContractStage, FakeClock, settle } from '../../../src/testing/index.ts';
import { FakeStream, FakeTrack } from '../adapters/fake-stream.ts';
import { codeLines } from '../code-lines.ts';
import { fakeJwt } from '../fake-jwt.ts';
import { FakeLiveKit } from './fake-livekit.ts';

const url = 'wss://livekit.example.org';

/** Camera and microphone of the page. */
function stubDevices(): FakeTrack[] {
  const tracks: FakeTrack[] = [];
  const getUserMedia = async () => {
    const opened = [new FakeTrack('audio'), new FakeTrack('video')];
    tracks.push(...opened);
    return new FakeStream(opened);
  };
  vi.stubGlobal('MediaStream', FakeStream);
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia } });
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  return tracks;
}

const grant = (clock: FakeClock, video: object = { roomJoin: true, room: 'standup' }, count = 1) =>
  fakeJwt({ video, exp: clock.now() / 1000 + 3_600, count });

const makeStage = (forgetsConnections: boolean) => (): ContractStage => {
  const clock = new FakeClock();
  const server = new FakeLiveKit(clock);
  const devices = stubDevices();
  server.forgetsConnections = forgetsConnections;
  return {
    ...{ clock, room: 'standup', adapter: liveKit(url, server.makeRoom) },
    pass: (ms) => clock.advance(ms),
    makeToken: (count) => grant(clock, undefined, count),
    contacts: () => server.contacts,
    tokens: () => server.tokens,
    open: () => [
      ...server.open,
      ...devices.filter(({ readyState }) => readyState === 'live').map(({ kind }) => `a device (${kind})`),
      ...Array.from({ length: clock.timerCount }, () => 'a timer'),
    ],
    reject: (isRejected) => {
      server.isRejected = isRejected;
    },
    drop: () => server.drop(),
    silence: (isSilent) => {
      server.isSilent = isSilent;
    },
    participantJoins: () => server.join('ada'),
    participantLeaves: () => server.leave('ada'),
  };
};

/** A session in the room, with ada, whose video is there. */
async function joined() {
  const clock = new FakeClock();
  const server = new FakeLiveKit(clock);
  const devices = stubDevices();
  let count = 0;
  const session = new RoomSession({
    clock,
    adapter: liveKit(url, server.makeRoom),
    tokenSource: () => grant(clock, undefined, ++count),
  });
  const changes: StateChange[] = [];
  session.on('stateChanged', (change) => changes.push(change));
  server.join('ada');
  await session.join('standup');
  await clock.advance(0);
  const published = (source: Track.Source) =>
    server.rooms.at(-1)?.publications.find((publication) => publication.source === source);
  return { clock, server, session, changes, devices, published };
}

const read = (file: string) => readFileSync(`examples/custom-adapter/${file}`, 'utf8');

describe('the adapter of examples/custom-adapter', () => {
  test('is at most 40 lines of code, and its page at most 60 lines', () => {
    expect(codeLines(read('livekit.ts'))).toBeLessThanOrEqual(40);
    const page = `${read('index.html')}${read('main.ts')}`;
    expect(page.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });

  describe.each([
    ['resumes a lost connection', false],
    ['makes a lost connection anew', true],
  ])('where LiveKit %s', (_what, forgetsConnections) => {
    for (const { name, run } of adapterContract(makeStage(forgetsConnections))) test(name, run);
  });

  test('publishes microphone and camera, and says who is there with their tracks', async () => {
    const { session, published, devices } = await joined();
    expect(published(Track.Source.Microphone)?.track).toBe(devices[0]);
    expect(published(Track.Source.Camera)?.track).toBe(devices[1]);
    expect(session.participants).toEqual([{ id: 'ada', name: 'ada' }]);
    expect(session.tracks).toMatchObject([{ participantId: 'ada', track: { kind: 'video' } }]);
    await session.leave();
    expect(devices.map(({ readyState }) => readyState)).toEqual(['ended', 'ended']);
  });

  test('mutes and unmutes, and is muted after a new connection too', async () => {
    const { clock, server, session, published } = await joined();
    await session.setMicrophone(false);
    await session.setCamera(false);
    await session.setCamera(true);
    expect(published(Track.Source.Microphone)?.isMuted).toBe(true);
    expect(published(Track.Source.Camera)?.isMuted).toBe(false);
    server.end(DisconnectReason.SERVER_SHUTDOWN);
    await clock.advance(1_000);
    expect(server.rooms).toHaveLength(2);
    expect(published(Track.Source.Microphone)?.isMuted).toBe(true);
    await session.leave();
  });

  test('goes on with the same stream of a participant after the vendor restored the connection', async () => {
    const { clock, server, session, changes } = await joined();
    const [before] = session.tracks;
    server.drop();
    expect(session.state).toBe('reconnecting');
    await clock.advance(300);
    expect(changes.map(({ state }) => state)).toEqual([
      'connecting',
      'connected',
      'reconnecting',
      'connected',
    ]);
    expect(server.rooms).toHaveLength(1);
    expect(session.tracks[0]?.stream).toBe(before?.stream);
    await session.leave();
  });

  test('publishes no more after a connection that is lost while it publishes', async () => {
    const clock = new FakeClock();
    const server = new FakeLiveKit(clock);
    const devices = stubDevices();
    const session = new RoomSession({
      clock,
      adapter: liveKit(url, () => {
        const room = server.makeRoom();
        const lose = async () => {
          await settle(5);
          if (server.rooms.length === 1) server.end(DisconnectReason.SERVER_SHUTDOWN);
        };
        return room.on('connected', () => void lose());
      }),
      tokenSource: () => grant(clock),
    });
    const joining = session.join('standup');
    await clock.advance(1_000);
    await joining;
    expect(server.rooms).toHaveLength(2);
    expect(devices.map(({ readyState }) => readyState)).toEqual(['live', 'live']);
    await session.leave();
  });

  test('gets another token where the vendor cannot resume with the old one', async () => {
    const { clock, server, session } = await joined();
    const [old] = server.tokens;
    server.isRejected = (token) => token === old;
    server.drop();
    await clock.advance(2_000);
    expect(session.state).toBe('connected');
    // The old token once more, because it has not expired, and then another one.
    expect(server.rooms).toHaveLength(3);
    await session.leave();
  });

  test.each([
    [DisconnectReason.PARTICIPANT_REMOVED, 'removed'],
    [DisconnectReason.DUPLICATE_IDENTITY, 'removed'],
    [DisconnectReason.ROOM_DELETED, 'ended'],
  ])('leaves the room for good where LiveKit says reason %d', async (reason, said) => {
    const { clock, server, changes } = await joined();
    server.end(reason);
    await clock.advance(60_000);
    expect(changes.at(-1)).toMatchObject({ state: 'disconnected', reason: said });
    expect(server.rooms).toHaveLength(1);
  });

  test.each([
    ['is for another room', { roomJoin: true, room: 'lunch' }],
    ['does not let us join', { room: 'standup' }],
    ['has no grant', undefined],
  ])('does not use a token that %s', async (_what, video) => {
    stubDevices();
    const clock = new FakeClock();
    const server = new FakeLiveKit(clock);
    const session = new RoomSession({
      clock,
      adapter: liveKit(url, server.makeRoom),
      tokenSource: () => fakeJwt({ video, exp: clock.now() / 1000 + 3_600 }),
    });
    await expect(session.join('standup')).rejects.toMatchObject({ code: 'token_mismatch', claim: 'video' });
    expect(server.contacts).toBe(0);
  });
});
