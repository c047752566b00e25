/**
 * A newcomer's path: each quick start of the documentation is pasted into an empty project that has the packed package,
 * compiled there as strict TypeScript, bundled, and opened twice in Chromium against the development server.
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type DevServer, startServer } from '../../dev/server/server.ts';
import { contextOptions, launchOptions } from '../chromium.ts';
import { allBlocks } from '../docs/blocks.ts';
import { until } from '../e2e/harness.ts';
import { makeProject, type Project } from './project.ts';

const root = join(import.meta.dirname, '../..');
/** What the pages tell a newcomer to install besides the package. */
const vendors = ['@antmedia/webrtc_adaptor', 'aframe', 'networked-aframe', 'naf-janus-adapter'];
/** The files of each quick start, by its folder: `<!-- run: start-jitsi/main.ts -->`. */
const quickStarts = Map.groupBy(
  allBlocks().filter(({ run }) => run),
  ({ run }) => run?.split('/')[0] ?? '',
);

let project: Project;
let server: DevServer;
let browser: Browser;

beforeAll(async () => {
  project = makeProject();
  // As npm would lay them out; a link keeps the compiler from copying 100 MB.
  for (const name of vendors) {
    const target = join(project.folder, 'node_modules', name);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), target);
  }
  server = await startServer({ watch: false });
  browser = await chromium.launch(await launchOptions());
});
afterEach(async () => {
  output.length = 0;
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const backendOf = (name: string): 'ant-media' | 'janus' | 'jitsi' =>
  /janus/.test(name) ? 'janus' : /jitsi/.test(name) ? 'jitsi' : 'ant-media';

/** What a reader changes: the servers' addresses and the endpoint's. */
function withOurServers(text: string, name: string): string {
  const backend = backendOf(name);
  const endpoint = backend === 'ant-media' ? '/token' : `/token?backend=${backend}`;
  return (
    text
      // As in the examples: the server is on this machine, and the machine of a test may be without a network.
      .replaceAll('antMedia({', 'antMedia({ iceServers: [],')
      .replaceAll('wss://media.example.org:5443', `ws://localhost:${server.port}`)
      .replaceAll('wss://janus.example.org', `ws://localhost:${server.port}`)
      .replaceAll("'meet.example.org'", `'127.0.0.1:${server.port}/jitsi'`)
      .replaceAll('/api/room-token', endpoint)
  );
}

/** The page around a `main.ts`: the one that the documentation has for this backend. */
function pageOf(name: string): string {
  const own = quickStarts.get(name)?.find(({ run }) => run?.endsWith('index.html'));
  const html =
    own ?? quickStarts.get(`start-${backendOf(name)}`)?.find(({ run }) => run?.endsWith('index.html'));
  // A small scene is drawn faster.
  return withOurServers(html?.code ?? '', name).replace('<a-scene', '<a-scene embedded style="height: 5rem"');
}

/** Two pages with a quick start, from a folder that the development server serves. */
async function openPages(name: string, script: string): Promise<Page[]> {
  const folder = join('.cache/newcomer', name);
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, 'index.html'), pageOf(name).replace('/main.ts', './main.js'));
  writeFileSync(join(root, folder, 'main.js'), script);
  const pages = [];
  for (const _ of [1, 2]) {
    const context = await browser.newContext(contextOptions);
    const page = await context.newPage();
    await page.setViewportSize({ width: 320, height: 400 });
    await page.route('https://unpkg.com/**', (route) => {
      const path = new URL(route.request().url()).pathname;
      const file =
        path === '/room-session'
          ? join(project.installed, project.manifest.unpkg)
          : join(root, 'node_modules', path);
      const headers = { 'access-control-allow-origin': '*' };
      return route.fulfill({ contentType: 'text/javascript', body: readFileSync(file, 'utf8'), headers });
    });
    page.on('console', (message) => output.push(message.text()));
    page.on('pageerror', (error) => output.push(error.message));
    await page.goto(`${server.url}/${folder}/`);
    pages.push(page);
  }
  return pages;
}

/** What the pages of a test wrote to their consoles. */
const output: string[] = [];

const peopleIn = (name: string): number => {
  const { media, janus, jitsi } = server;
  if (backendOf(name) === 'ant-media') return media.rooms()[0]?.publishers.length ?? 0;
  if (backendOf(name) === 'jitsi') return jitsi.rooms()[0]?.participants.length ?? 0;
  return janus.rooms()[0]?.publishers.length ?? 0;
};

test('the README and each start page have a quick start', () => {
  expect([...quickStarts.keys()].toSorted()).toEqual(
    expect.arrayContaining([
      ...['readme-ant-media', 'readme-janus', 'readme-jitsi'],
      ...['start-ant-media', 'start-janus', 'start-jitsi', 'start-script-tag'],
    ]),
  );
});

describe.each([...quickStarts.keys()])('the quick start %s', (name) => {
  test('compiles in an empty project, and two who open it are in one room', async () => {
    const code = quickStarts.get(name)?.find(({ run }) => run?.endsWith('main.ts'))?.code;
    let script = '';
    if (code !== undefined) {
      project.write(`${name}.ts`, code);
      const flags =
        '--target es2022 --module esnext --moduleResolution bundler --lib es2022,dom,dom.iterable --skipLibCheck';
      expect(project.compile(`${name}.ts`, flags)).toBe('');
      const { outputFiles } = await build({
        stdin: { contents: withOurServers(code, name), resolveDir: project.folder, loader: 'ts' },
        ...{ bundle: true, write: false, format: 'esm', target: 'es2022', logLevel: 'error' },
      });
      script = outputFiles[0]?.text ?? '';
    }
    const [first, second] = await openPages(name, script);
    if (!first || !second) throw new Error('No pages.');
    await until('both are in the room', () => peopleIn(name) === 2, 30_000).catch((error) => {
      throw new Error(`${error.message}\n${output.join('\n')}`);
    });
    if (backendOf(name) === 'ant-media') {
      const plays = (page: Page) =>
        page.evaluate(() =>
          [...document.querySelectorAll('video')].some(
            ({ videoWidth, currentTime }) => videoWidth > 0 && currentTime > 0,
          ),
        );
      await until('both see the other', async () => (await plays(first)) && (await plays(second)), 40_000);
    }
    // Both leave with their pages.
    await first.close();
    await second.close();
    await until('the room is empty', () => peopleIn(name) === 0, 40_000);
  });
});
