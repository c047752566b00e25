// @vitest-environment node
import { describe, expect, test } from 'vitest';
import type { AdapterReport, ParticipantTrack } from '../../src/index.ts';
import { settle } from '../../src/testing/index.ts';
import { collectReports, expectNothingLeft, never, outcome, setUp } from './session-stage.ts';

const trackOf = (participantId: string): ParticipantTrack => ({
  participantId,
  track: { kind: 'video' } as MediaStreamTrack,
  stream: {} as MediaStream,
});

describe('participants and tracks', () => {
  test('are told once each, and listed', async () => {
    const { session, adapter, named } = setUp();
    await session.join('standup');
    const track = trackOf('ada');
    for (let time = 0; time < 2; time++) {
      adapter.report({ type: 'participantJoined', participant: { id: 'ada', name: 'Ada' } });
      adapter.report({ type: 'trackAdded', ...track });
    }
    expect(session.participants).toEqual([{ id: 'ada', name: 'Ada' }]);
    expect(session.tracks).toEqual([track]);
    expect(named('participantJoined')).toEqual([{ id: 'ada', name: 'Ada' }]);
    expect(named('trackAdded')).toEqual([track]);
    for (let time = 0; time < 2; time++) {
      adapter.report({ type: 'trackRemoved', ...track });
      adapter.report({ type: 'participantLeft', participant: { id: 'ada' } });
    }
    expect(session.participants).toEqual([]);
    expect(session.tracks).toEqual([]);
    expect(named('trackRemoved')).toEqual([track]);
    expect(named('participantLeft')).toEqual([{ id: 'ada', name: 'Ada' }]);
  });

  test('of somebody whose track comes first are told in order', async () => {
    const { session, adapter, events } = setUp();
    await session.join('standup');
    adapter.report({ type: 'trackAdded', ...trackOf('ada') });
    expect(events.slice(-2).map(([name]) => name)).toEqual(['participantJoined', 'trackAdded']);
  });

  test('who leave take their tracks along', async () => {
    const { session, adapter, events } = setUp();
    await session.join('standup');
    adapter.report({ type: 'trackAdded', ...trackOf('ada') });
    adapter.report({ type: 'trackAdded', ...trackOf('bob') });
    adapter.report({ type: 'participantLeft', participant: { id: 'ada' } });
    expect(session.tracks.map(({ participantId }) => participantId)).toEqual(['bob']);
    expect(events.slice(-2).map(([name]) => name)).toEqual(['trackRemoved', 'participantLeft']);
  });

  test('are gone when the stay ends, before the state says so', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    stage.adapter.report({ type: 'trackAdded', ...trackOf('ada') });
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
    adapter.report({ type: 'participantJoined', participant: { id: 'ada' } });
    await session.leave();
    await session.join('retro');
    expect(session.participants).toEqual([]);
    adapter.report({ type: 'participantJoined', participant: { id: 'ada' } });
    expect(named('participantJoined')).toHaveLength(2);
  });

  test('may be told while the join is under way', async () => {
    const { session, adapter } = setUp();
    adapter.onConnect = ({ report }) => report({ type: 'participantJoined', participant: { id: 'ada' } });
    await session.join('standup');
    expect(session.participants).toEqual([{ id: 'ada' }]);
  });
});

describe('the state', () => {
  test('follows the adapter through a reconnect', async () => {
    const { session, adapter, states } = setUp();
    await session.join('standup');
    adapter.report({ type: 'reconnecting' });
    adapter.report({ type: 'reconnecting' });
    expect(session.state).toBe('reconnecting');
    adapter.report({ type: 'connected' });
    adapter.report({ type: 'connected' });
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
  });

  test('stays connecting until join resolves, whatever the adapter reports', async () => {
    const { session, adapter, states } = setUp();
    adapter.onConnect = ({ report }) => {
      report({ type: 'connected' });
      report({ type: 'reconnecting' });
      report({ type: 'connected' });
    };
    await session.join('standup');
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test.each(['removed', 'ended', 'lost', 'denied'] as const)('ends with the reason %s', async (reason) => {
    const stage = setUp();
    const error = new Error('because');
    await stage.session.join('standup');
    stage.adapter.report({ type: 'disconnected', reason, error });
    await settle();
    expect(stage.named('stateChanged').at(-1)).toMatchObject({
      state: 'disconnected',
      previous: 'connected',
      reason,
      error: { code: 'connect_failed', cause: error },
    });
    expect(stage.adapter.disconnects).toBe(1);
    expectNothingLeft(stage);
    await stage.session.join('standup');
    expect(stage.session.state).toBe('connected');
  });

  test('says whom a join waits for, also when that changes', async () => {
    const { session, adapter, named } = setUp();
    adapter.onConnect = ({ report }) => {
      report({ type: 'waiting', reason: 'host' });
      report({ type: 'waiting', reason: 'lobby' });
      return never;
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

  test('is not touched by what an adapter reports after the end', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    const { context } = stage.adapter;
    await stage.session.leave();
    const told = stage.events.length;
    const late: AdapterReport[] = [
      { type: 'waiting', reason: 'host' },
      { type: 'retrying', error: new Error('late') },
      { type: 'reconnecting' },
      { type: 'connected' },
      { type: 'participantJoined', participant: { id: 'ada' } },
      { type: 'trackAdded', ...trackOf('ada') },
      { type: 'disconnected', reason: 'lost' },
    ];
    for (const report of late) context.report(report);
    await settle();
    expect(stage.events).toHaveLength(told);
    await stage.session.join('retro');
    for (const report of late) context.report(report);
    expect(stage.session.state).toBe('connected');
    expect(stage.session.participants).toEqual([]);
  });

  test('is not touched by what an adapter reports while it is told of the end', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    const { context } = stage.adapter;
    context.signal.addEventListener('abort', () => {
      context.report({ type: 'participantJoined', participant: { id: 'ada' } });
      context.report({ type: 'disconnected', reason: 'lost' });
    });
    await stage.session.leave();
    expect(stage.named('participantJoined')).toEqual([]);
    expect(stage.named('stateChanged').at(-1)).toMatchObject({ state: 'disconnected', reason: 'left' });
    expectNothingLeft(stage);
  });

  test('an ended stay gives no token any more', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    const { context } = stage.adapter;
    await stage.session.leave();
    await expect(context.getToken()).rejects.toMatchObject({ name: 'AbortError' });
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
    stage.adapter.report({ type: 'participantJoined', participant: { id: 'ada' } });
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
      if (state === 'reconnecting') stage.adapter.report({ type: 'reconnecting' });
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
      stage.adapter.onConnect = ({ report }) => {
        report({ type: 'retrying', error: new Error('again') });
        report({ type: 'trackAdded', ...trackOf('ada') });
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
    stage.adapter.report({ type: 'disconnected', reason: 'ended' });
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
    stage.adapter.report({ type: 'participantJoined', participant: { id: 'ada' } });
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
    stage.adapter.report({ type: 'participantJoined', participant: { id: 'ada' } });
    await stage.session.leave();
    expect(stage.states()).toEqual(['connecting', 'connected', 'disconnected']);
    expect(stage.adapter.disconnects).toBe(1);
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
