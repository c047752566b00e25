import type { Page } from 'playwright';
import type { RoomSession } from 'room-session';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { counted, joined, type Stage, startStage } from './harness.ts';
import { tokensInHeap } from './heap.ts';
import { inMeeting } from './jitsi/meetings.ts';
import { sceneIn } from './naf-janus/scenes.ts';

/** A page in the room, with its session as `window.session`. */
const ways: Record<string, (stage: Stage) => Promise<Page>> = {
  'Ant Media': (stage) => joined(stage, 'heap', 'ada'),
  Janus: (stage) => sceneIn(stage, { room: 'heap', identity: 'ada' }),
  Jitsi: (stage) => inMeeting(stage, { identity: 'ada' }),
};

describe('the heap of a page', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterEach(() => stage.closePages());
  afterAll(() => stage.close());

  test.each(Object.entries(ways))('holds a token in the call, and none after leave: %s', async (_, open) => {
    const page = await open(stage);
    const tokens = stage.server.issuedTokens();
    expect(await tokensInHeap(page, tokens)).not.toEqual([]);
    // An app may keep the vendor's object, and every error.
    await page.evaluate(() => {
      const { session } = window as unknown as { session: RoomSession };
      Object.assign(window, { kept: session.vendor });
    });
    await page.evaluate(() => (window as unknown as { session: RoomSession }).session.leave());
    // Lets go of what is closed.
    await counted(page);
    await page.waitForTimeout(500);
    expect(await tokensInHeap(page, tokens)).toEqual([]);
  });
});
