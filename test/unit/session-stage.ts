import { expect, onTestFinished } from 'vitest';
import { RoomSession, type RoomSessionEvents, type RoomSessionOptions } from '../../src/index.ts';
import { FakeAdapter, FakeClock } from '../../src/testing/index.ts';
import { FakeStream, FakeTrack } from './adapters/fake-stream.ts';
import { fakeJwt } from './fake-jwt.ts';

const eventNames: (keyof RoomSessionEvents)[] = [
  'stateChanged',
  'attemptFailed',
  'participantJoined',
  'participantUpdated',
  'localParticipantUpdated',
  'participantLeft',
  'speakersChanged',
  'message',
  'devicesChanged',
  'localStreamChanged',
  'trackAdded',
  'trackRemoved',
  'deviceLost',
  'deviceRestored',
  'tokenRefreshed',
  'tokenRefreshFailed',
  'tokenExpired',
  'clockSkew',
  'woke',
];

type AnyEvent = {
  [Name in keyof RoomSessionEvents]: [Name, RoomSessionEvents[Name]];
}[keyof RoomSessionEvents];

// Node has none, and the session makes one for each participant with tracks.
(globalThis as { MediaStream?: unknown }).MediaStream ??= FakeStream;

export const videoTrack = (): MediaStreamTrack => new FakeTrack('video') as unknown as MediaStreamTrack;

/** A session with everything faked around it, and what it said. */
export function setUp(options: Partial<RoomSessionOptions<string>> = {}) {
  const clock = new FakeClock();
  const adapter = new FakeAdapter();
  const issued: string[] = [];
  /** Tokens of 100 s, each another one. */
  const issue = (claims: Readonly<Record<string, unknown>> = {}): string => {
    const iat = clock.now() / 1000;
    const token = fakeJwt({ iat, exp: iat + 100, jti: `${issued.length}`, ...claims });
    issued.push(token);
    return token;
  };
  const session = new RoomSession({ adapter, tokenSource: () => issue(), clock, ...options });
  const events: AnyEvent[] = [];
  for (const name of eventNames) {
    session.on(name, (payload) => events.push([name, payload] as AnyEvent));
  }
  const states = () => events.flatMap(([name, payload]) => (name === 'stateChanged' ? [payload.state] : []));
  const named = <Name extends keyof RoomSessionEvents>(name: Name): RoomSessionEvents[Name][] =>
    events.flatMap(([other, payload]) => (other === name ? [payload as RoomSessionEvents[Name]] : []));
  return { session, adapter, clock, events, states, named, issue, issued };
}

export type Stage = ReturnType<typeof setUp>;

/** Nothing of a join is there any more. */
export function expectNothingLeft({ session, clock, adapter }: Stage): void {
  expect({
    state: session.state,
    room: session.room,
    participants: session.participants,
    tracks: session.tracks,
    timers: clock.timerCount,
    wakeListeners: clock.wakeListenerCount,
    aborted: adapter.attempts.every(({ signal }) => signal.aborted),
  }).toEqual({
    state: 'disconnected',
    room: undefined,
    participants: [],
    tracks: [],
    timers: 0,
    wakeListeners: 0,
    aborted: true,
  });
}

/** How a promise settled, without an unhandled rejection in the meantime. */
export function outcome(promise: Promise<unknown>): { error?: unknown; done: boolean } {
  const result: { error?: unknown; done: boolean } = { done: false };
  promise.then(
    () => {
      result.done = true;
    },
    (error) => {
      result.done = true;
      result.error = error;
    },
  );
  return result;
}

/** Collects what is reported as uncaught during a test. */
export function collectReports(): unknown[] {
  const reports: unknown[] = [];
  const before = Object.getOwnPropertyDescriptor(globalThis, 'reportError');
  Object.defineProperty(globalThis, 'reportError', {
    configurable: true,
    value: (error: unknown) => reports.push(error),
  });
  onTestFinished(() => {
    if (before) Object.defineProperty(globalThis, 'reportError', before);
    else Reflect.deleteProperty(globalThis, 'reportError');
  });
  return reports;
}

export const never: Promise<never> = new Promise(() => {});

export async function microtasks(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}
