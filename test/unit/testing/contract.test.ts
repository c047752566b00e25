// @vitest-environment node
import { describe, expect, test } from 'vitest';
import { RoomSessionError } from '../../../src/index.ts';
import { adapterContract, type ContractStage, FakeAdapter, FakeClock } from '../../../src/testing/index.ts';

const never = new Promise<never>(() => {});

/** A stage over an adapter that may be spoiled, for a suite that has to notice it. */
function makeStage(spoil: (adapter: FakeAdapter, clock: FakeClock, leaks: string[]) => void): ContractStage {
  const adapter = new FakeAdapter();
  const clock = new FakeClock();
  const leaks: string[] = [];
  spoil(adapter, clock, leaks);
  return {
    adapter,
    clock,
    room: 'standup',
    pass: (ms) => clock.advance(ms),
    contacts: () => adapter.tokens.length,
    tokens: () => adapter.tokens.map((token) => token?.value ?? ''),
    open: () => [...leaks, ...Array.from({ length: clock.timerCount }, () => 'a timer')],
    refuse: (refused) => {
      adapter.refuses = (token) => refused(token?.value ?? '');
    },
    drop: () => adapter.drop(),
    somebodyJoins: () => {
      if (adapter.vendor) adapter.report({ type: 'participantJoined', participant: { id: 'ada' } });
    },
    somebodyLeaves: () => adapter.report({ type: 'participantLeft', participant: { id: 'ada' } }),
  };
}

const spoilers: [what: string, Parameters<typeof makeStage>[0], failing: string, problem: RegExp][] = [
  [
    'has no name',
    (adapter) => {
      Object.assign(adapter, { name: '' });
    },
    'has a name, and no vendor object before it is connected',
    /adapter.name is no text/,
  ],
  [
    'hides why it got no token',
    (adapter) => {
      const { connect } = adapter;
      adapter.connect = (context) =>
        connect.call(adapter, context).catch(() => {
          throw new RoomSessionError('connect_failed', 'no');
        });
    },
    'ends connect with the error of getToken',
    /rejected with connect_failed in place of it/,
  ],
  [
    'sends a one-time token twice',
    (adapter) => {
      Object.assign(adapter, { oneTimeTokens: true });
    },
    'gives a token to one authentication only, where it says oneTimeTokens',
    /a token was sent twice/,
  ],
  [
    'opens something after it was left',
    (adapter, _clock, leaks) => {
      adapter.onConnect = () => {
        leaks.push('a socket');
      };
      adapter.onDisconnect = () => {
        leaks.length = 0;
      };
    },
    'leaves nothing when it is disconnected at any moment of a connect',
    /Left open after disconnect: a socket/,
  ],
  [
    'goes on reconnecting after it was left',
    (adapter, clock) => {
      adapter.drop = async () => {
        clock.setTimer(() => {}, 1e9);
      };
    },
    'leaves nothing when it is disconnected while it reconnects',
    /Left open after disconnect: a timer/,
  ],
  [
    'lets somebody else leave than joined',
    (adapter) => {
      adapter.report = (report) => {
        const left = report.type === 'participantLeft';
        adapter.context.report(left ? { ...report, participant: { id: 'bob' } } : report);
      };
    },
    'reports who leaves, by the same id',
    /"bob" left, but nobody of that id had joined/,
  ],
  [
    'sends before it has a token',
    (adapter) => {
      const { connect } = adapter;
      adapter.connect = (context) => {
        adapter.tokens.push(undefined);
        return connect.call(adapter, context);
      };
    },
    'asks for a token before it sends anything to the backend',
    /reached 1 times without a token/,
  ],
  [
    'never asks for a token',
    (adapter) => {
      adapter.connect = async () => {
        adapter.vendor = 'connected';
      };
    },
    'asks for a token before it sends anything to the backend',
    /in vain until connect asks for a token/,
  ],
  [
    'keeps its vendor object',
    (adapter) => {
      adapter.onDisconnect = () => {
        adapter.vendor = 'still here';
      };
    },
    'has a vendor object while it is connected, and none afterwards',
    /still there/,
  ],
  [
    'gives up at the first refusal',
    (adapter) => {
      adapter.onConnect = () => {
        if (adapter.tokens.length > 1) throw new Error('refused');
      };
    },
    'joins with another token when the backend refuses the first',
    /connect rejected: Error: refused/,
  ],
  [
    'calls a refusal something else',
    (adapter) => {
      const { connect } = adapter;
      adapter.connect = (context) =>
        connect.call(adapter, context).catch(() => {
          throw new RoomSessionError('connect_failed', 'no');
        });
    },
    'gives up with connect_denied when the backend refuses the second token too',
    /rejected with connect_failed/,
  ],
  [
    'hangs when the signal aborts',
    (adapter) => {
      const { connect } = adapter;
      adapter.connect = (context) => connect.call(adapter, context).catch(() => never);
    },
    'ends connect promptly when the signal aborts, at any moment',
    /goes on after its signal aborted/,
  ],
  [
    'leaves a timer',
    (adapter, clock) => {
      adapter.onConnect = () => {
        clock.setTimer(() => {}, 1e9);
      };
    },
    'leaves nothing when it is disconnected at any moment after it joined, and twice',
    /Left open after disconnect: a timer/,
  ],
  [
    'cannot be disconnected unless it is connected',
    (adapter) => {
      adapter.onDisconnect = () => {
        if (adapter.contexts.length === 0) throw new Error('not connected');
      };
    },
    'may be disconnected before it was ever connected',
    /not connected/,
  ],
  [
    'reports after the end',
    (adapter, clock) => {
      adapter.onDisconnect = () => {
        if (adapter.contexts.length === 0) return;
        const { report } = adapter.context;
        clock.setTimer(() => report({ type: 'reconnecting' }), 200);
      };
    },
    'neither reports nor reaches the backend after disconnect',
    /reported reconnecting after disconnect/,
  ],
  [
    'does not report its reconnecting',
    (adapter) => {
      adapter.drop = async () => {};
    },
    'comes back with a valid token after its connection dropped, and says so',
    /in vain until it reports reconnecting/,
  ],
  [
    'comes back without asking for a token',
    (adapter) => {
      adapter.drop = async () => {
        adapter.report({ type: 'reconnecting' });
        adapter.report({ type: 'connected' });
      };
    },
    'comes back with a valid token after its connection dropped, and says so',
    /without asking for a token/,
  ],
  [
    'connects only once',
    (adapter) => {
      adapter.onConnect = () => {
        if (adapter.contexts.length > 1) throw new Error('used up');
      };
    },
    'connects again after a disconnect, and after a connect that failed',
    /used up/,
  ],
  [
    'reports people without an id',
    (adapter) => {
      adapter.report = ({ type }) =>
        adapter.context.report({ type: type as 'participantJoined', participant: { id: '' } });
    },
    'reports who joins, with their tracks',
    /participantJoined without a participant.id/,
  ],
];

describe('the contract suite', () => {
  test.each(spoilers)('notices an adapter that %s', async (_what, spoil, failing, problem) => {
    const check = adapterContract(() => makeStage(spoil)).find(({ name }) => name === failing);
    await expect(check?.run()).rejects.toThrow(problem);
  });

  test('has an adapter here for each of its checks to notice', () => {
    const noticed = new Set(spoilers.map(([, , failing]) => failing));
    const names = adapterContract(() => makeStage(() => {})).map(({ name }) => name);
    expect(names.filter((name) => !noticed.has(name))).toEqual([]);
  });

  test('names what a stage is without, and why', async () => {
    const bare = (): ContractStage => {
      const { drop, ...rest } = makeStage(() => {});
      return rest;
    };
    const checks = adapterContract(bare, { without: { drop: 'it shares the network' } });
    const named = checks.filter(({ name }) => name.includes('not checked, no drop: it shares the network'));
    expect(named).toHaveLength(2);
    for (const { run } of checks) await run();
    expect(checks).toHaveLength(adapterContract(bare).length);
  });

  test('fails for a stage that lacks something without saying so, or says so without lacking it', async () => {
    const bare = (): ContractStage => {
      const { drop, ...rest } = makeStage(() => {});
      return rest;
    };
    const silent = adapterContract(bare).find(({ name }) => name.startsWith('comes back'));
    await expect(silent?.run()).rejects.toThrow('The stage has no drop');
    const wrong = adapterContract(() => makeStage(() => {}), { without: { drop: 'no' } });
    await expect(wrong.find(({ name }) => name.startsWith('comes back'))?.run()).rejects.toThrow('has drop');
  });

  test('ends each stage, also of a check that fails', async () => {
    let ended = 0;
    const spoiled = adapterContract(() => ({
      ...makeStage((adapter) => {
        adapter.onConnect = () => Promise.reject(new Error('no'));
      }),
      dispose: () => {
        ended++;
      },
    }));
    for (const { run } of spoiled) await run().catch(() => {});
    expect(ended).toBe(spoiled.length);
  });
});
