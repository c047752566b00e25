import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { settle } from '../../../../src/testing/index.ts';
import { outcome } from '../../session-stage.ts';
import { FakePeerConnection } from './fake-peer-connection.ts';
import { nothingIsLeft, type Stage, setUp, ways } from './naf-janus-stage.ts';

/** mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Endpoint {
  up: boolean;
  slowMs: number;
}

type Happening = (stage: Stage, random: () => number, endpoint: Endpoint) => void | Promise<void>;

const happenings: Happening[] = [
  ({ server }, random) => {
    const id = `guest ${Math.floor(random() * 8)}`;
    if (server.others.includes(id)) server.leave(id);
    else server.join(id);
  },
  ({ server }) => {
    for (const id of [...server.others]) {
      server.leave(id);
      server.join(id);
    }
  },
  ({ server }) => server.drop(),
  ({ server }) => {
    server.drop();
    server.others.length = 0;
  },
  ({ server }) => server.timeOut(),
  ({ server }) => server.forget(),
  ({ server }) => server.hangUp(),
  (_stage, random) => {
    const all = [...FakePeerConnection.open];
    all[Math.floor(random() * all.length)]?.become(random() < 0.5 ? 'failed' : 'disconnected');
  },
  ({ session }) => session.vendor?.reconnect(),
  (_stage, random, endpoint) => {
    endpoint.up = random() < 0.8;
    endpoint.slowMs = random() < 0.5 ? 0 : 4_000 * random();
  },
  ({ server }, random) => {
    server.up = random() < 0.8;
  },
  ({ server }, random) => {
    server.silent = random() < 0.2;
  },
  ({ server }, random) => {
    server.deaf.clear();
    if (random() < 0.5) server.deaf.add(random() < 0.3 ? '' : `guest ${Math.floor(random() * 8)}`);
  },
  (_stage, random) => {
    FakePeerConnection.works = random() < 0.85;
  },
  ({ server }, random) => {
    const limit = random() < 0.5 ? 0 : random() / 3;
    server.refuses = () => random() < limit && 'Rejecting join with invalid token!';
  },
  async ({ clock }, random) => {
    clock.sleep(random() * 200_000);
    await clock.wake('slept');
  },
  ({ clock }) => clock.wake('visible'),
];

describe.each(ways)('whatever happens in whatever order, %s', (_name, way) => {
  test.each(Array.from({ length: 15 }, (_, seed) => seed))(
    'everybody is heard again when all works again, and nothing is left after leaving (seed %i)',
    async (seed) => {
      const random = randomFrom(seed);
      const dice = vi.spyOn(Math, 'random').mockImplementation(random);
      onTestFinished(() => dice.mockRestore());
      const endpoint: Endpoint = { up: true, slowMs: 0 };
      const stage: Stage = setUp({
        way,
        session: { reconnectLimitMs: 3_600_000 },
        details: async () => {
          const { up, slowMs } = endpoint;
          if (slowMs > 0) await new Promise<void>((resolve) => stage.clock.setTimer(resolve, slowMs));
          if (!up) throw new Error('down');
          return {};
        },
      });
      const { join, pass, server, session } = stage;
      await join();
      for (let step = 0; step < 60; step++) {
        const happening = happenings[Math.floor(random() * happenings.length)] as Happening;
        await happening(stage, random, endpoint);
        await pass(random() < 0.3 ? 0 : Math.floor(random() ** 3 * 20_000));
        // Only a server that refuses two tokens in a row may end it.
        if (session.state === 'disconnected') break;
      }
      Object.assign(endpoint, { up: true, slowMs: 0 });
      Object.assign(server, { up: true, silent: false, refuses: () => false });
      server.deaf.clear();
      FakePeerConnection.works = true;
      if (session.state === 'disconnected') {
        expect(stage.changes.at(-1)).toMatchObject({ reason: 'denied', error: { code: 'connect_denied' } });
      } else {
        await pass(120_000);
        expect(session.state).toBe('connected');
        expect(session.participants.map(({ id }) => id).sort()).toEqual([...server.others].sort());
        expect(session.tracks.map(({ participantId }) => participantId).sort()).toEqual(
          server.others.flatMap((id) => [id, id]).sort(),
        );
        expect(FakePeerConnection.open.size).toBe(1 + server.others.length);
        expect(server.network.open()).toHaveLength(1);
        await session.leave();
      }
      await nothingIsLeft(stage);
      const reasons = server.joins.flatMap(({ token, refusal, at }) => {
        const { exp } = JSON.parse(atob(token.split('.')[1] as string)) as { exp: number };
        return exp * 1_000 > at ? [] : [refusal];
      });
      expect(reasons).toEqual([]);
    },
  );
});

/** In microtasks from the start of a join that takes about so many. */
const moments: readonly number[] = Array.from({ length: 120 }, (_, moment) => moment);

/** The vendor's own waits for somebody's media end by themselves. */
const ours = ({ open }: Stage) => open().filter((thing) => thing !== 'a timer of the vendor’s');

describe.each(ways)('at any moment of a join, %s,', (_name, way) => {
  const guests = ['bob', 'cid'];

  test('a break is followed by one connection, on which everybody is heard', async () => {
    for (const moment of moments) {
      const stage = setUp({ way });
      const { startJoin, pass, server, session } = stage;
      server.others.push(...guests);
      const join = outcome(startJoin());
      await settle(moment);
      server.drop();
      await pass(0);
      // Nobody of the connection that broke is left in the vendor's object.
      const { availableOccupants, pendingOccupants } = stage.vendor();
      if (stage.failures.length > 0)
        expect([moment, availableOccupants, [...pendingOccupants]]).toEqual([moment, [], []]);
      await pass(3_000);
      expect([moment, join]).toEqual([moment, { done: true }]);
      expect(session.tracks).toHaveLength(4);
      expect(server.network.open()).toHaveLength(1);
      expect(FakePeerConnection.open.size).toBe(3);
      await session.leave();
      expect(ours(stage)).toEqual([]);
    }
  });

  test('the scene’s end leaves nothing', async () => {
    for (const moment of moments) {
      const stage = setUp({ way });
      const { startJoin, pass, server, scene, session } = stage;
      server.others.push(...guests);
      const join = outcome(startJoin());
      await settle(moment);
      scene.remove();
      await pass(0);
      expect([moment, join.done, session.state]).toEqual([moment, true, 'disconnected']);
      expect(ours(stage)).toEqual([]);
      expect(server.sockets.length).toBeLessThan(2);
    }
  });

  test('leaving, and joining again at once, leaves one connection', async () => {
    for (const moment of moments) {
      const stage = setUp({ way });
      const { startJoin, join, pass, server, session } = stage;
      server.others.push(...guests);
      outcome(startJoin());
      await settle(moment);
      session.leave();
      const again = outcome(join());
      await pass(2_000);
      expect([moment, again]).toEqual([moment, { done: true }]);
      expect(session.tracks).toHaveLength(4);
      expect(server.network.open()).toHaveLength(1);
      expect(FakePeerConnection.open.size).toBe(3);
      await session.leave();
      expect(ours(stage)).toEqual([]);
    }
  });
});
