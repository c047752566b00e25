/** The site that `npm run docs` has built, in Chromium: its look, its search, and that it asks no other host. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchOptions } from '../chromium.ts';
import { fine, lookAt, looks } from '../looks.ts';

const dist = join(import.meta.dirname, '../../docs/.vitepress/dist');
const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
let server: Server;
let browser: Browser;
let url: string;

beforeAll(async () => {
  if (!existsSync(dist)) throw new Error('There is no site. Run `npm run docs` first.');
  server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = [join(dist, path), join(dist, `${path}.html`), join(dist, path, 'index.html')].find(
      (candidate) => existsSync(candidate) && extname(candidate),
    );
    if (!file) return response.writeHead(404).end();
    return response
      .writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' })
      .end(readFileSync(file));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await chromium.launch(await launchOptions());
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});

const foreign: string[] = [];
async function open(path: string): Promise<Page> {
  const page = await browser.newPage();
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) foreign.push(request.url());
  });
  await page.goto(`${url}${path}`, { waitUntil: 'networkidle' });
  return page;
}

test.each([
  ['start', '/'],
  ['quick-start', '/start/ant-media'],
  ['errors', '/errors'],
  ['reference', '/reference/room-session/classes/RoomSession'],
  ['servers', '/token-servers'],
])('%s: no violation, and no page wider than a phone, by day and by night', async (name, path) => {
  for (const look of looks) {
    const page = await open(path);
    expect(await lookAt(page, `site-${name}`, look), `${look.width} ${look.scheme}`).toEqual(fine);
    await page.close();
  }
  expect(foreign).toEqual([]);
});

test('the search finds an option and an error code', async () => {
  const page = await open('/');
  for (const [text, found] of [
    ['reconnectLimitMs', 'RoomSession'],
    ['token_mismatch', 'token_mismatch'],
  ] as const) {
    await page.keyboard.press('Control+k');
    await page.getByRole('searchbox').fill(text);
    await page.locator('.VPLocalSearchBox .result').filter({ hasText: found }).first().waitFor();
    await page.keyboard.press('Escape');
  }
});

test('an error code leads to its section', async () => {
  const page = await open('/errors#token_mismatch');
  const top = await page
    .locator('#token_mismatch')
    .evaluate((heading) => heading.getBoundingClientRect().top);
  expect(top).toBeGreaterThanOrEqual(0);
  expect(top).toBeLessThan(400);
});
