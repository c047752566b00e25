import type { Page } from 'playwright';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { patchSettings } from '../../../dev/server/settings-patch.ts';
import { eventsOf, pause, type Stage, startStage, until } from '../harness.ts';
import { hearAndSeeMove, hears, joinsSince, sceneIn, ways } from './scenes.ts';

const room = 'r1';
const states = async (page: Page) => (await eventsOf(page, 'stateChanged')).map(({ state }) => state);

describe.each(ways)(
  'a scene whose network changed, so that the server still has it, $way,',
  ({ sceneDriven }) => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await startStage();
    });
    afterEach(() => stage.close());

    test.each([
      ['a room with space', 0],
      ['a room that it fills itself', 2],
    ])('hears and is heard within 5 s, without a flap, in %s', async (_what, maxRoomSize) => {
      const a = await sceneIn(stage, { room, identity: 'ann', sceneDriven });
      const b = await sceneIn(stage, { room, identity: 'bob', sceneDriven });
      await until('both hear and see', () => hearAndSeeMove(a, b));
      patchSettings(stage.server.settings, { janus: { maxRoomSize } });
      const before = stage.server.log.last;
      const cutAt = Date.now();
      await stage.server.janus.drop({ identity: 'ann', how: 'vanish' });
      const asked = () => joinsSince(stage, room, before).filter(({ role }) => role === 'subscriber').length;
      await until('each asks for the other', () => asked() === 2);
      await until('both hear', async () => (await Promise.all([hears(a), hears(b)])).every(Boolean));
      expect(Date.now() - cutAt).toBeLessThan(5_000);
      await pause(12_000);
      expect(await states(a)).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
      expect(await states(b)).toEqual(['connecting', 'connected']);
      expect(await eventsOf(b, 'participantLeft')).toHaveLength(1);
      expect(await eventsOf(b, 'participantJoined')).toHaveLength(2);
      await until('both hear and see again', () => hearAndSeeMove(a, b));
      expect(joinsSince(stage, room, before).filter(({ answer }) => answer !== 'joined')).toEqual([]);
    });
  },
);
