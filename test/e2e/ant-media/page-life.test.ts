import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bothHearAndSee,
  eventsOf,
  joined,
  pause,
  received,
  type Stage,
  startStage,
  until,
} from '../harness.ts';
import type { TestPage } from '../pages/sdk.ts';

/** The other page hears something: audio rises within a second and a half. */
async function hears(page: Page): Promise<boolean> {
  const before = await received(page);
  await pause(1_500);
  return (await received(page)).audioBytes - before.audioBytes > 500;
}

/** Who left, as this page saw it. */
const left = async (page: Page) => (await eventsOf(page, 'participantLeft')).map(({ id }) => id);

describe('the life of a page', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage.close());

  test('a microphone that ended is opened again for the next attempt, and the other hears again', async () => {
    const a = await joined(stage, 'headset', 'headset-alice');
    const b = await joined(stage, 'headset', 'headset-bob');
    await until('both hear and see', () => bothHearAndSee(a, b));
    await a.evaluate(() => {
      const track = (window as unknown as TestPage).session?.localStream?.getAudioTracks()[0];
      // A page cannot unplug a headset: the track stops, and the event comes by hand.
      track?.stop();
      track?.dispatchEvent(new Event('ended'));
    });
    expect(await eventsOf(a, 'deviceLost')).toMatchObject([{ device: 'microphone', problem: 'ended' }]);
    await until('bob hears nothing', async () => !(await hears(b)));
    await stage.server.media.drop({ identity: 'headset-alice' });
    await until('bob hears again', () => hears(b), 20_000);
    await until('both hear and see again', () => bothHearAndSee(a, b), 20_000);
    expect(await eventsOf(a, 'deviceRestored')).toMatchObject([{ device: 'microphone' }]);
    await stage.closePages();
  });

  test.each([
    ['closed', (page: Page) => page.close({ runBeforeUnload: true })],
    ['left for another one', (page: Page) => page.goto('about:blank')],
    ['loaded again', (page: Page) => page.reload()],
  ] as const)('the other sees within 2 s that a page was %s', async (_how, go) => {
    const a = await joined(stage, 'gone', 'gone-alice');
    const b = await joined(stage, 'gone', 'gone-bob');
    await until('both hear and see', () => bothHearAndSee(a, b));
    const start = Date.now();
    await go(a);
    await until('bob sees the leave', async () => (await left(b)).includes('gone-alice'), 2_000);
    console.log(`the other saw the leave after ${Date.now() - start} ms`);
    await stage.closePages();
  });
});
