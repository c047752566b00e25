import { onTestFinished } from 'vitest';
import { type AntMediaOptions, antMedia } from '../../../../src/adapters/ant-media/index.ts';
import { RoomSession, type RoomSessionEvents, type RoomSessionOptions } from '../../../../src/index.ts';
import { FakeClock } from '../../../../src/testing/index.ts';
import { fakeJwt } from '../../fake-jwt.ts';
import { localStream } from '../fake-stream.ts';
import { passOn } from '../pass-on.ts';
import { FakeAms } from './fake-ams.ts';
import { FakePeerConnection } from './fake-media.ts';
import { openThings, stubPlatform } from './platform.ts';
import { WebRTCAdaptor } from './silent-vendor.ts';

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
  } as RoomSessionOptions<WebRTCAdaptor>);
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
