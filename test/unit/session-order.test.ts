// @vitest-environment node
import { describe, expect, test } from 'vitest';
import type { RoomSession, RoomSessionEvents } from '../../src/index.ts';
import { FakeAdapter, settle } from '../../src/testing/index.ts';
import { FakeStream, FakeTrack } from './adapters/fake-stream.ts';
import { expectNothingLeft, outcome, setUp, videoTrack } from './session-stage.ts';

type Name = keyof RoomSessionEvents;

/** Every event that a life of {@link live} has. The type makes sure that none is missing. */
const names = Object.keys({
  stateChanged: true,
  attemptFailed: true,
  participantJoined: true,
  participantUpdated: true,
  localParticipantUpdated: true,
  speakersChanged: true,
  message: true,
  devicesChanged: true,
  localStreamChanged: true,
  participantLeft: true,
  trackAdded: true,
  trackRemoved: true,
  deviceLost: true,
  deviceRestored: true,
  tokenRefreshed: true,
  tokenRefreshFailed: true,
  tokenExpired: true,
  clockSkew: true,
  woke: true,
  mediaSilent: true,
} satisfies Record<Name, true>) as Name[];

/** The members of all payloads. */
interface AnyPayload {
  readonly state: string;
  readonly previous: string;
  readonly id: string;
  readonly name: string | undefined;
  readonly track: MediaStreamTrack;
  readonly stream: MediaStream;
}

/** What a listener knows of the room from the events alone. */
class Picture {
  state = 'disconnected';
  readonly told: string[] = [];
  readonly mistakes: string[] = [];
  readonly #participants = new Map<string, string | undefined>();
  readonly #tracks = new Set<MediaStreamTrack>();
  readonly #session: RoomSession;

  constructor(session: RoomSession) {
    this.#session = session;
  }

  /** Takes in an event, and compares the picture with what the session shows at that moment. */
  take(name: Name, payload: unknown): void {
    const { state, previous, id, name: title, track, stream } = payload as AnyPayload;
    if (name === 'stateChanged') {
      if (previous !== this.state) this.mistakes.push(`${state} after ${this.state}, said ${previous}`);
      this.state = state;
    } else if (this.state === 'disconnected') this.mistakes.push(`${name} while disconnected`);
    if (name === 'participantJoined' && this.#participants.has(id)) this.mistakes.push(`${id} joined twice`);
    if (name === 'participantLeft' && !this.#participants.delete(id)) this.mistakes.push(`${id} left twice`);
    if (name === 'participantJoined' || name === 'participantUpdated') this.#participants.set(id, title);
    if (name === 'trackAdded') {
      this.#tracks.add(track);
      if (!stream.getTracks().includes(track)) this.mistakes.push('a stream without its track');
    }
    if (name === 'trackRemoved' && !this.#tracks.delete(track)) this.mistakes.push('a track removed twice');
    this.told.push(name === 'stateChanged' ? `to ${state}` : name);
    if (JSON.stringify(this.known()) !== JSON.stringify(shown(this.#session))) {
      this.mistakes.push(`at ${this.told.at(-1)}: ${JSON.stringify([this.known(), shown(this.#session)])}`);
    }
  }

  known(): unknown {
    return [this.state, [...this.#participants].map(([id, name]) => [id, name ?? null]), this.#tracks.size];
  }
}

const shown = ({ state, participants, tracks }: RoomSession): unknown => [
  state,
  participants.map(({ id, name }) => [id, name ?? null]),
  tracks.length,
];

/** A session in whose life every event happens, most of them twice. */
function setUpLife() {
  const microphone = new FakeTrack('audio');
  const localStream = new FakeStream([microphone]) as unknown as MediaStream;
  const adapter = Object.assign(new FakeAdapter(), { localMedia: { localStream } });
  let answers = 0;
  const stage = setUp({
    adapter,
    report: (recorded) => {
      recorded.on('deviceRestored', () => recorded.tellSilent({ reason: 'ended' }));
      return () => Promise.reject(new Error('not asked for'));
    },
    tokenSource: () => {
      // The local clock is behind, and a refresh fails until the token has ended.
      const serverTime = stage.clock.now() + 600_000;
      if (++answers > 1 && answers < 20) throw new Error('not now');
      const iat = serverTime / 1000;
      return { token: stage.issue({ iat, exp: iat + 100 }), serverTime };
    },
  });
  adapter.onConnect = (attempt) => {
    attempt.retrying(new Error('one part'));
    attempt.participantJoined({ id: 'ada' });
    attempt.waiting('lobby');
    attempt.tracks('ada', [videoTrack(), videoTrack()]);
    attempt.participantJoined({ id: 'bob' });
    attempt.connected('connected');
  };
  return { ...stage, adapter, microphone };
}

async function live({ adapter, clock, microphone }: ReturnType<typeof setUpLife>): Promise<void> {
  const { attempt } = adapter;
  attempt.participantJoined({ id: 'ada', name: 'Ada' });
  attempt.tracks('bob', [videoTrack()]);
  attempt.participants([{ id: 'ada' }, { id: 'eve' }]);
  attempt.speakers(['ada']);
  attempt.message('ada', 'hello');
  attempt.devices([{ kind: 'speaker', deviceId: 's', label: 'S' }]);
  for (const type of ['mute', 'unmute', 'ended']) microphone.dispatchEvent(new Event(type));
  adapter.drop();
  await clock.advance(5_000);
  adapter.attempts.at(-1)?.participantsComplete();
  await clock.wake('online');
  await clock.advance(120_000);
}

const deeds = {
  leaves: (session: RoomSession) => void session.leave(),
  'leaves and joins': (session: RoomSession) => {
    void session.leave();
    outcome(session.join('retro'));
  },
  joins: (session: RoomSession) => void outcome(session.join('retro')),
} as const;

describe('two listeners know the same, and what the session shows', () => {
  test('in a life in which every event happens', async () => {
    const life = setUpLife();
    const picture = new Picture(life.session);
    for (const name of names) life.session.on(name, (payload) => picture.take(name, payload));
    await life.session.join('standup');
    await live(life);
    expect(new Set(picture.told.map((told) => told.replace(/^to .*/, 'stateChanged')))).toEqual(
      new Set(names),
    );
    await life.session.leave();
    expect(picture.mistakes).toEqual([]);
    expectNothingLeft(life);
  });

  const moments = [...names, 'connecting', 'waiting', 'connected', 'reconnecting', 'disconnected'] as const;
  const cases = moments.flatMap((moment) =>
    Object.entries(deeds).flatMap(([what, deed]) =>
      ['first', 'second'].map((order) => ({ moment, what, deed, order })),
    ),
  );

  test.each(cases)('where the $order one $what at $moment', async ({ moment, deed, order }) => {
    const life = setUpLife();
    const { session } = life;
    const acting = new Picture(session);
    const watching = new Picture(session);
    let deedsLeft = 1;
    const act = (name: Name, payload: unknown) => {
      acting.take(name, payload);
      const { state } = payload as { state?: string };
      if ((name !== moment && state !== moment) || deedsLeft === 0) return;
      deedsLeft--;
      deed(session);
    };
    for (const name of names) {
      const watch = (payload: unknown) => watching.take(name, payload);
      const both = [(payload: unknown) => act(name, payload), watch];
      for (const listener of order === 'first' ? both : both.reverse()) session.on(name, listener);
    }
    outcome(session.join('standup'));
    await settle();
    if (life.adapter.attempts.length > 0) await live(life);
    expect(deedsLeft).toBe(moment === 'disconnected' ? 1 : 0);
    await session.leave();
    await settle();
    await session.leave();
    expect(deedsLeft).toBe(0);
    expect(watching.mistakes).toEqual([]);
    expect(acting.mistakes).toEqual([]);
    expect(acting.told).toEqual(watching.told);
    expect([acting.known(), watching.known()]).toEqual([shown(session), shown(session)]);
    expect(watching.told.at(-1)).toBe('to disconnected');
    expectNothingLeft(life);
  });

  test.each(names)('where one takes the other off at %s, which is not called again', async (moment) => {
    for (const order of ['first', 'second']) {
      const life = setUpLife();
      const { session } = life;
      const staying = new Picture(session);
      const other = new Picture(session);
      let isOff = false;
      const removers: (() => void)[] = [];
      for (const name of names) {
        const stay = (payload: unknown) => {
          staying.take(name, payload);
          if (name !== moment) return;
          isOff = true;
          for (const remove of removers) remove();
        };
        const hear = (payload: unknown) => {
          if (isOff) other.mistakes.push(`${name} after off`);
          other.take(name, payload);
        };
        if (order === 'first') session.on(name, stay);
        removers.push(session.on(name, hear));
        if (order === 'second') session.on(name, stay);
      }
      await session.join('standup');
      await live(life);
      await session.leave();
      expect(staying.mistakes).toEqual([]);
      expect(other.mistakes).toEqual([]);
      expect(isOff).toBe(true);
      expect(staying.told.slice(0, other.told.length)).toEqual(other.told);
    }
  });
});

test('a listener that is added by another one sees a picture that fits what it hears', async () => {
  const life = setUpLife();
  const { session } = life;
  const late: string[] = [];
  session.once('participantJoined', () => {
    late.push(...session.participants.map(({ id }) => id));
    session.on('participantJoined', ({ id }) => late.push(id));
  });
  await session.join('standup');
  expect(late).toEqual(['ada', 'bob']);
});

test.each(['connecting', 'waiting', 'connected'] as const)(
  'join rejects where a listener leaves at %s, also where it is told late',
  async (state) => {
    const life = setUpLife();
    const { session } = life;
    session.on('stateChanged', (change) => {
      if (change.state === state) void session.leave();
    });
    const join = outcome(session.join('standup'));
    await settle();
    expect(join).toMatchObject({ done: true, error: { name: 'AbortError' } });
    expectNothingLeft(life);
  },
);

test('what an adapter says while a listener runs is told after it, in one go', async () => {
  const { session, adapter, events } = setUp();
  await session.join('standup');
  const { attempt } = adapter;
  session.on('trackRemoved', () => {
    attempt.participantLeft('ada');
    attempt.participantJoined({ id: 'ada' });
  });
  attempt.tracks('ada', [videoTrack()]);
  events.length = 0;
  attempt.participantLeft('ada');
  expect(events.map(([name]) => name)).toEqual(['trackRemoved', 'participantLeft', 'participantJoined']);
  expect(session.participants).toEqual([{ id: 'ada' }]);
});
