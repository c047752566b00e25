import { WebRTCAdaptor } from '@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js';
import { onTestFinished, vi } from 'vitest';
import { type AntMediaOptions, antMedia } from '../../../../src/adapters/ant-media/index.ts';
import { RoomSession, type RoomSessionEvents, type RoomSessionOptions } from '../../../../src/index.ts';
import { FakeClock } from '../../../../src/testing/index.ts';
import { fakeJwt } from '../../fake-jwt.ts';
import { FakeAms } from './fake-ams.ts';
import { FakeAudioContext, FakePeerConnection, FakeStream, localStream } from './fake-media.ts';

// The vendor's own log is loud, and says nothing here that the frames do not.
(globalThis as { log?: { setLevel(level: string, persist: boolean): void } }).log?.setLevel('silent', false);

/** What the vendor's client needs of a browser and happy-dom does not have. */
export function stubPlatform(): void {
  FakePeerConnection.open.clear();
  FakePeerConnection.made = 0;
  FakeAudioContext.open.clear();
  vi.stubGlobal('MediaStream', FakeStream);
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
  vi.stubGlobal(
    'RTCSessionDescription',
    class {
      constructor(description: object) {
        Object.assign(this, description);
      }
    },
  );
  vi.stubGlobal(
    'RTCIceCandidate',
    class {
      constructor(candidate: object) {
        Object.assign(this, candidate);
      }
    },
  );
  vi.stubGlobal('AudioContext', FakeAudioContext);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}

/** Lets the vendor's time and ours pass side by side. */
export function passOn(clock: FakeClock): (ms: number) => Promise<void> {
  return async (ms) => {
    await clock.advance(0);
    for (let left = ms; left > 0; left -= 100) {
      const step = Math.min(left, 100);
      await vi.advanceTimersByTimeAsync(step);
      await clock.advance(step);
    }
    await clock.advance(0);
  };
}

/** Everything that a stay must not leave behind, by name. */
export function openThings(server: FakeAms, clock: FakeClock): string[] {
  const things: [count: number, name: string][] = [
    [server.network.open().length, 'a socket'],
    [FakePeerConnection.open.size, 'a peer connection'],
    [FakeAudioContext.open.size, 'an AudioContext'],
    [clock.timerCount, 'a timer'],
    [clock.wakeListenerCount, 'a wake listener'],
    [vi.getTimerCount(), 'a timer of the vendor’s'],
  ];
  return things.flatMap(([count, name]) => Array.from({ length: count }, () => name));
}

export interface StageOptions {
  readonly adapter?: AntMediaOptions;
  readonly session?: Partial<RoomSessionOptions>;
  /** Claims of each token. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** More of the token source's answer. */
  readonly details?: () => Readonly<Record<string, unknown>>;
}

/** A session on the real vendor client and a fake server. */
export function setUp({ adapter: options = {}, session: more = {}, claims, details }: StageOptions = {}) {
  stubPlatform();
  const clock = new FakeClock();
  const server = new FakeAms('standup');
  const stream = localStream();
  const adapter = antMedia({
    websocketUrl: 'wss://media.example.org:5443/LiveApp/websocket',
    vendor: WebRTCAdaptor,
    localStream: stream,
    ...options,
  });
  const issued: string[] = [];
  const issue = (): string => {
    const iat = clock.now() / 1000;
    issued.push(
      fakeJwt({ streamId: 'standup', type: 'publish', iat, exp: iat + 12, jti: issued.length, ...claims }),
    );
    return issued[issued.length - 1] as string;
  };
  const session = new RoomSession({
    adapter,
    identity: 'ada',
    tokenSource: () => ({ token: issue(), ...details?.() }),
    clock,
    ...more,
  } as RoomSessionOptions<typeof adapter.vendor>);
  const changes: RoomSessionEvents['stateChanged'][] = [];
  session.on('stateChanged', (change) => changes.push(change));
  const people: string[] = [];
  session.on('participantJoined', ({ id }) => people.push(`${id} joined`));
  session.on('participantLeft', ({ id }) => people.push(`${id} left`));
  const pass = passOn(clock);
  onTestFinished(async () => {
    await session.leave();
  });
  return {
    session,
    adapter,
    clock,
    server,
    stream,
    issued,
    people,
    pass,
    states: () => changes.map(({ state }) => state),
    changes,
    open: () => openThings(server, clock),
    /** A join that takes as long as it takes. */
    async join(room = 'standup'): Promise<void> {
      const joined = session.join(room);
      await pass(0);
      return joined;
    },
    /** The peer connections of our own stream and of the room's, newest attempt. */
    connections() {
      const all = [...FakePeerConnection.open];
      return {
        own: all.find(({ sent }) => sent.length > 0),
        room: all.find(({ sent }) => sent.length === 0),
      };
    },
  };
}

export type Stage = ReturnType<typeof setUp>;
