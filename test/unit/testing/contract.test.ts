// @vitest-environment node
import { describe, expect, test } from 'vitest';
import type { ConnectAttempt } from '../../../src/index.ts';
import { adapterContract, type ContractStage } from '../../../src/testing/index.ts';
import { type FakeAdapterStage, fakeAdapterStage } from './fake-adapter-stage.ts';

/** Makes a stage whose adapter has a fault. */
const faulty = (addFault: (stage: FakeAdapterStage) => void) => () => {
  const stage = fakeAdapterStage();
  addFault(stage);
  return stage;
};

/** A fault in what an attempt does. The rest is as it should be. */
const connecting =
  (work: (attempt: ConnectAttempt<string>, stage: FakeAdapterStage) => void) => (stage: FakeAdapterStage) => {
    const { onConnect } = stage.adapter;
    stage.adapter.onConnect = (attempt) => {
      work(attempt, stage);
      return onConnect(attempt);
    };
  };

/** A fault in what an attempt does after `turns` microtasks. */
const afterwards =
  (turns: number, work: (attempt: ConnectAttempt<string>, stage: FakeAdapterStage) => void) =>
  (stage: FakeAdapterStage) => {
    const { onConnect } = stage.adapter;
    stage.adapter.onConnect = async (attempt) => {
      for (let turn = 0; turn < turns; turn++) await undefined;
      work(attempt, stage);
      return onConnect(attempt);
    };
  };

/** Opens something that nothing closes. */
const leak = (_attempt: ConnectAttempt<string>, { leaks }: FakeAdapterStage) => leaks.push('a socket');

/** Nothing follows the attempt that is lost: the adapter hangs. */
const hang = (stage: FakeAdapterStage) => {
  stage.adapter.onConnect = (attempt) => {
    if (!attempt.isReconnect) attempt.connected('connected');
    else attempt.setDeadline(undefined);
  };
};

const faults: [
  what: string,
  addFault: (stage: FakeAdapterStage) => void,
  failing: string,
  problem: RegExp,
][] = [
  [
    'has no name',
    ({ adapter }) => {
      Object.assign(adapter, { name: '' });
    },
    'has a name',
    /adapter.name is not a text/,
  ],
  [
    'reaches the backend while it gets ready',
    (stage) => {
      stage.adapter.onPrepare = () => {
        stage.extraContacts++;
      };
    },
    'sends nothing to the backend before there is a token, then the token',
    /reached 1 times without a token/,
  ],
  [
    'has no vendor object',
    ({ adapter }) => {
      adapter.onConnect = (attempt) => Reflect.apply(attempt.connected, undefined, []);
    },
    'has a vendor object while it is connected, and none before and after',
    /undefined in the room/,
  ],
  [
    'calls a rejected token a lost connection',
    ({ adapter }) => {
      const connect = adapter.connect.bind(adapter);
      adapter.connect = (attempt) =>
        adapter.rejects(attempt.token) ? attempt.lost('The backend closed the connection') : connect(attempt);
    },
    'joins with another token when the backend rejects the first',
    /The join failed/,
  ],
  [
    'uses a rejected token all the same',
    ({ adapter }) => {
      const connect = adapter.connect.bind(adapter);
      adapter.connect = (attempt) => {
        adapter.rejects = () => false;
        return connect(attempt);
      };
    },
    'joins with another token when the backend rejects the first',
    /not asked for another token/,
  ],
  [
    'calls a second rejection something else',
    ({ adapter }) => {
      const connect = adapter.connect.bind(adapter);
      adapter.connect = (attempt) => {
        if (adapter.attempts.length > 0) return attempt.ended('ended');
        return connect(attempt);
      };
    },
    'fails with connect_denied when the backend rejects the second token too',
    /failed with connect_failed/,
  ],
  [
    'reaches the backend where there is no token',
    (stage) => {
      stage.adapter.onPrepare = async (join) => {
        await join.getToken().catch(() => stage.extraContacts++);
      };
    },
    'fails with the error of the token source, and does not reach the backend',
    /reached without a token/,
  ],
  [
    'joins a backend that never answers',
    ({ adapter }) => {
      adapter.onConnect = (attempt) => attempt.connected('connected');
    },
    'fails within the join timeout when the backend never answers',
    /succeeded and must fail/,
  ],
  [
    'gets ready after the join was left',
    ({ adapter, leaks }) => {
      adapter.onPrepare = async (join) => {
        await undefined;
        leaks.push('a frame');
        join.onEnd(() => leaks.push('a listener'));
      };
    },
    'leaves nothing when it is left at any moment of a join',
    /Left open: a frame/,
  ],
  [
    'opens something after it was left',
    (stage) => {
      afterwards(3, leak)(stage);
      stage.adapter.onEnd = () => {
        stage.leaks.length = 0;
      };
    },
    'leaves nothing when it is left at any moment of a connect',
    /Left open: a socket/,
  ],
  [
    'opens something after it said that it is connected',
    (stage) => {
      const { adapter, leaks } = stage;
      adapter.onConnect = (attempt) => {
        attempt.connected('connected');
        leaks.push('a timer of its own');
      };
      adapter.onEnd = () => {
        leaks.length = 0;
      };
    },
    'leaves nothing when a listener leaves as soon as it is connected',
    /Left open: a timer of its own/,
  ],
  [
    'waits for ever in its clean-up',
    ({ adapter }) => {
      adapter.onEnd = () => new Promise<never>(() => {});
    },
    'ends a join promptly when its signal aborts at any moment',
    /in vain until leave\(\) resolves/,
  ],
  [
    'leaves a timer',
    connecting((_, { clock }) => clock.setTimer(() => {}, 1e9)),
    'leaves nothing when it is left at any moment after it joined, and twice',
    /Left open: a timer/,
  ],
  [
    'reaches the backend after it was left',
    (stage) => {
      stage.adapter.drop = () => {
        stage.extraContacts++;
      };
    },
    'says nothing and does not reach the backend after it was left',
    /reached after leave/,
  ],
  [
    'joins only once',
    ({ adapter }) => {
      const { onConnect } = adapter;
      adapter.onConnect = (attempt) => {
        if (adapter.attempts.length > 1) throw new Error('used up');
        return onConnect(attempt);
      };
    },
    'joins again after it was left, and after a join that failed',
    /The join failed: .*could not be reached/,
  ],
  [
    'does not notice a lost connection',
    ({ adapter }) => {
      adapter.drop = () => {};
    },
    'is reconnecting when its connection dropped, and connected again with a vendor object',
    /in vain until the session is reconnecting/,
  ],
  [
    'sends a one-time token twice',
    ({ adapter }) => {
      Object.assign(adapter, { oneTimeTokens: true });
      const { onConnect } = adapter;
      adapter.onConnect = (attempt) => {
        adapter.tokens.push(attempt.token);
        return onConnect(attempt);
      };
    },
    'sends a token once only, where it says oneTimeTokens',
    /A token was sent twice/,
  ],
  [
    'leaves something open at each reconnect',
    connecting(leak),
    'has as much open after each reconnect as before',
    /a socket/,
  ],
  [
    'says that the room ended in place of a rejection',
    ({ adapter }) => {
      const connect = adapter.connect.bind(adapter);
      adapter.connect = (attempt) =>
        attempt.isReconnect && adapter.rejects(attempt.token) ? attempt.ended('ended') : connect(attempt);
    },
    'is denied when the backend rejects two tokens at a reconnect',
    /with the reason ended/,
  ],
  [
    'leaves a timer when its connection dropped',
    (stage) => {
      const { adapter, clock } = stage;
      adapter.drop = () => {
        clock.setTimer(() => {}, 1e9);
      };
    },
    'leaves nothing when it is left soon after its connection dropped',
    /Left open: a timer/,
  ],
  [
    'hangs in a reconnect',
    hang,
    'fails attempt after attempt while the backend is silent, and the session tells of each',
    /There were 1 attempts/,
  ],
  [
    'says that it is connected when its socket is open',
    ({ adapter }) => {
      adapter.onConnect = (attempt) => attempt.connected('connected');
    },
    'is lost at the reconnect limit while the backend is silent, and leaves nothing',
    /The states were reconnecting, connected/,
  ],
  ['hangs in a reconnect', hang, 'connects again when a silent backend answers again', /in vain/],
  [
    'opens something late in a slow reconnect',
    (stage) => {
      const { adapter, leaks } = stage;
      const { onConnect } = adapter;
      adapter.onConnect = async (attempt) => {
        if (!attempt.isReconnect) return onConnect(attempt);
        leaks.length = 0;
        for (let turn = 0; turn < 10; turn++) await undefined;
        leaks.push('a peer connection');
        attempt.onEnd(() => leaks.splice(0));
        if (attempt.signal.aborted) leaks.push('a socket');
      };
    },
    'leaves nothing when it is left at any moment of a slow reconnect',
    /Left open: a socket/,
  ],
  [
    'says participants without an id',
    (stage) => {
      stage.participantJoins = () => stage.adapter.attempt.participantJoined({ id: '' });
    },
    'says who joins, with their tracks',
    /participantJoined has no participant id/,
  ],
  [
    'does not say who was there',
    ({ adapter }) => {
      adapter.onConnect = (attempt) => attempt.connected('connected');
    },
    'says who was in the room before',
    /in vain until the session has the participant/,
  ],
  [
    'lets another participant leave than joined',
    (stage) => {
      stage.participantLeaves = () => {
        stage.adapter.attempt.participantJoined({ id: 'bob' });
        stage.adapter.attempt.participantLeft('bob');
      };
    },
    'says who leaves, by the same id',
    /in vain until the session says that "ada" left/,
  ],
  [
    'names participants only once',
    ({ adapter }) => {
      adapter.onConnect = (attempt) => attempt.connected('connected');
    },
    'says once who is there before and after a reconnect',
    /"ada" left at the reconnect/,
  ],
  [
    'remembers who was there before',
    (stage) => {
      stage.adapter.onConnect = (attempt) => {
        attempt.connected('connected');
        if (attempt.isReconnect) attempt.participantJoined({ id: 'ada' });
      };
      stage.silence = () => {};
      stage.participantLeaves = () => {};
    },
    'says after a reconnect who left during it',
    /in vain until the session says that "ada" left/,
  ],
];

const faultless = (): void => {};

/** A stage that cannot drop the connection. */
function withoutDrop(): ContractStage {
  const { drop, ...rest } = fakeAdapterStage();
  return rest;
}

/** A vendor that restores a lost connection itself: it looks each second whether the backend answers. */
function resumingStage(): ContractStage {
  const stage = fakeAdapterStage();
  const { adapter, clock } = stage;
  const { onConnect } = adapter;
  adapter.drop = () => {
    const { attempt } = adapter;
    attempt.reconnecting();
    const look = () => {
      if (stage.isSilent()) attempt.onEnd(clock.setTimer(look, 1_000));
      else void onConnect(attempt);
    };
    attempt.onEnd(clock.setTimer(look, 200));
  };
  return stage;
}

describe('the contract suite', () => {
  test.each(faults)('notices an adapter that %s', async (_what, addFault, failing, problem) => {
    const check = adapterContract(faulty(addFault)).find(({ name }) => name === failing);
    await expect(check?.run()).rejects.toThrow(problem);
  });

  test('has a faulty adapter here for each of its checks', () => {
    const noticed = new Set(faults.map(([, , failing]) => failing));
    const names = adapterContract(faulty(faultless)).map(({ name }) => name);
    expect(names.filter((name) => !noticed.has(name))).toEqual([]);
  });

  test('names what a stage is without, and why', async () => {
    const checks = adapterContract(withoutDrop, { without: { drop: 'it shares the network' } });
    const named = checks.filter(({ name }) => name.includes('not checked, no drop: it shares the network'));
    expect(named).toHaveLength(10);
    for (const { run } of checks) await run();
    expect(checks).toHaveLength(adapterContract(withoutDrop).length);
  });

  test('fails for a stage that lacks a member without a reason, or gives a reason and has it', async () => {
    const unnamed = adapterContract(withoutDrop).find(({ name }) => name.startsWith('is reconnecting'));
    await expect(unnamed?.run()).rejects.toThrow('The stage has no drop');
    const wrong = adapterContract(fakeAdapterStage, { without: { drop: 'no' } });
    await expect(wrong.find(({ name }) => name.startsWith('is reconnecting'))?.run()).rejects.toThrow(
      'has drop',
    );
  });

  test('ends each stage, also of a check that fails', async () => {
    let ended = 0;
    const checks = adapterContract(() => ({
      ...faulty(hang)(),
      dispose: () => {
        ended++;
      },
    }));
    for (const { run } of checks) await run().catch(() => {});
    expect(ended).toBe(checks.length);
  });
});

describe('an adapter whose vendor restores the connection itself', () => {
  for (const { name, run } of adapterContract(resumingStage)) test(name, run);
});
