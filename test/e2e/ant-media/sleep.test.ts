import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bothHearAndSee,
  commandsSince,
  eventsOf,
  freeze,
  joined,
  pause,
  type Stage,
  startStage,
  until,
} from '../harness.ts';

const lifetimeS = 12;

describe('a page that sleeps for longer than its token lives', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage({ settings: { tokenLifetimeS: lifetimeS } });
  });
  afterAll(() => stage.close());

  test('is in the room with media again by itself after it was hidden, frozen and offline', async () => {
    const a = await joined(stage, 'asleep', 'asleep-alice');
    const b = await joined(stage, 'asleep', 'asleep-bob');
    await until('both hear and see', () => bothHearAndSee(a, b));
    const before = stage.server.log.last;

    await a.context().setOffline(true);
    const thaw = await freeze(a);
    // What a real server does when nothing comes any more.
    await stage.server.media.drop({ identity: 'asleep-alice' });
    await pause((lifetimeS + 8) * 1_000);
    const published = () =>
      commandsSince(stage, 'asleep', before).filter(({ streamId }) => streamId === 'asleep-alice');
    expect(published()).toEqual([]);
    await thaw();
    await a.context().setOffline(false);

    await until('both hear and see again', () => bothHearAndSee(a, b), 20_000);
    const states = (await eventsOf(a, 'stateChanged')).map(({ state }) => state);
    expect(states).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
    expect(published()).toHaveLength(1);
    expect(commandsSince(stage, 'asleep', before).filter(({ token }) => !token.ok)).toEqual([]);
  });
});
