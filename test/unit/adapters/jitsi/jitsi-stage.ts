import { onTestFinished } from 'vitest';
import { type JitsiMeetExternalAPI, type JitsiOptions, jitsi } from '../../../../src/adapters/jitsi/index.ts';
import {
  RoomSession,
  type RoomSessionEvents,
  type RoomSessionOptions,
  type TokenAnswer,
} from '../../../../src/index.ts';
import { FakeClock } from '../../../../src/testing/index.ts';
import { fakeJwt } from '../../fake-jwt.ts';
import { FakeMeet } from './fake-meet.ts';

export interface StageOptions {
  readonly adapter?: Partial<JitsiOptions>;
  readonly session?: Partial<RoomSessionOptions<JitsiMeetExternalAPI>>;
  /** Claims of each token. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** How long a token lives, in seconds. Default 12. */
  readonly lifeS?: number;
  /** How far the server's clock is ahead of ours. */
  readonly aheadMs?: number;
  /** Another class in place of the vendor's. */
  readonly vendor?: (Api: FakeMeet['Api']) => FakeMeet['Api'];
}

/** Everything that a join must not leave behind, by name. */
export function openThings(server: FakeMeet, clock: FakeClock): string[] {
  const things: [count: number, name: string][] = [
    [server.open.length, 'a frame'],
    [document.querySelectorAll('script').length, 'a script'],
    [server.frames.reduce((sum, frame) => sum + frame.eventNames().length, 0), 'a listener'],
    [clock.timerCount, 'a timer'],
    [clock.wakeListenerCount, 'a wake listener'],
  ];
  return things.flatMap(([count, name]) => Array.from({ length: count }, () => name));
}

/** A session on a fake deployment. */
export function setUp({
  adapter: options = {},
  session: more = {},
  claims,
  lifeS = 12,
  aheadMs = 0,
  vendor = (Api) => Api,
}: StageOptions = {}) {
  const clock = new FakeClock();
  const server = new FakeMeet(clock);
  const adapter = jitsi<JitsiMeetExternalAPI>({
    domain: 'meet.example.org',
    vendor: vendor(server.Api),
    ...options,
  });
  const issued: string[] = [];
  const issue = (): string => {
    const iat = (clock.now() + aheadMs) / 1000;
    const token = fakeJwt({ room: 'standup', iat, exp: iat + lifeS, jti: issued.length, ...claims });
    issued.push(token);
    return token;
  };
  const asked: string[] = [];
  const source = { answer: (): TokenAnswer | Promise<TokenAnswer> => issue() };
  const session = new RoomSession({
    adapter,
    tokenSource: ({ reason }) => {
      asked.push(reason);
      return source.answer();
    },
    clock,
    ...more,
  });
  const changes: RoomSessionEvents['stateChanged'][] = [];
  session.on('stateChanged', (change) => changes.push(change));
  const participantEvents: string[] = [];
  session.on('participantJoined', ({ id }) => participantEvents.push(`${id} joined`));
  session.on('participantLeft', ({ id }) => participantEvents.push(`${id} left`));
  const failures: Error[] = [];
  session.on('attemptFailed', ({ error }) => failures.push(error));
  const pass = (ms: number) => clock.advance(ms);
  onTestFinished(async () => {
    server.leaves = true;
    await session.leave();
  });
  return {
    ...{ session, adapter, clock, server, issued, issue, asked, source },
    ...{ participantEvents, changes, failures, pass },
    states: () => changes.map(({ state, reason }) => (reason ? `${state}(${reason})` : state)),
    open: () => openThings(server, clock),
    /** The expiry of a frame's token, ms from now; negative where it is over. */
    lifeLeft: (frame = server.frame) => {
      const claim = JSON.parse(atob(String(frame.options.jwt).split('.')[1] ?? ''));
      return claim.exp * 1000 - clock.now() - aheadMs;
    },
    /** A join, and the second in which it may have to try twice. */
    async join(room = 'standup'): Promise<void> {
      const joined = session.join(room);
      await pass(1_000);
      return joined;
    },
  };
}

export type Stage = ReturnType<typeof setUp>;
