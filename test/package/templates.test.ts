/** The templates as a user starts them: a copy with the packed package, the command `npm start`, and two pages in Chromium. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type DevServer, startServer } from '../../dev/server/server.ts';
import { contextOptions, launchOptions } from '../chromium.ts';
import { until } from '../e2e/harness.ts';
import { makeProject, type Project } from './project.ts';

const root = join(import.meta.dirname, '../..');
const secret = 'a secret of more than thirty-two characters';

let project: Project;
let server: DevServer;
let relay: Server;
let browser: Browser;
const folders: string[] = [];
const running: ChildProcess[] = [];

beforeAll(async () => {
  project = makeProject();
  server = await startServer({ vite: false, secret });
  relay = await startRelay();
  browser = await chromium.launch(await launchOptions());
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  for (const child of running.splice(0)) child.kill();
});
afterAll(async () => {
  await browser?.close();
  relay?.close();
  await server?.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Passes sockets on as the development server's own pages open them: it takes none of another origin, as a real one may. */
async function startRelay(): Promise<Server> {
  const relay = createServer().on('upgrade', (request, socket, head) => {
    const headers = { ...request.headers, host: `localhost:${server.port}`, origin: server.url };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const upstream = connect(server.port, '127.0.0.1', () => {
      upstream.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    for (const end of [socket, upstream])
      end.on('error', () => [socket, upstream].map((one) => one.destroy()));
  });
  await new Promise<void>((resolve) => void relay.listen(0, '127.0.0.1', resolve));
  return relay;
}

interface TemplateManifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A copy of a template with what its package.json names, in the versions that this repository has. */
function install(name: string): { folder: string; manifest: TemplateManifest } {
  const folder = mkdtempSync(join(tmpdir(), 'room-session-template-'));
  folders.push(folder);
  cpSync(join(root, 'examples/templates', name), folder, {
    recursive: true,
    filter: (file) => !file.includes('node_modules'),
  });
  // As in the examples: the server is on this machine, and the machine of a test may be without a network.
  for (const file of ['index.html', 'src/session.ts']
    .map((path) => join(folder, path))
    .filter((path) => existsSync(path)))
    writeFileSync(file, readFileSync(file, 'utf8').replace('antMedia({', 'antMedia({ iceServers: [],'));
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as TemplateManifest;
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const target = join(folder, 'node_modules', dependency);
    mkdirSync(dirname(target), { recursive: true });
    if (dependency === 'room-session') cpSync(project.installed, target, { recursive: true });
    else symlinkSync(join(root, 'node_modules', dependency), target);
  }
  for (const dependency of Object.keys(project.manifest.dependencies))
    symlinkSync(join(root, 'node_modules', dependency), join(folder, 'node_modules', dependency));
  symlinkSync(join(root, 'node_modules/.bin'), join(folder, 'node_modules/.bin'));
  return { folder, manifest };
}

/** Runs `npm start`, and answers the address that it prints. */
function start(folder: string): Promise<string> {
  const child = spawn('npm', ['start'], {
    cwd: folder,
    env: {
      ...process.env,
      ROOM_SECRET: secret,
      WEBSOCKET_URL: `ws://localhost:${(relay.address() as AddressInfo).port}/LiveApp/websocket`,
      PORT: '0',
      NO_COLOR: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  // npm starts the server as a child of its own.
  child.kill = () => child.exitCode === null && process.kill(-(child.pid ?? 0));
  running.push(child);
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (part) => {
      text += part;
      const [url] = /http:\/\/(localhost|127\.0\.0\.1):\d+/.exec(text) ?? [];
      if (url) resolve(url);
    });
    child.once('exit', (code) => reject(new Error(`npm start ended with ${code}: ${text}`)));
  });
}

const versionHere = (name: string) =>
  (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string })
    .version;

describe.each(['page', 'vite-react'])('the template %s', (name) => {
  test('names the versions that are tested here', () => {
    const { manifest } = install(name);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    for (const [dependency, wanted] of Object.entries({
      ...manifest.dependencies,
      ...manifest.devDependencies,
    }))
      expect(wanted, dependency).toBe(dependency === 'room-session' ? version : versionHere(dependency));
  });

  test('starts, and two people are in one room, see each other, and leave', async () => {
    const url = await start(install(name).folder);
    const join = async (): Promise<Page> => {
      const page = await (await browser.newContext(contextOptions)).newPage();
      await page.goto(url);
      await page.getByRole('button', { name: 'Join' }).click();
      await page.getByRole('status').getByText('connected', { exact: true }).waitFor();
      return page;
    };
    const [first, second] = [await join(), await join()];
    for (const page of [first, second]) {
      await until('the other is seen', () =>
        page.evaluate(() =>
          [...document.querySelectorAll('video')].some(
            ({ videoWidth, currentTime }) => videoWidth > 0 && currentTime > 0,
          ),
        ),
      );
    }
    await first.getByRole('button', { name: 'Leave' }).click();
    await second.close();
    await until('the room is empty', () => server.media.rooms().length === 0);
  });
});

test('the template vite-react compiles', () => {
  const { folder } = install('vite-react');
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  expect(spawnSync(process.execPath, [tsc], { cwd: folder, encoding: 'utf8' }).stdout).toBe('');
});
