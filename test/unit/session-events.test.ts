// @vitest-environment node
import { describe, expect, test } from 'vitest';
import type { ConnectAttempt } from '../../src/index.ts';
import { settle } from '../../src/testing/index.ts';
import { collectReports, expectNothingLeft, outcome, setUp, videoTrack } from './session-stage.ts';

describe('participants and tracks', () => {
  test('are told once each, and listed', async () => {
    const { session, adapter, named } = setUp();
    await session.join('standup');
    const track = videoTrack();
    for (let time = 0; time < 2; time++) {
      adapter.attempt.participantJoined({ id: 'ada', name: 'Ada' });
      adapter.attempt.tracks('ada', [track]);
    }
    expect(session.participants).toEqual([{ id: 'ada', name: 'Ada' }]);
    expect(session.tracks).toMatchObject([{ participantId: 'ada', track }]);
    expect(session.tracks[0]?.stream.getTracks()).toEqual([track]);
    expect(named('participantJoined')).toEqual([{ id: 'ada', name: 'Ada' }]);
    expect(named('trackAdded')).toHaveLength(1);
    for (let time = 0; time < 2; time++) {
      adapter.attempt.tracks('ada', []);
      adapter.attempt.participantLeft('ada');
    }
    expect(session.participants).toEqual([]);
    expect(session.tracks).toEqual([]);
    expect(named('trackRemoved')).toMatchObject([{ participantId: 'ada', track }]);
    expect(named('participantLeft')).toEqual([{ id: 'ada', name: 'Ada' }]);
  });

  test('are the same arrays until they change', async () => {
    const { session, adapter } = setUp();
    expect(session.participants).toBe(session.participants);
    expect(session.tracks).toBe(session.tracks);
    await session.join('standup');
    adapter.attempt.tracks('ada', [videoTrack()]);
    const { participants, tracks } = session;
    expect(session.participants).toBe(participants);
    expect(session.tracks).toBe(tracks);
    adapter.attempt.tracks('bob', [videoTrack()]);
    expect(session.participants).not.toBe(participants);
    expect(session.tracks).not.toBe(tracks);
    expect(participants).toHaveLength(1);
  });

  test('keep one stream each over a reconnect, and who does not come back has left 2 s later', async () => {
    const { session, adapter, clock, named } = setUp();
    await session.join('standup');
    for (const id of ['ada', 'bob', 'eve']) adapter.attempt.tracks(id, [videoTrack()]);
    const stream = session.tracks[0]?.stream;
    adapter.drop();
    await settle();
    expect(session.tracks).toEqual([]);
    expect(stream?.getTracks()).toEqual([]);
    expect(session.participants).toHaveLength(3);
    await clock.advance(300);
    expect(session.state).toBe('connected');
    const track = videoTrack();
    adapter.attempt.tracks('ada', [track]);
    adapter.attempt.participantJoined({ id: 'bob' });
    expect(session.tracks[0]?.stream).toBe(stream);
    await clock.advance(1_800);
    expect(named('participantLeft')).toEqual([]);
    await clock.advance(200);
    expect(named('participantLeft')).toEqual([{ id: 'eve' }]);
    expect(named('participantJoined')).toHaveLength(3);
  });

  test('are complete at once where the adapter says so', async () => {
    const { session, adapter, clock, named } = setUp();
    await session.join('standup');
    adapter.attempt.participants([{ id: 'ada' }, { id: 'bob' }]);
    adapter.drop();
    await clock.advance(300);
    adapter.attempt.participantJoined({ id: 'bob' });
    adapter.attempt.participantsComplete();
    expect(named('participantLeft')).toEqual([{ id: 'ada' }]);
    adapter.attempt.participants([{ id: 'eve' }]);
    expect(session.participants).toEqual([{ id: 'eve' }]);
  });

  test('of somebody whose track comes first are told in order', async () => {
    const { session, adapter, events } = setUp();
    await session.join('standup');
    adapter.attempt.tracks('ada', [videoTrack()]);
    expect(events.slice(-2).map(([name]) => name)).toEqual(['participantJoined', 'trackAdded']);
  });

  test('who leave take their tracks along', async () => {
    const { session, adapter, events } = setUp();
    await session.join('standup');
    adapter.attempt.tracks('ada', [videoTrack()]);
    adapter.attempt.tracks('bob', [videoTrack()]);
    adapter.attempt.participantLeft('ada');
    expect(session.tracks.map(({ participantId }) => participantId)).toEqual(['bob']);
    expect(events.slice(-2).map(([name]) => name)).toEqual(['trackRemoved', 'participantLeft']);
  });

  test('are gone when the stay ends, before the state says so', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    stage.adapter.attempt.tracks('ada', [videoTrack()]);
    await stage.session.leave();
    expect(stage.events.slice(-3).map(([name]) => name)).toEqual([
      'trackRemoved',
      'participantLeft',
      'stateChanged',
    ]);
    expectNothingLeft(stage);
  });

  test('of one stay are not in the next', async () => {
    const { session, adapter, named } = setUp();
    await session.join('standup');
    adapter.attempt.participantJoined({ id: 'ada' });
    await session.leave();
    await session.join('retro');
    expect(session.participants).toEqual([]);
    adapter.attempt.participantJoined({ id: 'ada' });
    expect(named('participantJoined')).toHaveLength(2);
  });

  test('may be told while the join is under way', async () => {
    const { session, adapter } = setUp();
    adapter.onConnect = (attempt) => {
      attempt.participantJoined({ id: 'ada' });
      attempt.connected('connected');
    };
    await session.join('standup');
    expect(session.participants).toEqual([{ id: 'ada' }]);
  });
});

describe('the state', () => {
  test('follows a vendor that restores its connection itself', async () => {
    const { session, adapter, states } = setUp();
    await session.join('standup');
    adapter.attempt.reconnecting();
    adapter.attempt.reconnecting();
    expect(session.state).toBe('reconnecting');
    adapter.attempt.connected('connected');
    adapter.attempt.connected('connected');
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
    expect(adapter.attempts).toHaveLength(1);
  });

  test('is connecting until the adapter is in the room, whatever it says before', async () => {
    const { session, adapter, states } = setUp();
    adapter.onConnect = (attempt) => {
      attempt.reconnecting();
      attempt.connected('connected');
    };
    await session.join('standup');
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test.each(['removed', 'ended'] as const)('ends with the reason %s', async (reason) => {
    const stage = setUp();
    const error = new Error('because');
    await stage.session.join('standup');
    stage.adapter.attempt.ended(reason, error);
    await settle();
    expect(stage.named('stateChanged').at(-1)).toMatchObject({
      state: 'disconnected',
      previous: 'connected',
      reason,
      error: { code: 'connect_failed', cause: error },
    });
    expect(stage.adapter.ends).toBe(1);
    expectNothingLeft(stage);
    await stage.session.join('standup');
    expect(stage.session.state).toBe('connected');
  });

  test('says whom a join waits for, also when that changes', async () => {
    const { session, adapter, named } = setUp();
    adapter.onConnect = (attempt) => {
      attempt.waiting('host');
      attempt.waiting('lobby');
    };
    outcome(session.join('standup'));
    await settle();
    expect(named('stateChanged').map(({ state, reason }) => [state, reason])).toEqual([
      ['connecting', undefined],
      ['waiting', 'host'],
      ['waiting', 'lobby'],
    ]);
    await session.leave();
  });

  test('is not touched by what an adapter says after the end', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    const { attempt } = stage.adapter;
    await stage.session.leave();
    const told = stage.events.length;
    const sayAll = ({ ...late }: ConnectAttempt<string>) => {
      late.waiting('host');
      late.retrying(new Error('late'));
      late.reconnecting();
      late.connected('late');
      late.participantJoined({ id: 'ada' });
      late.participants([{ id: 'ada' }]);
      late.tracks('ada', [videoTrack()]);
      late.setDeadline(1);
      late.rejected();
      late.lost('Late');
      late.failed(new Error('late'));
      late.denied(new Error('late'));
      late.ended('ended');
    };
    sayAll(attempt);
    await stage.clock.advance(10);
    expect(stage.events).toHaveLength(told);
    await stage.session.join('retro');
    sayAll(attempt);
    expect(stage.session.state).toBe('connected');
    expect(stage.session.participants).toEqual([]);
    expect(stage.session.vendor).toBe('connected');
  });

  test('is not touched by what an adapter reports while it is told of the end', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    const { attempt } = stage.adapter;
    attempt.signal.addEventListener('abort', () => {
      attempt.participantJoined({ id: 'ada' });
      attempt.ended('ended');
    });
    await stage.session.leave();
    expect(stage.named('participantJoined')).toEqual([]);
    expect(stage.named('stateChanged').at(-1)).toMatchObject({ state: 'disconnected', reason: 'left' });
    expectNothingLeft(stage);
  });

  test('an ended stay gives no token any more', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    const { attempt } = stage.adapter;
    await stage.session.leave();
    await expect(attempt.getToken()).rejects.toMatchObject({ name: 'AbortError' });
    expect(stage.issued).toHaveLength(1);
  });
});

describe('a listener', () => {
  test('that throws is reported, and nobody feels it', async () => {
    const reports = collectReports();
    const stage = setUp();
    const error = new Error('in the app');
    for (const name of ['stateChanged', 'tokenRefreshed', 'participantJoined'] as const) {
      stage.session.on(name, () => {
        throw error;
      });
    }
    await stage.session.join('standup');
    stage.adapter.attempt.participantJoined({ id: 'ada' });
    expect(stage.session.state).toBe('connected');
    expect(stage.session.participants).toHaveLength(1);
    await stage.session.leave();
    expectNothingLeft(stage);
    expect(new Set(reports)).toEqual(new Set([error]));
  });

  test.each(['connecting', 'connected', 'reconnecting'] as const)(
    'that leaves at %s ends the stay, once',
    async (state) => {
      const stage = setUp();
      stage.session.on('stateChanged', (change) => {
        if (change.state === state) stage.session.leave();
      });
      const join = outcome(stage.session.join('standup'));
      await settle();
      if (state === 'reconnecting') stage.adapter.attempt.reconnecting();
      await settle();
      expect(join.done).toBe(true);
      expect(stage.states().filter((other) => other === 'disconnected')).toHaveLength(1);
      expect(stage.states().at(-1)).toBe('disconnected');
      expectNothingLeft(stage);
    },
  );

  test.each(['tokenRefreshed', 'participantJoined', 'trackAdded', 'attemptFailed'] as const)(
    'that leaves at %s leaves nothing',
    async (name) => {
      const stage = setUp();
      stage.session.on(name, () => stage.session.leave());
      stage.adapter.onConnect = (attempt) => {
        attempt.retrying(new Error('again'));
        attempt.tracks('ada', [videoTrack()]);
        attempt.connected('connected');
      };
      outcome(stage.session.join('standup'));
      await stage.clock.advance(600_000);
      expect(stage.states().at(-1)).toBe('disconnected');
      expectNothingLeft(stage);
    },
  );

  test('that joins again when the room ended is in the next one', async () => {
    const stage = setUp();
    let rejoin: Promise<void> | undefined;
    stage.session.on('stateChanged', ({ reason }) => {
      if (reason === 'ended') rejoin = stage.session.join('retro');
    });
    await stage.session.join('standup');
    stage.adapter.attempt.ended('ended');
    await settle();
    await rejoin;
    expect(stage.session.room).toBe('retro');
    expect(stage.session.state).toBe('connected');
    expect(stage.states()).toEqual(['connecting', 'connected', 'disconnected', 'connecting', 'connected']);
    await stage.session.leave();
    expectNothingLeft(stage);
  });

  test('that joins again while the stay is ending is told to wait, and the end is told all the same', async () => {
    const stage = setUp();
    let rejoin: { error?: unknown } = {};
    stage.session.on('participantLeft', () => {
      rejoin = outcome(stage.session.join('retro'));
    });
    await stage.session.join('standup');
    stage.adapter.attempt.participantJoined({ id: 'ada' });
    await stage.session.leave();
    await settle();
    expect(rejoin.error).toMatchObject({ code: 'invalid_state' });
    expect(stage.states()).toEqual(['connecting', 'connected', 'disconnected']);
    expectNothingLeft(stage);
  });

  test('of the end that leaves again changes nothing', async () => {
    const stage = setUp();
    stage.session.on('participantLeft', () => stage.session.leave());
    stage.session.on('stateChanged', ({ state }) => {
      if (state === 'disconnected') stage.session.leave();
    });
    await stage.session.join('standup');
    stage.adapter.attempt.participantJoined({ id: 'ada' });
    await stage.session.leave();
    expect(stage.states()).toEqual(['connecting', 'connected', 'disconnected']);
    expect(stage.adapter.ends).toBe(1);
    expectNothingLeft(stage);
  });

  test('that is removed hears no more', async () => {
    const { session } = setUp();
    const heard: string[] = [];
    const off = session.on('stateChanged', ({ state }) => heard.push(state));
    session.once('stateChanged', ({ state }) => heard.push(`once ${state}`));
    await session.join('standup');
    off();
    await session.leave();
    expect(heard).toEqual(['connecting', 'once connecting', 'connected']);
  });
});
