// @vitest-environment node
import { describe, expect, test } from 'vitest';
import { RoomSession, RoomSessionError, TokenError } from '../../src/index.ts';
import { settle } from '../../src/testing/index.ts';
import {
  collectReports,
  expectNothingLeft,
  microtasks,
  never,
  outcome,
  type Stage,
  setUp,
} from './session-stage.ts';

describe('join', () => {
  test('resolves in the room, with a token that the adapter got', async () => {
    const { session, adapter, states, issued } = setUp();
    await session.join('standup', { identity: 'ada' });
    expect(session.state).toBe('connected');
    expect(session.room).toBe('standup');
    expect(session.vendor).toBe('connected');
    expect(adapter.attempt).toMatchObject({ room: 'standup', identity: 'ada' });
    expect(new Set(adapter.tokens.map((token) => token?.value))).toEqual(new Set(issued));
    expect(issued).toHaveLength(1);
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test('asks for the token while the adapter gets ready', async () => {
    const log: string[] = [];
    const stage = setUp({
      tokenSource: () => {
        log.push('token asked for');
        return stage.issue();
      },
    });
    stage.adapter.onPrepare = async () => {
      log.push('adapter prepares');
      await settle();
      log.push('adapter is ready');
    };
    await stage.session.join('standup');
    expect(log.indexOf('token asked for')).toBeLessThan(log.indexOf('adapter is ready'));
    expect(log.indexOf('adapter prepares')).toBeLessThan(log.indexOf('adapter is ready'));
    expect(log.filter((line) => line === 'token asked for')).toHaveLength(1);
  });

  test('tells the token source room, identity and reason', async () => {
    const requests: unknown[] = [];
    const stage = setUp({
      identity: 'ada',
      tokenSource: ({ room, identity, reason }) => {
        requests.push({ room, identity, reason });
        return stage.issue();
      },
    });
    await stage.session.join('standup');
    await stage.session.leave();
    await stage.session.join('retro', { identity: 'bob' });
    expect(requests).toEqual([
      { room: 'standup', identity: 'ada', reason: 'join' },
      { room: 'retro', identity: 'bob', reason: 'join' },
    ]);
  });

  test('joins as a guest without a token source, and where the source answers null', async () => {
    for (const tokenSource of [undefined, () => null]) {
      const stage = setUp({ tokenSource });
      await stage.session.join('standup');
      expect(stage.adapter.tokens).toEqual([undefined]);
      await stage.session.leave();
      expectNothingLeft(stage);
    }
  });

  test.each([
    ['the token source', 'token_unavailable'],
    ['connect', 'connect_timeout'],
    ['connect, and its clean-up too', 'connect_timeout'],
  ])('rejects within the join timeout when %s hangs', async (what, code) => {
    const stage = setUp(what === 'the token source' ? { tokenSource: () => never } : {});
    const { session, adapter, clock } = stage;
    if (what.startsWith('connect')) adapter.onConnect = () => never;
    if (what.endsWith('too')) adapter.onEnd = () => never;
    const join = outcome(session.join('standup'));
    await clock.advance(29_999);
    expect(join.done).toBe(false);
    await clock.advance(1);
    expect(join.error).toMatchObject({ code });
    expect(join.error).toBeInstanceOf(RoomSessionError);
    expect(session.state).toBe('disconnected');
    await clock.advance(5_000);
    expectNothingLeft(stage);
  });

  test('counts the end of the stay before into the join timeout', async () => {
    const stage = setUp({ joinTimeoutMs: 2_000 });
    stage.adapter.onEnd = () => never;
    await stage.session.join('standup');
    stage.session.leave();
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(2_000);
    expect(join.error).toMatchObject({ code: 'connect_timeout' });
    await stage.clock.advance(10_000);
    expect(stage.adapter.attempts).toHaveLength(1);
    expectNothingLeft(stage);
  });

  test('names the newest failed try when it runs out of time', async () => {
    const { session, adapter, clock, named } = setUp();
    adapter.onConnect = (attempt) => {
      attempt.setDeadline(undefined);
      const error = new RoomSessionError('connect_failed', 'The server is about to stop.', {
        vendorCode: 'x',
      });
      attempt.retrying(error);
      return never;
    };
    const join = outcome(session.join('standup'));
    await clock.advance(30_000);
    expect(join.error).toMatchObject({ code: 'connect_timeout', vendorCode: 'x' });
    expect(String(join.error)).toContain('The server is about to stop.');
    expect(named('attemptFailed')).toHaveLength(1);
  });

  test('takes a join timeout of its own', async () => {
    const { session, adapter, clock } = setUp({ joinTimeoutMs: 1_000 });
    adapter.onConnect = () => never;
    const join = outcome(session.join('standup'));
    await clock.advance(1_000);
    expect(join.error).toMatchObject({ code: 'connect_timeout' });
  });

  test('is invalid_state while joining and while joined, and changes nothing then', async () => {
    const { session, adapter, states } = setUp();
    const first = session.join('standup');
    await expect(session.join('retro')).rejects.toMatchObject({ code: 'invalid_state' });
    await first;
    await expect(session.join('retro')).rejects.toMatchObject({ code: 'invalid_state' });
    expect(session.room).toBe('standup');
    expect(adapter.attempts).toHaveLength(1);
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test.each([
    [
      'prepare',
      ({ adapter }: Stage) => {
        adapter.onPrepare = () => {
          throw new RoomSessionError('vendor_missing', 'no library');
        };
      },
      'vendor_missing',
      0,
    ],
    [
      'connect that throws one of our errors',
      ({ adapter }: Stage) => {
        adapter.onConnect = () => {
          throw new RoomSessionError('invalid_argument', 'no address');
        };
      },
      'invalid_argument',
      1,
    ],
    [
      'connect that rejects with a denial',
      ({ adapter }: Stage) => {
        adapter.onConnect = () => Promise.reject(new RoomSessionError('connect_denied', 'no'));
      },
      'connect_denied',
      1,
    ],
    [
      'an end',
      ({ adapter }: Stage) => {
        adapter.onConnect = (attempt) => attempt.ended('ended');
      },
      'connect_failed',
      1,
    ],
  ] as const)('fails by %s, leaves nothing, and may be called again', async (_by, spoil, code, attempts) => {
    const stage = setUp();
    const { session, adapter } = stage;
    const { onConnect, onPrepare } = adapter;
    spoil(stage);
    await expect(session.join('standup')).rejects.toMatchObject({ code });
    await settle();
    expect(adapter.ends).toBe(attempts);
    expectNothingLeft(stage);
    expect(stage.named('stateChanged').at(-1)).toMatchObject({
      state: 'disconnected',
      reason: code === 'connect_denied' ? 'denied' : 'failed',
      error: { code },
    });
    Object.assign(adapter, { onConnect, onPrepare });
    await session.join('standup');
    expect(session.state).toBe('connected');
  });

  test.each(['throws', 'rejects', 'says that it is lost'])(
    'tries three times where the backend never answers and connect %s, and keeps the cause',
    async (how) => {
      const stage = setUp();
      const cause = new Error('no route');
      stage.adapter.onConnect = (attempt) => {
        if (how === 'throws') throw cause;
        if (how === 'rejects') return Promise.reject(cause);
        attempt.lost('No route', { cause });
      };
      const join = outcome(stage.session.join('standup'));
      await stage.clock.advance(5_000);
      expect(join.error).toMatchObject({ code: 'connect_failed', cause: { code: 'connect_failed', cause } });
      expect(String(join.error)).toContain('could not be reached');
      expect(stage.adapter.attempts).toHaveLength(3);
      expect(stage.named('attemptFailed')).toHaveLength(2);
      await settle();
      expectNothingLeft(stage);
    },
  );

  test('goes on trying until the join timeout where the backend answers', async () => {
    const stage = setUp();
    stage.adapter.onConnect = (attempt) => {
      attempt.reached();
      attempt.lost('The server is restarting');
    };
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(29_999);
    expect(join.done).toBe(false);
    expect(stage.adapter.attempts.length).toBeGreaterThan(3);
    await stage.clock.advance(1);
    expect(join.error).toMatchObject({ code: 'connect_timeout' });
    expectNothingLeft(stage);
  });

  test('ends with the caller’s reason when its signal aborts, at any time', async () => {
    const reason = new Error('changed my mind');
    for (const turns of [0, 1, 2, 3, 5, 8, 13]) {
      const stage = setUp();
      stage.adapter.onConnect = () => never;
      const caller = new AbortController();
      const join = outcome(stage.session.join('standup', { signal: caller.signal }));
      await microtasks(turns);
      caller.abort(reason);
      await settle();
      expect(join.error).toBe(reason);
      expect(stage.named('stateChanged').at(-1)).toMatchObject({ state: 'disconnected', reason: 'left' });
      expectNothingLeft(stage);
    }
  });

  test('begins nothing when the signal is aborted already', async () => {
    const stage = setUp();
    const reason = new Error('too late');
    const join = stage.session.join('standup', { signal: AbortSignal.abort(reason) });
    await expect(join).rejects.toBe(reason);
    expect(stage.events).toEqual([]);
    expect(stage.adapter.attempts).toEqual([]);
    expectNothingLeft(stage);
  });

  test('ends when a listener of its first event aborts the signal', async () => {
    const stage = setUp();
    const caller = new AbortController();
    const reason = new Error('not now');
    stage.session.once('stateChanged', () => caller.abort(reason));
    const join = outcome(stage.session.join('standup', { signal: caller.signal }));
    await settle();
    expect(join.error).toBe(reason);
    expectNothingLeft(stage);
  });

  test('has no use for the signal once joined', async () => {
    const { session, adapter } = setUp();
    const caller = new AbortController();
    await session.join('standup', { signal: caller.signal });
    caller.abort();
    await settle();
    expect(session.state).toBe('connected');
    expect(adapter.attempt.signal.aborted).toBe(false);
  });

  test('is not timed out while somebody must let us in', async () => {
    const stage = setUp();
    let letIn = () => {};
    stage.adapter.onConnect = (attempt) => {
      attempt.waiting('lobby');
      letIn = () => attempt.connected('connected');
    };
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(3_600_000);
    expect(join.done).toBe(false);
    expect(stage.named('stateChanged').at(-1)).toMatchObject({ state: 'waiting', reason: 'lobby' });
    letIn();
    await settle();
    expect(join).toEqual({ done: true });
    expect(stage.states()).toEqual(['connecting', 'waiting', 'connected']);
  });
});

describe('bad input', () => {
  test.each([
    ['', '""'],
    [undefined, 'undefined'],
    [null, 'null'],
    [7, '7'],
    [{}, '{}'],
  ])('a room of %j is invalid_argument, and says what it got', async (room, named) => {
    const stage = setUp();
    const error = await stage.session.join(room as string).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'invalid_argument' });
    expect(error.message).toContain(named);
    expect(error.message).toMatch(/room/);
    expect(stage.events).toEqual([]);
    expectNothingLeft(stage);
  });

  test.each(['party \ud83c', '\udf89 party', '\udf89\ud83c'])(
    'half a character is invalid_argument (%j)',
    async (text) => {
      const stage = setUp();
      await expect(stage.session.join(text)).rejects.toMatchObject({ code: 'invalid_argument' });
      const join = stage.session.join('standup', { identity: text });
      await expect(join).rejects.toMatchObject({ code: 'invalid_argument' });
      expectNothingLeft(stage);
      await stage.session.join('party 🎉');
    },
  );

  test('a room and an identity have one form, however they were typed', async () => {
    const asked: unknown[] = [];
    const stage = setUp({
      tokenSource: ({ room, identity }) => {
        asked.push(room, identity);
        return stage.issue();
      },
    });
    await stage.session.join('cafe\u0301', { identity: 'rene\u0301' });
    expect(asked).toEqual(['caf\u00e9', 'ren\u00e9']);
    expect(stage.session.room).toBe('caf\u00e9');
  });

  test.each(['', 7, null])('an identity of %j is invalid_argument', async (identity) => {
    const stage = setUp();
    const join = stage.session.join('standup', { identity: identity as string });
    await expect(join).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(stage.events).toEqual([]);
    expectNothingLeft(stage);
  });

  test.each([undefined, {}, { adapter: {} }])('options %j make no session', (options) => {
    const make = () => new RoomSession(options as never);
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  test('a token source that is no function makes no session', () => {
    const make = () => setUp({ tokenSource: '/api/token' as never });
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  test('what the adapter cannot do is invalid_state', async () => {
    const { session } = setUp();
    await session.join('standup');
    for (const call of [
      () => session.setMicrophone(false),
      () => session.setCamera(false),
      () => session.kick('bob'),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'invalid_state' });
    }
  });

  test('what the adapter can do reaches it', async () => {
    const calls: unknown[] = [];
    const stage = setUp();
    Object.assign(stage.adapter, {
      setMicrophone: (vendor: string, on: boolean) => calls.push([vendor, 'microphone', on]),
      setCamera: (vendor: string, on: boolean) => calls.push([vendor, 'camera', on]),
      kick: async (vendor: string, id: string) => calls.push([vendor, 'kick', id]),
    });
    await stage.session.join('standup');
    await stage.session.setMicrophone(false);
    await stage.session.setCamera(true);
    await stage.session.kick('bob');
    expect(calls).toEqual([
      ['connected', 'microphone', false],
      ['connected', 'camera', true],
      ['connected', 'kick', 'bob'],
    ]);
  });

  test.each(['throws', 'rejects'])('what an adapter %s for a call is one of our errors', async (how) => {
    const stage = setUp();
    const cause = new Error('vendor trouble');
    const fail = () => {
      if (how === 'throws') throw cause;
      return Promise.reject(cause);
    };
    await stage.session.join('standup');
    Object.assign(stage.adapter, { setMicrophone: fail, setCamera: fail, kick: fail });
    for (const call of [
      () => stage.session.setMicrophone(false),
      () => stage.session.setCamera(false),
      () => stage.session.kick('bob'),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'connect_failed', cause });
    }
  });

  test('kick is invalid_state while not connected', async () => {
    const stage = setUp();
    Object.assign(stage.adapter, { kick: () => {} });
    await expect(stage.session.kick('bob')).rejects.toMatchObject({ code: 'invalid_state' });
    await stage.session.join('standup');
    stage.adapter.drop();
    await expect(stage.session.kick('bob')).rejects.toMatchObject({ code: 'invalid_state' });
  });

  test('what is wished before a join, or during a reconnect, reaches the adapter once connected', async () => {
    const calls: unknown[] = [];
    const stage = setUp();
    Object.assign(stage.adapter, { setMicrophone: (_: string, on: boolean) => calls.push(on) });
    await stage.session.setMicrophone(false);
    expect(calls).toEqual([]);
    await stage.session.join('standup');
    expect(calls).toEqual([false]);
    stage.adapter.drop();
    await stage.session.setMicrophone(true);
    expect(calls).toEqual([false]);
    await stage.clock.advance(1_000);
    expect(calls).toEqual([false, true]);
  });
});

describe('leave', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    '%i microtasks after the vendor connected leaves nothing',
    async (turns) => {
      const stage = setUp();
      const { session, adapter } = stage;
      let connected = () => {};
      adapter.onConnect = (attempt) => {
        connected = () => attempt.connected('connected');
      };
      const join = outcome(session.join('standup'));
      await settle();
      connected();
      await microtasks(turns);
      await session.leave();
      const told = stage.events.length;
      expect(stage.states().at(-1)).toBe('disconnected');
      expect(stage.states().filter((state) => state === 'disconnected')).toHaveLength(1);
      expectNothingLeft(stage);
      expect(adapter.ends).toBe(1);
      await stage.clock.advance(600_000);
      expect(stage.events).toHaveLength(told);
      expect(join.done).toBe(true);
      // Early enough, the join rejects; later it had succeeded.
      if (join.error) expect(join.error).toMatchObject({ name: 'AbortError' });
    },
  );

  test('at any moment of a join leaves nothing', async () => {
    for (let turns = 0; turns < 40; turns++) {
      const stage = setUp();
      const join = outcome(stage.session.join('standup'));
      await microtasks(turns);
      await stage.session.leave();
      await stage.clock.advance(60_000);
      expect(join.done).toBe(true);
      expect(stage.states().at(-1)).toBe('disconnected');
      expectNothingLeft(stage);
    }
  });

  test('before the token arrives aborts the request for it', async () => {
    let signal: AbortSignal | undefined;
    const stage = setUp({
      tokenSource: (request) => {
        signal = request.signal;
        return never;
      },
    });
    const join = outcome(stage.session.join('standup'));
    await settle();
    expect(signal?.aborted).toBe(false);
    await stage.session.leave();
    expect(signal?.aborted).toBe(true);
    expect(join.error).toMatchObject({ name: 'AbortError' });
    expectNothingLeft(stage);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    '%i microtasks after the token arrived leaves nothing',
    async (turns) => {
      let arrive = (_token: string) => {};
      const stage = setUp({
        tokenSource: () =>
          new Promise((resolve) => {
            arrive = resolve;
          }),
      });
      outcome(stage.session.join('standup'));
      await settle();
      arrive(stage.issue());
      await microtasks(turns);
      await stage.session.leave();
      const told = stage.events.length;
      await stage.clock.advance(600_000);
      expect(stage.events).toHaveLength(told);
      expectNothingLeft(stage);
    },
  );

  test('is without effect while disconnected', async () => {
    const stage = setUp();
    await stage.session.leave();
    await stage.session.leave();
    expect(stage.events).toEqual([]);
    expect(stage.adapter.ends).toBe(0);
  });

  test('twice ends once, and both wait for the end', async () => {
    const stage = setUp();
    let freed = () => {};
    stage.adapter.onEnd = () =>
      new Promise((resolve) => {
        freed = resolve;
      });
    await stage.session.join('standup');
    const both = outcome(Promise.all([stage.session.leave(), stage.session.leave()]));
    expect(stage.session.state).toBe('disconnected');
    await settle();
    expect(both.done).toBe(false);
    freed();
    await settle();
    expect(both.done).toBe(true);
    expect(stage.adapter.ends).toBe(1);
  });

  test('waits five seconds at most for an adapter that does not come to an end', async () => {
    const stage = setUp();
    stage.adapter.onEnd = () => never;
    await stage.session.join('standup');
    const leave = outcome(stage.session.leave());
    await stage.clock.advance(4_999);
    expect(leave.done).toBe(false);
    await stage.clock.advance(1);
    expect(leave).toEqual({ done: true });
    expectNothingLeft(stage);
  });

  test.each(['throws', 'rejects'])('is not stopped by a clean-up that %s, and reports it', async (how) => {
    const reports = collectReports();
    const stage = setUp();
    const error = new Error('broken');
    let others = 0;
    stage.adapter.onConnect = (attempt) => {
      attempt.onEnd(() => {
        others++;
      });
      attempt.connected('connected');
    };
    stage.adapter.onEnd = () => {
      if (how === 'throws') throw error;
      return Promise.reject(error);
    };
    await stage.session.join('standup');
    await stage.session.leave();
    expect(reports).toEqual([error]);
    expect(others).toBe(1);
    expectNothingLeft(stage);
  });

  test('may be followed by a join at once, which waits for the end of the stay before', async () => {
    const stage = setUp();
    const log: string[] = [];
    stage.adapter.onConnect = (attempt) => {
      log.push('connect');
      attempt.connected('connected');
    };
    stage.adapter.onEnd = async () => {
      await settle();
      log.push('disconnected');
    };
    await stage.session.join('standup');
    stage.session.leave();
    await stage.session.join('retro');
    expect(log).toEqual(['connect', 'disconnected', 'connect']);
    expect(stage.session.room).toBe('retro');
    expect(stage.states()).toEqual(['connecting', 'connected', 'disconnected', 'connecting', 'connected']);
  });

  test.each([
    ['a join', (session: RoomSession<string>) => void session.join('retro').catch(() => {})],
    ['a preparation', (session: RoomSession<string>) => void session.prepare('retro').catch(() => {})],
  ])('of %s that waits for the end of the one before does not hide that end', async (_what, begin) => {
    const stage = setUp();
    let free = () => {};
    stage.adapter.onEnd = () =>
      new Promise((resolve) => {
        free = resolve;
      });
    await stage.session.join('standup');
    stage.session.leave();
    begin(stage.session);
    const left = outcome(stage.session.leave());
    const next = outcome(stage.session.join('lobby'));
    await settle();
    expect([left.done, next.done, stage.adapter.attempts.length]).toEqual([false, false, 1]);
    free();
    await settle();
    expect([left.done, next.done, stage.adapter.attempts.length]).toEqual([true, true, 2]);
    stage.adapter.onEnd = () => {};
    await stage.session.leave();
    expectNothingLeft(stage);
  });

  test('200 joins and leaves leave nothing', async () => {
    const stage = setUp();
    for (let round = 0; round < 200; round++) {
      await stage.session.join('standup');
      await stage.session.leave();
    }
    expectNothingLeft(stage);
    expect(stage.issued).toHaveLength(200);
  });
});

describe('a session behind a proxy', () => {
  /** As Vue's `reactive` does it: every object that is read is a proxy, too. */
  const deep = <Value extends object>(value: Value): Value =>
    new Proxy(value, {
      get(target, name, receiver) {
        const member = Reflect.get(target, name, receiver);
        return typeof member === 'object' && member !== null ? deep(member) : member;
      },
    });

  test('joins, tells, and leaves', async () => {
    const stage = setUp();
    const session = deep(stage.session);
    const heard: string[] = [];
    const off = session.on('stateChanged', ({ state }) => heard.push(state));
    await session.join('standup');
    expect(session.state).toBe('connected');
    expect(session.participants).toEqual([]);
    await session.leave();
    off();
    expect(heard).toEqual(['connecting', 'connected', 'disconnected']);
    expectNothingLeft(stage);
  });

  test('has methods that may be taken off it', async () => {
    const { join, leave, on } = setUp().session;
    const heard: string[] = [];
    on('stateChanged', ({ state }) => heard.push(state));
    await join('standup');
    await leave();
    expect(heard).toHaveLength(3);
  });

  test('may be of a class of the app, whose own methods count', async () => {
    class Logged extends RoomSession {
      readonly joins: string[] = [];
      override join(room: string): Promise<void> {
        this.joins.push(room);
        return super.join(room);
      }
    }
    const { adapter } = setUp();
    const session = new Logged({ adapter });
    await session.join('standup');
    expect(session.joins).toEqual(['standup']);
    await session.leave();
  });
});

describe('a TokenError', () => {
  test('is a RoomSessionError too', () => {
    expect(new TokenError('token_denied', 'no')).toBeInstanceOf(RoomSessionError);
  });
});
