import { describe, expect, test } from 'vitest';
import { settle } from '../../../../src/testing/index.ts';
import { collectReports, outcome } from '../../session-stage.ts';
import type { FakeJanus } from './fake-janus.ts';
import { FakePeerConnection } from './fake-peer-connection.ts';
import { nothingIsLeft, type Stage, setUp, ways } from './naf-janus-stage.ts';
import { naf } from './page-scripts.ts';

/** What the server does with an `attach`, for which the vendor has made a peer connection already. */
const troubles: [what: string, start: (server: FakeJanus) => void][] = [
  ['is never answered', ({ ignores }) => ignores.add('attach')],
  ['is answered with an error', ({ fails }) => fails.add('attach')],
];

describe.each(ways)('an attach, %s,', (_name, way) => {
  test.each(troubles)('that %s leaves no connection open for a participant', async (_what, start) => {
    const stage = setUp({ way });
    const { join, pass, server, session, failures } = stage;
    await join();
    start(server);
    server.join('bob');
    for (let minute = 0; minute < 5; minute++) {
      await pass(60_000);
      // Our own, and the one that is being tried.
      expect(FakePeerConnection.open.size).toBeLessThan(3);
    }
    expect(failures.length).toBeGreaterThan(1);
    expect(failures).toMatchObject(failures.map(() => ({ code: 'connect_failed' })));
    server.ignores.clear();
    server.fails.clear();
    await pass(60_000);
    expect(session.tracks).toHaveLength(2);
    expect(FakePeerConnection.open.size).toBe(2);
    await session.leave();
    await nothingIsLeft(stage);
  });

  test.each(troubles)('that %s leaves no own connection open', async (_what, start) => {
    const stage = setUp({ way, session: { attemptTimeoutMs: 120_000, joinTimeoutMs: 600_000 } });
    const { startJoin, pass, server, session } = stage;
    start(server);
    const join = outcome(startJoin());
    await pass(100_000);
    expect(FakePeerConnection.open.size).toBeLessThan(2);
    expect(stage.failures[0]).toMatchObject({ code: 'connect_failed' });
    await session.leave();
    expect(join.done).toBe(true);
    await nothingIsLeft(stage);
  });

  test('that is not answered when we leave leaves no connection open', async () => {
    const stage = setUp({ way });
    const { join, pass, server, session } = stage;
    server.others.push('bob', 'cid');
    await join();
    server.ignores.add('attach');
    server.join('dora');
    server.join('eve');
    await pass(1_000);
    expect(FakePeerConnection.open.size).toBe(5);
    await session.leave();
    await nothingIsLeft(stage);
  });
});

interface Listening {
  onOccupantDisconnected(id: string): void;
}

describe.each(ways)('a vendor that throws while it is taken down, %s,', (_name, way) => {
  /** networked-aframe removes a participant's entities, and one of the page's components throws. */
  function throwing(stage: Stage): unknown[] {
    const error = new TypeError('A component of the page failed.');
    (stage.vendor() as unknown as Listening).onOccupantDisconnected = () => {
      throw error;
    };
    return collectReports();
  }

  test('is connected again as ever', async () => {
    const stage = setUp({ way });
    const { join, pass, server, session } = stage;
    server.others.push('bob', 'cid');
    await join();
    const reports = throwing(stage);
    server.drop();
    await pass(2_000);
    expect(session.state).toBe('connected');
    expect(session.tracks).toHaveLength(4);
    expect(FakePeerConnection.open.size).toBe(3);
    expect(server.network.open()).toHaveLength(1);
    expect(reports).toHaveLength(2);
    await session.leave();
    await nothingIsLeft(stage);
  });

  test.each(['disconnect', 'removeOccupant'] as const)('leaves nothing when its %s throws', async (name) => {
    const error = new TypeError('The vendor failed.');
    const stage = setUp({
      way,
      onReady: (vendor) => {
        vendor[name] = () => {
          throw error;
        };
      },
    });
    const { join, server, session } = stage;
    server.others.push('bob');
    const reports = collectReports();
    await join();
    await session.leave();
    expect(new Set(reports)).toEqual(new Set([error]));
    await nothingIsLeft(stage);
  });

  test('leaves nothing when networked-aframe fails before it comes to the vendor', async () => {
    const stage = setUp({ way });
    const { join, session } = stage;
    await join();
    const reports = collectReports();
    const { entities } = naf.connection as unknown as { entities: { removeRemoteEntities(): void } };
    const { removeRemoteEntities } = entities;
    entities.removeRemoteEntities = () => {
      throw new TypeError('An entity could not be removed.');
    };
    await session.leave();
    entities.removeRemoteEntities = removeRemoteEntities;
    expect(reports).toHaveLength(1);
    await nothingIsLeft(stage);
    await join('retro');
    expect(session.state).toBe('connected');
  });
});

describe.each(ways)('on the server, %s,', (_name, way) => {
  test('fifty who came and went leave no handle beside one who stays', async () => {
    const { join, pass, server } = setUp({ way });
    server.others.push('bob');
    await join();
    const before = server.handles;
    for (let visitor = 0; visitor < 50; visitor++) {
      server.join(`visitor ${visitor}`);
      await pass(100);
      server.leave(`visitor ${visitor}`);
      await pass(0);
    }
    await pass(2_000);
    expect(server.handles).toBe(before);
  });

  const retries: [what: string, start: (server: FakeJanus) => void][] = [
    ['whose media never come', ({ deaf }) => deaf.add('bob')],
    [
      'that is rejected',
      (server) => {
        server.refuses = ({ media }) => media !== undefined && 'Rejecting join with invalid token!';
      },
    ],
  ];

  test.each(retries)(
    'a subscription %s leaves no handle for each time that it was tried',
    async (_what, start) => {
      const { join, pass, server, failures } = setUp({ way });
      await join();
      start(server);
      server.join('bob');
      await pass(120_000);
      expect(failures.length).toBeGreaterThan(4);
      expect(server.handles).toBeLessThan(3);
    },
  );

  test('a participant who is heard no more, by choice, leaves no handle', async () => {
    const { join, pass, server, vendor } = setUp({ way });
    server.others.push('bob', 'cid');
    await join();
    vendor().syncOccupants(['cid']);
    await pass(0);
    expect(server.handles).toBe(2);
  });

  /** The join and the offer with the tracks have left, in this order, and both are under way. */
  async function joinAndOffer(stage: Stage) {
    const { startJoin, pass, server } = stage;
    server.holds.add('join');
    const join = outcome(startJoin());
    while (server.bodies('join').length === 0) await settle(1);
    server.holds.add('offer');
    await pass(10);
    expect(server.frames.filter(({ jsep }) => jsep?.type === 'offer')).toHaveLength(2);
    return join;
  }

  test('a rejected join closes nothing while its offer is under way', async () => {
    const stage = setUp({ way });
    const { pass, server } = stage;
    server.refuses = () => 'Room is full.';
    const join = await joinAndOffer(stage);
    server.release('join');
    await pass(300);
    expect(FakePeerConnection.open.size).toBe(1);
    expect(server.network.open()).toHaveLength(1);
    server.release();
    await pass(0);
    expect(join.error).toMatchObject({ code: 'connect_denied' });
    expect(server.crashes).toBe(0);
    await nothingIsLeft(stage);
  });

  test('a rejected join whose offer is never answered closes all the same', async () => {
    const stage = setUp({ way });
    const { pass, server } = stage;
    server.refuses = () => 'Room is full.';
    const join = await joinAndOffer(stage);
    server.release('join');
    await pass(1_100);
    expect(join.error).toMatchObject({ code: 'connect_denied' });
    await nothingIsLeft(stage);
  });

  test('leaving while an offer is under way waits for its answer', async () => {
    const stage = setUp({ way });
    const { pass, server, session } = stage;
    const join = await joinAndOffer(stage);
    const left = outcome(session.leave());
    await pass(300);
    expect(join.error).toMatchObject({ name: 'AbortError' });
    expect(left.done).toBe(false);
    server.release();
    await pass(0);
    expect(left.done).toBe(true);
    expect(server.crashes).toBe(0);
    await nothingIsLeft(stage);
  });

  test('leaving while the session is being made leaves no session', async () => {
    const stage = setUp({ way });
    const { startJoin, pass, server, session } = stage;
    server.holds.add('create');
    outcome(startJoin());
    await pass(500);
    const left = outcome(session.leave());
    await pass(200);
    expect(left.done).toBe(false);
    server.release();
    await pass(0);
    expect(left.done).toBe(true);
    expect(server.orphans).toBe(0);
    expect(server.frames.at(-1)?.janus).toBe('destroy');
    await nothingIsLeft(stage);
  });

  test('leaving destroys the session by name, once', async () => {
    const { join, server, session } = setUp({ way });
    await join();
    await session.leave();
    await settle(10);
    expect(server.frames.filter(({ janus }) => janus === 'destroy')).toHaveLength(1);
  });
});
