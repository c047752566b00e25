import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bothHearAndSee, eventsOf, joined, type Stage, startStage, until } from '../harness.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

const mark = (page: Page) => page.evaluate(() => Object.assign(window, { isKept: true }));
const isKept = (page: Page) => page.evaluate(() => 'isKept' in window);
const goAway = (page: Page) => page.goto(new URL('/', page.url()).href);

/** A full Chromium keeps pages, the headless shell of the npm package does not. */
async function browserKeepsPages(): Promise<boolean> {
  const page = await stage.open('/test/e2e/pages/hand-written.html');
  await mark(page);
  await goAway(page);
  await page.goBack({ waitUntil: 'commit' });
  return isKept(page);
}

test('a page that the back/forward cache brings back is in the room again by itself', async ({ skip }) => {
  if (!(await browserKeepsPages()))
    return skip('This Chromium has no back/forward cache. Set CHROMIUM_PATH to a full one.');
  const a = await joined(stage, 'back', 'back-alice');
  const b = await joined(stage, 'back', 'back-bob');
  await until('both hear and see', () => bothHearAndSee(a, b));
  await mark(a);
  await goAway(a);
  await until('bob sees the leave', async () =>
    (await eventsOf(b, 'participantLeft')).some(({ id }) => id === 'back-alice'),
  );
  await a.goBack({ waitUntil: 'commit' });
  await until('both hear and see again', () => bothHearAndSee(a, b));
  expect(await isKept(a)).toBe(true);
});
