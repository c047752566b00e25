import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { patchSettings } from '../../../dev/server/settings-patch.ts';
import { eventsOf, freeze, pause, type Stage, startStage, until } from '../harness.ts';
import { hearAndSeeMove, joinsSince, sceneIn, ways } from './scenes.ts';

const lifetimeS = 12;
const room = 'r1';
const untilExpired = () => pause((lifetimeS + 3) * 1_000);

/** A server of its own for each test, since some faults hit everybody. */
async function onStage(run: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await startStage({ settings: { tokenLifetimeS: lifetimeS } });
  try {
    await run(stage);
  } finally {
    await stage.close();
  }
}

const states = async (page: Page) => (await eventsOf(page, 'stateChanged')).map(({ state }) => state);

describe.concurrent.each(ways)('a scene, $way,', ({ sceneDriven }) => {
  const scene = (stage: Stage, identity: string) => sceneIn(stage, { room, identity, sceneDriven });

  test('that slept for longer than its token lives hears who came meanwhile within 3 s', () =>
    onStage(async (stage) => {
      const a = await scene(stage, 'ann');
      const thaw = await freeze(a);
      await untilExpired();
      const c = await scene(stage, 'cid');
      await pause(1_000);
      const before = stage.server.log.last;
      const wokeAt = Date.now();
      await thaw();
      const subscribed = () =>
        joinsSince(stage, room, before).filter(({ media, token }) => media === 'cid' && token.ok);
      const join = await until('the one who slept asks for media', () => subscribed()[0]);
      expect((join?.at ?? Number.NaN) - wokeAt).toBeLessThan(3_000);
      await until('both hear and see', () => hearAndSeeMove(a, c));
      expect(joinsSince(stage, room).filter(({ token }) => !token.ok)).toEqual([]);
    }));

  test.each([
    ['whose socket was cut', ({ server }: Stage) => server.janus.drop({ identity: 'ann' })],
    ['whose server restarted', ({ server }: Stage) => server.janus.restart()],
    ['whose ICE failed', ({ server }: Stage) => server.janus.drop({ identity: 'ann', how: 'ice' })],
  ])('%s after its token expired, is heard and hears again, each join with a valid token', (_what, cut) =>
    onStage(async (stage) => {
      const a = await scene(stage, 'ann');
      const b = await scene(stage, 'bob');
      await until('both hear and see', () => hearAndSeeMove(a, b));
      await untilExpired();
      const before = stage.server.log.last;
      await cut(stage);
      await until(
        'the scene is back',
        async () => (await states(a)).join() === 'connecting,connected,reconnecting,connected',
        30_000,
      );
      await until('both hear and see again', () => hearAndSeeMove(a, b));
      const joins = joinsSince(stage, room, before);
      expect(joins.filter(({ role, user }) => role === 'publisher' && user === 'ann')).toHaveLength(1);
      expect(joins.filter(({ token, answer }) => !token.ok || answer !== 'joined')).toEqual([]);
    }),
  );

  test('whose endpoint refuses at the refresh goes on, and ends once with denied when it is cut', () =>
    onStage(async (stage) => {
      const a = await scene(stage, 'ann');
      const b = await scene(stage, 'bob');
      await until('both hear and see', () => hearAndSeeMove(a, b));
      patchSettings(stage.server.settings, { endpoint: { mode: 'refuse' } });
      await untilExpired();
      expect(await hearAndSeeMove(a, b)).toBe(true);
      expect(await states(a)).toEqual(['connecting', 'connected']);
      const before = stage.server.log.last;
      await stage.server.janus.drop({ room });
      await until('it is over', async () => (await states(a)).at(-1) === 'disconnected');
      // Ten retries of the vendor would be under way.
      await pause(5_000);
      expect(await states(a)).toEqual(['connecting', 'connected', 'reconnecting', 'disconnected']);
      expect((await eventsOf(a, 'stateChanged')).at(-1)).toMatchObject({ reason: 'denied' });
      expect(stage.server.log.since(before).filter(({ type }) => type === 'socket-open')).toEqual([]);
      expect(joinsSince(stage, room, before)).toEqual([]);
    }));
});
