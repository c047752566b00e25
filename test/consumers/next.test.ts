/** The packed package in Next: rendered on the server, and in a room in the browser. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchOptions } from '../chromium.ts';
import { makeProject } from '../package/project.ts';
import { installTools, modules } from './install.ts';

const next = join(modules, 'next/dist/bin/next');
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' } as const;
/** Beside the tools, so that Next finds them. */
let folder = '';
let server: ChildProcess | undefined;

beforeAll(() => {
  installTools();
  const { folder: packed } = makeProject();
  folder = mkdtempSync(join(modules, '../next-'));
  for (const name of ['room-session', 'eventemitter3', 'jwt-decode']) {
    cpSync(join(packed, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
  mkdirSync(join(folder, 'app'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('package.json', '{ "name": "app", "private": true }');
  write('next.config.mjs', `export default { turbopack: { root: ${JSON.stringify(join(modules, '..'))} } };`);
  write('app/layout.js', 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;');
  write(
    'app/page.js',
    `import { TokenRefresher } from 'room-session/token';
     import { Call } from './call.js';
     export default async function Page() {
       const refresher = new TokenRefresher(() => 'a.b.c');
       const { value } = await refresher.getToken();
       refresher.stop();
       return <main><p id="server">server {value.length}</p><Call /></main>;
     }`,
  );
  write(
    'app/call.js',
    `'use client';
     import { RoomSession } from 'room-session';
     import { useConnectionState, useRoomSession } from 'room-session/react';
     const adapter = { name: 'own', connect: (attempt) => attempt.connected('vendor') };
     const create = () => new RoomSession({ adapter });
     export function Call() {
       const session = useRoomSession(create, 'standup');
       return <p id="client">client {useConnectionState(session).state}</p>;
     }`,
  );
}, 300_000);

afterAll(() => {
  server?.kill();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

test('Next builds, renders on the server, and joins in the browser', { timeout: 300_000 }, async () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [next, 'build'], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  expect(status, stdout + stderr).toBe(0);

  const port = await freePort();
  server = spawn(process.execPath, [next, 'start', '-p', `${port}`], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((ready) =>
    server?.stdout?.on('data', (text) => String(text).includes('Ready') && ready()),
  );
  const html = await (await fetch(`http://localhost:${port}/`)).text();
  expect(html.replaceAll('<!-- -->', '')).toContain('server 5');
  expect(html.replaceAll('<!-- -->', '')).toContain('client disconnected');

  const browser = await chromium.launch(await launchOptions());
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`http://localhost:${port}/`);
    await page.getByText('client connected').waitFor();
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
  }
});

/** A port that nothing listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
