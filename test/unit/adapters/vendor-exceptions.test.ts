/** A vendor's method throws, whatever and whenever: the session comes to rest, tells errors of its own, and leaves nothing. */
import { describe, expect, test } from 'vitest';
import { RoomSessionError } from '../../../src/index.ts';
import { Brittle } from '../../chaos/brittle.ts';
import { Dice } from '../../chaos/dice.ts';
import { lifeOf, worlds } from '../../chaos/lives.ts';
import { collectReports } from '../session-stage.ts';
import { setUp as setUpAntMedia } from './ant-media/ant-media-stage.ts';
import { WebRTCAdaptor } from './ant-media/silent-vendor.ts';
import { setUp as setUpJitsi } from './jitsi/jitsi-stage.ts';
import { FakePeerConnection } from './naf-janus/fake-peer-connection.ts';
import { nothingIsLeft, setUp as setUpJanus } from './naf-janus/naf-janus-stage.ts';
import { RealAdapter } from './naf-janus/page-scripts.ts';

describe('Ant Media', () => {
  const seeds = Array.from({ length: 12 }, (_, seed) => seed);

  test.each(seeds)(
    'a constructor that throws anything (%i) ends the join with an error of ours',
    async (seed) => {
      const brittle = new Brittle(new Dice(seed));
      brittle.arm('new', 'always');
      const { join, changes, open } = setUpAntMedia({
        adapter: { vendor: brittle.subclass(WebRTCAdaptor, []) },
      });
      await expect(join()).rejects.toBeInstanceOf(RoomSessionError);
      expect(changes.at(-1)?.error).toBeInstanceOf(RoomSessionError);
      expect(open()).toEqual([]);
    },
  );

  test('a method that throws in an event of the vendor ends the attempt, and the next one is in the room', async () => {
    const brittle = new Brittle(new Dice(1));
    const vendor = brittle.subclass(WebRTCAdaptor, ['stop']);
    const { join, server, pass, states, session } = setUpAntMedia({ adapter: { vendor } });
    server.ownStreamMakesRoom = false;
    await join();
    brittle.arm('stop', 'once');
    await pass(5_000);
    expect(brittle.count).toBe(1);
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
    await session.leave();
  });

  test('a publish without an answer in an empty room ends the attempt, however often the room is asked for', async () => {
    const { join, server, pass, states } = setUpAntMedia();
    await join();
    server.ignores.add('publish');
    server.drop();
    await pass(14_000);
    expect(server.commands('play').length).toBeGreaterThan(3);
    const before = server.sockets.length;
    await pass(3_000);
    expect(server.sockets.length).toBe(before + 1);
    server.ignores.clear();
    await pass(20_000);
    expect(states().at(-1)).toBe('connected');
  });
});

describe('Janus', () => {
  /** In the room with bob; these methods may throw. */
  async function withBob(...methods: string[]) {
    const reports = collectReports();
    const brittle = new Brittle(new Dice(3));
    const stage = setUpJanus({ way: { Vendor: brittle.subclass(RealAdapter, methods), sceneDriven: false } });
    stage.server.others.push('bob');
    await stage.join();
    await stage.pass(1_000);
    expect(stage.session.tracks).toHaveLength(2);
    return { ...stage, brittle, reports };
  }

  test.each(['removeOccupant', 'disconnect'])(
    'a %s that throws does not keep others from being heard again',
    async (method) => {
      const stage = await withBob(method);
      stage.brittle.arm(method, 'once');
      stage.server.drop();
      await stage.pass(3_000);
      expect(stage.session.state).toBe('connected');
      expect(stage.brittle.count).toBe(1);
      expect(stage.session.tracks).toHaveLength(2);
      expect(FakePeerConnection.open.size).toBe(2);
      await stage.session.leave();
      await nothingIsLeft(stage);
    },
  );

  test('an associate that throws leaves no connection', async () => {
    const stage = await withBob('associate');
    stage.brittle.arm('associate', 'always');
    stage.server.join('eve');
    await stage.pass(20_000);
    expect(stage.brittle.count).toBeGreaterThan(2);
    expect(FakePeerConnection.open.size).toBe(2);
    stage.brittle.disarm();
    await stage.pass(30_000);
    expect(stage.session.tracks).toHaveLength(4);
  });

  test.each(['addAvailableOccupant', 'syncOccupants'])(
    'a %s that throws does not keep a newcomer from being heard',
    async (method) => {
      const stage = await withBob(method);
      stage.brittle.arm(method, 'once');
      stage.server.join('eve');
      await stage.pass(3_000);
      expect(stage.session.tracks).toHaveLength(4);
      expect(stage.reports).toHaveLength(1);
    },
  );
});

describe('Jitsi', () => {
  test('a dispose that throws leaves no frame and no listener', async () => {
    const reports = collectReports();
    const brittle = new Brittle(new Dice(5));
    const { join, session, pass, open } = setUpJitsi({ vendor: (Api) => brittle.subclass(Api, ['dispose']) });
    await join();
    brittle.arm('dispose', 'always');
    const left = session.leave();
    await pass(5_000);
    await left;
    expect(open()).toEqual([]);
    expect(reports).toHaveLength(1);
  });

  test('a command that throws on arrival does not keep us from being in the room', async () => {
    const reports = collectReports();
    const brittle = new Brittle(new Dice(5));
    const { join, session, server, pass } = setUpJitsi({
      vendor: (Api) => brittle.subclass(Api, ['executeCommand']),
    });
    await join();
    server.frame.say('tileViewChanged', { enabled: true });
    brittle.arm('executeCommand', 'once');
    server.frame.load();
    await pass(1_000);
    expect(session.state).toBe('connected');
    expect(reports).toHaveLength(1);
  });
});

// `npm run chaos` has more of them.
describe.each(Object.keys(worlds))('the lives of %s', (name) => {
  const seeds = Array.from({ length: 25 }, (_, index) => 1_000 + index);
  test.each(seeds)('seed %i', async (seed) => {
    const { faults, story } = await lifeOf(name, seed);
    expect(faults, story.join('\n')).toEqual([]);
  });
});
