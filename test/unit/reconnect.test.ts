// @vitest-environment node
import { describe, expect, test } from 'vitest';
import { type ConnectAttempt, type JoinContext, RoomSessionError } from '../../src/index.ts';
import { settle } from '../../src/testing/index.ts';
import { expectNothingLeft, never, outcome, type Stage, setUp } from './session-stage.ts';

/** Every further attempt fails at once. */
function goDark({ adapter }: Stage): void {
  adapter.onConnect = (attempt) => attempt.lost('The server is gone');
}

/** The moments of the attempts after now, in ms from now, until `untilMs`. */
async function attemptTimes({ adapter, clock }: Stage, untilMs: number): Promise<number[]> {
  const start = clock.monotonic();
  const times: number[] = [];
  const { onConnect } = adapter;
  adapter.onConnect = (attempt) => {
    times.push(clock.monotonic() - start);
    return onConnect(attempt);
  };
  await clock.advance(untilMs);
  return times;
}

describe('a lost connection', () => {
  test('is told, and followed by another attempt with a token that is valid then', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    stage.adapter.drop();
    await settle();
    expect(stage.session.state).toBe('reconnecting');
    expect(stage.session.vendor).toBeUndefined();
    expect(stage.named('attemptFailed')).toMatchObject([
      { error: { code: 'connect_failed', message: 'The fake connection dropped.' } },
    ]);
    await stage.clock.advance(300);
    expect(stage.session.state).toBe('connected');
    expect(stage.session.vendor).toBe('connected');
    expect(stage.adapter.attempts.map(({ isReconnect }) => isReconnect)).toEqual([false, true]);
    expect(stage.states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
  });

  test.each([0, 0.5, 0.999])(
    'is followed by pauses of 0 to 0.3 s, then 0.5 s, doubling up to 10 s',
    async (random) => {
      const stage = setUp();
      stage.clock.nextRandom = () => random;
      await stage.session.join('standup');
      goDark(stage);
      stage.adapter.drop();
      const times = await attemptTimes(stage, 60_000);
      const pauses = times.map((time, index) => time - (times[index - 1] ?? 0));
      const half = 0.5 + random / 2;
      const expected = [
        300 * random,
        ...[500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000].map((ms) => ms * half),
      ];
      expected.forEach((ms, index) => {
        expect(pauses[index]).toBeCloseTo(ms, 6);
      });
    },
  );

  test('is followed by the pauses that the adapter names, half of each random', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    stage.adapter.onConnect = (attempt) => attempt.lost('The server starts', { pauseMs: 2_000 });
    stage.adapter.drop();
    const errors = stage.named('attemptFailed');
    const times = await attemptTimes(stage, 20_000);
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(pauses.length).toBeGreaterThan(5);
    for (const pause of pauses) expect(pause).toBe(1_500);
    for (const error of errors) expect(error).not.toHaveProperty('error.pauseMs');
  });

  test('tells each clean-up how long the pause is, and none where no attempt follows', async () => {
    const stage = setUp();
    const pauses: unknown[] = [];
    stage.adapter.onConnect = (attempt) => {
      attempt.onEnd((retryInMs) => pauses.push(retryInMs));
      attempt.connected('connected');
    };
    await stage.session.join('standup');
    stage.adapter.drop();
    await stage.clock.advance(150);
    await stage.session.leave();
    expect(pauses).toEqual([150, undefined]);
  });

  test('waits for a clean-up before the next attempt, 5 s at most', async () => {
    const stage = setUp();
    stage.adapter.onEnd = () => never;
    await stage.session.join('standup');
    stage.adapter.drop();
    await stage.clock.advance(4_999);
    expect(stage.adapter.attempts).toHaveLength(1);
    await stage.clock.advance(1);
    expect(stage.adapter.attempts).toHaveLength(2);
  });

  test('waits for the token where the source is down, and the room is lost at the limit all the same', async () => {
    let up = true;
    const stage = setUp({
      reconnectLimitMs: 200_000,
      tokenSource: () => {
        if (up) return stage.issue();
        throw new Error('down');
      },
    });
    await stage.session.join('standup');
    up = false;
    await stage.clock.advance(150_000);
    stage.adapter.drop();
    await stage.clock.advance(199_000);
    expect(stage.session.state).toBe('reconnecting');
    expect(stage.adapter.attempts).toHaveLength(1);
    await stage.clock.advance(1_000);
    expect(stage.session.state).toBe('disconnected');
    await settle();
    expectNothingLeft(stage);
  });

  test('ends with denied where the token source says no', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    stage.adapter.onConnect = (attempt) => attempt.denied(new RoomSessionError('connect_denied', 'No.'));
    stage.adapter.drop();
    await stage.clock.advance(300);
    expect(stage.named('stateChanged').at(-1)).toMatchObject({
      state: 'disconnected',
      reason: 'denied',
      error: { code: 'connect_denied' },
    });
    expectNothingLeft(stage);
  });
});

describe('the pauses', () => {
  const loseTwice = async (stage: Stage, connectedMs: number) => {
    await stage.session.join('standup');
    const { onConnect } = stage.adapter;
    goDark(stage);
    stage.adapter.drop();
    await stage.clock.advance(4_000);
    stage.adapter.onConnect = onConnect;
    await stage.clock.advance(10_000);
    expect(stage.session.state).toBe('connected');
    stage.adapter.drop();
    await stage.clock.advance(10_000);
    await stage.clock.advance(connectedMs);
    stage.adapter.drop();
    return attemptTimes(stage, 30_000);
  };

  test.each([
    [4_999, 375],
    [5_000, 150],
  ])('after %i ms in the room start with %i ms', async (connectedMs, pauseMs) => {
    const stage = setUp();
    await stage.session.join('standup');
    stage.adapter.drop();
    await stage.clock.advance(150);
    await stage.clock.advance(connectedMs);
    stage.adapter.drop();
    expect(await attemptTimes(stage, 2_000)).toEqual([pauseMs]);
  });

  test('go on where a connection lasts less than the adapter asks for', async () => {
    const stage = setUp();
    Object.assign(stage.adapter, { stableMs: 60_000 });
    const [pause = 0] = await loseTwice(stage, 0);
    expect(pause).toBeGreaterThan(2_000);
  });

  test('grow where each connection is lost at once', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    stage.adapter.onConnect = (attempt) => {
      attempt.connected('connected');
      attempt.lost('Thrown out');
    };
    stage.adapter.drop();
    const times = await attemptTimes(stage, 60_000);
    expect(times).toHaveLength(12);
  });

  test('are cut short by a wake, and start from the shortest again', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    goDark(stage);
    stage.adapter.drop();
    await stage.clock.advance(30_000);
    const before = stage.adapter.attempts.length;
    await stage.clock.wake('online');
    expect(stage.adapter.attempts).toHaveLength(before + 1);
    expect(await attemptTimes(stage, 160)).toEqual([150]);
  });
});

describe('the limit of a reconnect', () => {
  test('ends the room as lost after five minutes', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    goDark(stage);
    stage.adapter.drop();
    await stage.clock.advance(299_999);
    expect(stage.session.state).toBe('reconnecting');
    await stage.clock.advance(1);
    expect(stage.named('stateChanged').at(-1)).toMatchObject({
      reason: 'lost',
      error: { code: 'connect_failed', message: expect.stringContaining('300 s (reconnectLimitMs)') },
    });
    expectNothingLeft(stage);
  });

  test('is an option, and starts anew at a wake', async () => {
    const stage = setUp({ reconnectLimitMs: 10_000 });
    await stage.session.join('standup');
    goDark(stage);
    stage.adapter.drop();
    await stage.clock.advance(9_000);
    stage.clock.sleep(3_600_000);
    await stage.clock.wake('slept');
    await stage.clock.advance(9_999);
    expect(stage.session.state).toBe('reconnecting');
    await stage.clock.advance(1);
    expect(stage.named('stateChanged').at(-1)).toMatchObject({ reason: 'lost' });
  });

  test('does not run after a wake while connected', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    await stage.clock.wake('slept');
    await stage.clock.advance(400_000);
    expect(stage.session.state).toBe('connected');
  });

  test('does not run while a person must let us in', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    stage.adapter.onConnect = (attempt) => attempt.waiting('lobby');
    stage.adapter.drop();
    await stage.clock.advance(3_600_000);
    expect(stage.session.state).toBe('waiting');
    stage.adapter.attempt.connected('connected');
    expect(stage.session.state).toBe('connected');
  });

  test('runs for a join that waited and whose attempts fail then', async () => {
    const stage = setUp();
    stage.adapter.onConnect = (attempt) => attempt.waiting('host');
    const join = outcome(stage.session.join('standup'));
    await settle();
    stage.adapter.onConnect = (attempt) => {
      attempt.reached();
      attempt.lost('The server is broken');
    };
    stage.adapter.drop();
    await stage.clock.advance(299_999);
    expect(join.done).toBe(false);
    expect(stage.session.state).toBe('waiting');
    await stage.clock.advance(1);
    expect(join.error).toMatchObject({ code: 'connect_failed' });
    expectNothingLeft(stage);
  });

  test('does not count participants as gone while the vendor restores its connection', async () => {
    const stage = setUp({ attemptTimeoutMs: 60_000 });
    await stage.session.join('standup');
    stage.adapter.attempt.participantJoined({ id: 'ada' });
    await stage.clock.advance(1_000);
    stage.adapter.attempt.reconnecting();
    await stage.clock.advance(30_000);
    expect(stage.session.participants).toEqual([{ id: 'ada' }]);
    stage.adapter.attempt.connected('connected');
    await stage.clock.advance(2_000);
    expect(stage.session.participants).toEqual([]);
  });

  test('holds for a vendor that restores its connection itself', async () => {
    const stage = setUp({ reconnectLimitMs: 60_000 });
    await stage.session.join('standup');
    stage.adapter.onConnect = () => {};
    stage.adapter.attempt.reconnecting();
    await stage.clock.advance(60_000);
    expect(stage.named('stateChanged').at(-1)).toMatchObject({ reason: 'lost' });
    expectNothingLeft(stage);
  });
});

describe('an end that the adapter tells of its join', () => {
  /** Joins, and gives what the adapter has of that join. */
  function prepared(stage: Stage): { context: JoinContext | undefined } {
    const held: { context: JoinContext | undefined } = { context: undefined };
    stage.adapter.onPrepare = (context) => {
      held.context = context;
    };
    return held;
  }

  test('ends the room between two attempts, and none follows', async () => {
    const stage = setUp();
    const held = prepared(stage);
    await stage.session.join('standup');
    goDark(stage);
    stage.adapter.drop();
    await stage.clock.advance(2_000);
    const { length } = stage.adapter.attempts;
    const error = new RoomSessionError('connect_failed', 'The scene is gone.');
    held.context?.ended('ended', error);
    await settle();
    expect(stage.named('stateChanged').at(-1)).toMatchObject({
      state: 'disconnected',
      reason: 'ended',
      error,
    });
    await stage.clock.advance(60_000);
    expect(stage.adapter.attempts).toHaveLength(length);
    expectNothingLeft(stage);
  });

  test('ends the attempt that is under way at once', async () => {
    const stage = setUp();
    const held = prepared(stage);
    await stage.session.join('standup');
    held.context?.ended('removed');
    expect(stage.adapter.ends).toBe(1);
    await settle();
    expect(stage.named('stateChanged').at(-1)).toMatchObject({ state: 'disconnected', reason: 'removed' });
    expect(stage.adapter.ends).toBe(1);
    expectNothingLeft(stage);
  });

  test('fails a join whose token is not there yet, with an error of ours', async () => {
    const stage = setUp({ tokenSource: () => never });
    const held = prepared(stage);
    const join = outcome(stage.session.join('standup'));
    await settle();
    held.context?.ended('ended', new TypeError('no scene'));
    await settle();
    expect(join.error).toMatchObject({ code: 'connect_failed', cause: { message: 'no scene' } });
    expect(stage.adapter.attempts).toEqual([]);
    expectNothingLeft(stage);
  });

  test('has no effect after the join', async () => {
    const stage = setUp();
    const held = prepared(stage);
    await stage.session.join('standup');
    const { context } = held;
    await stage.session.leave();
    await stage.session.join('standup');
    context?.ended('ended');
    await settle();
    expect(stage.session.state).toBe('connected');
  });
});

describe('the deadline of an attempt', () => {
  test('ends one that says nothing, and each is told until the limit', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    stage.adapter.onConnect = () => {};
    stage.adapter.drop();
    await stage.clock.advance(300_000);
    const failures = stage.named('attemptFailed');
    expect(failures.length).toBeGreaterThan(10);
    expect(failures[1]?.error.message).toBe('The backend (fake) did not let us in within 15 s.');
    expect(stage.named('stateChanged').at(-1)).toMatchObject({ state: 'disconnected', reason: 'lost' });
    expectNothingLeft(stage);
  });

  test('is an option', async () => {
    const stage = setUp({ attemptTimeoutMs: 1_000 });
    stage.adapter.onConnect = (attempt) => attempt.reached();
    outcome(stage.session.join('standup'));
    await stage.clock.advance(1_000);
    expect(stage.named('attemptFailed')).toHaveLength(1);
  });

  test('is set anew, or taken away, by the adapter', async () => {
    const stage = setUp({ joinTimeoutMs: 3_600_000 });
    stage.adapter.onConnect = (attempt) => attempt.setDeadline(40_000, 'gave no sign of life');
    outcome(stage.session.join('standup'));
    await stage.clock.advance(39_999);
    expect(stage.named('attemptFailed')).toEqual([]);
    await stage.clock.advance(1);
    expect(stage.named('attemptFailed')).toMatchObject([
      { error: { message: 'The backend (fake) gave no sign of life within 40 s.' } },
    ]);
    stage.adapter.onConnect = (attempt) => attempt.setDeadline(undefined);
    await stage.clock.advance(1_000_000);
    expect(stage.adapter.attempts).toHaveLength(2);
    expect(stage.session.state).toBe('connecting');
  });

  test('ends in the room, and runs again when the vendor restores its connection', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    await stage.clock.advance(60_000);
    stage.adapter.attempt.reconnecting();
    await stage.clock.advance(14_999);
    expect(stage.adapter.attempts).toHaveLength(1);
    await stage.clock.advance(151);
    expect(stage.adapter.attempts).toHaveLength(2);
    expect(stage.session.state).toBe('connected');
  });
});

describe('a rejected token', () => {
  test('is replaced once, and the second rejection is final', async () => {
    const stage = setUp();
    stage.adapter.rejects = () => true;
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(5_000);
    expect(join.error).toMatchObject({ code: 'connect_denied', vendorCode: 'fake_rejection' });
    expect((join.error as Error).message).toBe(
      "The backend (fake) rejected a new token too (fake_rejection). Check the token's secret, claims and lifetime.",
    );
    expect(stage.issued).toHaveLength(2);
    expect(stage.adapter.attempts).toHaveLength(2);
    expectNothingLeft(stage);
  });

  test('does not count once another token was taken', async () => {
    const stage = setUp();
    for (let round = 0; round < 3; round++) {
      const bad = stage.issued.length;
      stage.adapter.rejects = (token) => token?.value === stage.issued[bad];
      const join = outcome(stage.session.join('standup'));
      await stage.clock.advance(5_000);
      expect(join).toEqual({ done: true });
      stage.adapter.rejects = (token) => token?.value === stage.issued[bad + 1];
      stage.adapter.drop();
      await stage.clock.advance(5_000);
      expect(stage.session.state).toBe('connected');
      await stage.session.leave();
    }
  });

  test('counts once, whether the attempt goes on or ends with it', async () => {
    const stage = setUp();
    stage.adapter.onConnect = async (attempt: ConnectAttempt<string>) => {
      const another = await attempt.getToken({ rejected: attempt.token, vendorCode: 'first' });
      await attempt.getToken({ rejected: another, vendorCode: 'second' });
      attempt.connected('connected');
    };
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(1_000);
    expect(join.error).toMatchObject({ code: 'connect_denied', vendorCode: 'second' });
    expect(stage.issued).toHaveLength(2);
  });

  test('is known as the second one over a lost connection', async () => {
    const stage = setUp();
    stage.adapter.onConnect = async (attempt) => {
      attempt.reached();
      await attempt.getToken({ rejected: attempt.token });
      attempt.lost('The socket closed');
    };
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(5_000);
    expect(join.error).toMatchObject({ code: 'connect_denied' });
  });

  test('may come for each of several authentications that succeed in the end', async () => {
    const stage = setUp();
    stage.adapter.onConnect = async (attempt) => {
      for (let command = 0; command < 3; command++) {
        await attempt.getToken({ rejected: await attempt.getToken() });
        attempt.accepted();
      }
      attempt.connected('connected');
    };
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(5_000);
    expect(join).toEqual({ done: true });
  });

  test('ends the adapter’s own message with what to check', async () => {
    const stage = setUp();
    Object.assign(stage.adapter, { tokenAdvice: 'Check the moon.' });
    stage.adapter.rejects = () => true;
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(5_000);
    expect(String(join.error)).toMatch(/Check the moon\.$/);
  });

  test('of a guest is asked for once, and denied where there is none', async () => {
    const answers: (string | null)[] = [];
    const stage = setUp({ tokenSource: () => answers.shift() ?? null });
    stage.adapter.rejects = (token) => token === undefined;
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(5_000);
    expect(join.error).toMatchObject({ code: 'connect_denied', vendorCode: 'fake_rejection' });
    expect(String(join.error)).toContain('the token source has none');
    answers.push(null as never, stage.issue());
    answers.shift();
    const again = outcome(stage.session.join('standup'));
    await stage.clock.advance(5_000);
    expect(again).toEqual({ done: true });
  });
});
