// @vitest-environment node
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DevServer, startServer } from '../../dev/server/server.ts';
import { contextOptions, launchOptions } from '../chromium.ts';
import type { JanusRoom } from './pages/janus-room.ts';

declare global {
  interface Window {
    janusRoom: JanusRoom;
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

async function enter(identity: string): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${server.url}/test/server/pages/janus-room.html`);
  await page.waitForFunction(() => 'janusRoom' in window);
  await page.evaluate((as) => window.janusRoom.join('standup', as), identity);
  return page;
}

type Media = Awaited<ReturnType<JanusRoom['media']>>;

/** Waits until what a page receives is as wanted. Gives the time that took, in ms, and what it was. */
async function until(page: Page, wanted: (media: Media) => boolean): Promise<{ ms: number; media: Media }> {
  const start = performance.now();
  for (;;) {
    const media = await page.evaluate(() => window.janusRoom.media());
    const ms = performance.now() - start;
    if (wanted(media)) return { ms, media };
    if (ms > 8000) throw new Error(`Not received within 8 s: ${JSON.stringify(media)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until a page hears each participant, and sees it where the browser has H.264; more than it did before. */
async function perceives(page: Page, participants: string[]): Promise<number> {
  const before = await page.evaluate(() => window.janusRoom.media());
  const hasH264 = await page.evaluate(() => window.janusRoom.hasH264());
  const { ms } = await until(page, (media) =>
    participants.every((participant) => {
      const { frames: oldFrames = 0, audioBytes: oldBytes = 0 } = before[participant] ?? {};
      const { frames = 0, audioBytes = 0, codec = '' } = media[participant] ?? {};
      const seen = frames > oldFrames + 2 && codec === 'video/H264';
      return audioBytes > oldBytes + 100 && (seen || !hasH264);
    }),
  );
  return ms;
}

it('browsers hear and see each other, also one that comes late', { timeout: 40_000 }, async () => {
  const [anna, ben] = [await enter('anna'), await enter('ben')];
  await Promise.all([perceives(anna, ['ben']), perceives(ben, ['anna'])]);

  const cleo = await enter('cleo');
  expect(await perceives(cleo, ['anna', 'ben'])).toBeLessThan(3000);
  await Promise.all([perceives(anna, ['ben', 'cleo']), perceives(ben, ['anna', 'cleo'])]);

  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  for (const [label, data] of [
    ['reliable', 'zażółć 🐧'],
    ['reliable', ''],
    ['reliable', []],
    ['reliable', bytes],
    ['unreliable', bytes],
  ] as const)
    await cleo.evaluate(([on, what]) => window.janusRoom.say(on, what), [
      label,
      data as string | number[],
    ] as const);
  for (const page of [anna, ben]) {
    // A real Janus drops empty messages.
    await page.waitForFunction(() => window.janusRoom.received.length === 3);
    expect(await page.evaluate(() => window.janusRoom.received.map(({ data }) => data))).toEqual([
      'zażółć 🐧',
      bytes,
      bytes,
    ]);
  }
  expect(await cleo.evaluate(() => window.janusRoom.received)).toEqual([]);

  const joins = server.log.since().filter((entry) => entry.type === 'janus-join');
  expect(joins.map(({ role, answer, token }) => [role, answer, token.ok])).toEqual(
    expect.arrayContaining([
      ['publisher', 'joined', true],
      ['subscriber', 'joined', true],
    ]),
  );
  expect(joins).toHaveLength(9);

  await cleo.evaluate(() => window.janusRoom.hangUp());
  await cleo.waitForFunction(() => window.janusRoom.pushes.includes('hangup'));
  await cleo.close();
  await anna.waitForFunction(() => window.janusRoom.pushes.includes('leave'));
  await perceives(anna, ['ben']);
  expect(complaints).toEqual([]);
});
