// @vitest-environment node
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DevServer, startServer } from '../../dev/server/server.ts';
import { contextOptions, launchOptions } from '../chromium.ts';
import type { Conference } from './pages/conference.ts';

declare global {
  interface Window {
    conference: Conference;
  }
}

let server: DevServer;
let browser: Browser;
let context: BrowserContext;
const complaints: string[] = [];

beforeAll(async () => {
  server = await startServer({ watch: false });
  browser = await chromium.launch(await launchOptions());
  context = await browser.newContext(contextOptions);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function openPage(): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${server.url}/test/server/pages/conference.html`);
  await page.waitForFunction(() => 'conference' in window);
  return page;
}

const join = (page: Page, identity: string): Promise<number> =>
  page.evaluate((as) => window.conference.join('standup', as), identity);

type Media = Awaited<ReturnType<Conference['media']>>;

/** Waits until what a page receives is as wanted. Gives the time that took, in ms. */
async function until(page: Page, wanted: (media: Media) => boolean): Promise<number> {
  const start = performance.now();
  for (;;) {
    const media = await page.evaluate(() => window.conference.media());
    const ms = performance.now() - start;
    if (wanted(media)) return ms;
    if (ms > 5000) throw new Error(`Not received within 5 s: ${JSON.stringify(media)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until a page has decoded `frames` frames of each participant, and hears it. */
const sees = (page: Page, participants: string[], frames = 1): Promise<number> =>
  until(page, (media) =>
    participants.every((participant) => {
      const { frames: decoded = 0, audioBytes = 0, sameId = false } = media[participant] ?? {};
      return decoded >= frames && audioBytes > 100 && sameId;
    }),
  );

it("Ant Media's own client sees and hears who comes, and loses who leaves", { timeout: 30_000 }, async () => {
  const [anna, ben, cleo] = [await openPage(), await openPage(), await openPage()];
  await join(anna, 'anna');
  await join(ben, 'ben');
  await Promise.all([sees(anna, ['ben'], 5), sees(ben, ['anna'], 5)]);

  await join(cleo, 'cleo');
  expect(await sees(cleo, ['anna', 'ben'])).toBeLessThan(2000);
  await Promise.all([sees(anna, ['ben', 'cleo'], 10), sees(ben, ['anna', 'cleo'], 10)]);

  await cleo.evaluate(() => window.conference.say('hello'));
  await anna.waitForFunction(() => window.conference.received.includes('hello'));
  expect(await cleo.evaluate(() => window.conference.received)).toEqual([]);

  await ben.evaluate(() => window.conference.leave());
  await until(anna, (media) => !('ben' in media));
  await sees(anna, ['cleo'], 15);
  const calls = await anna.evaluate(() => window.conference.calls.map(({ message }) => message));
  expect(calls).toContain('subtrackRemoved');
  expect(server.log.since().filter(({ type }) => type === 'publish' || type === 'play')).toHaveLength(6);
  expect(complaints).toEqual([]);
});
