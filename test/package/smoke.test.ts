/** The package as users get it: packed, unpacked into a project of its own, and used from there. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { SignJWT } from 'jose';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entries } from '../../entries.ts';
import { launchOptions } from '../chromium.ts';

interface Manifest {
  name: string;
  unpkg: string;
  dependencies: Record<string, string>;
  exports: Record<string, string | { types: string; default: string }>;
}

const root = join(import.meta.dirname, '../..');
const project = mkdtempSync(join(tmpdir(), 'room-session-smoke-'));
const installed = join(project, 'node_modules/room-session');
let manifest: Manifest;
let browser: Browser;
let token: string;

/** What an application does first, with an adapter of its own: it logs states and ends with the room's token. */
const joinARoom = `async (RoomSession, token) => {
  const log = [];
  const adapter = {
    name: 'fake',
    vendor: undefined,
    async connect(context) { log.push('token ' + ((await context.getToken()).value === token)); },
    disconnect() { log.push('adapter disconnected'); },
  };
  const session = new RoomSession({ adapter, tokenSource: () => token });
  session.on('stateChanged', ({ state }) => log.push(state));
  await session.join('standup');
  await session.leave();
  return log;
}`;
const joined = ['connecting', 'token true', 'connected', 'adapter disconnected', 'disconnected'];

beforeAll(async () => {
  execFileSync('npm', ['pack', '--pack-destination', project, '--silent'], {
    cwd: root,
    shell: process.platform === 'win32',
  });
  mkdirSync(installed, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  execFileSync('tar', [
    '-xzf',
    join(project, `room-session-${version}.tgz`),
    '-C',
    installed,
    '--strip-components=1',
  ]);
  manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest;
  for (const name of Object.keys(manifest.dependencies)) {
    cpSync(join(root, 'node_modules', name), join(project, 'node_modules', name), { recursive: true });
  }
  token = await new SignJWT({ room: 'standup' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode('a secret of at least 32 characters'));
  browser = await chromium.launch(await launchOptions());
});

afterAll(async () => {
  await browser?.close();
  rmSync(project, { recursive: true, force: true });
});

/** Runs ES module code in the project, in a process of its own without a DOM, and returns what it prints as JSON. */
function inNode(code: string): unknown {
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: project,
      encoding: 'utf8',
    }),
  );
}

describe('the packed package', () => {
  test('joins a room as an ES module in a page', async () => {
    const bundle = await build({
      stdin: {
        contents: `import { RoomSession } from 'room-session';
          globalThis.result = (${joinARoom})(RoomSession, ${JSON.stringify(token)});`,
        resolveDir: project,
      },
      bundle: true,
      write: false,
      format: 'esm',
    });
    const page = await browser.newPage();
    await page.addScriptTag({ type: 'module', content: bundle.outputFiles[0]!.text });
    expect(await page.evaluate('result')).toEqual(joined);
  });

  test('joins a room from a script tag, by the global RoomSession', async () => {
    const page = await browser.newPage();
    await page.addScriptTag({ path: join(installed, manifest.unpkg) });
    expect(await page.evaluate(`(${joinARoom})(RoomSession.RoomSession, ${JSON.stringify(token)})`)).toEqual(
      joined,
    );
    expect(await page.evaluate('Object.keys(RoomSession)')).toEqual(
      expect.arrayContaining(['tokenEndpoint', 'TokenRefresher', 'antMedia', 'nafJanus', 'jitsi']),
    );
  });

  test('registers the A-Frame component, from a script tag and as a module that is imported for nothing else', async () => {
    const bundle = await build({
      stdin: { contents: `import 'room-session/aframe';`, resolveDir: project },
      bundle: true,
      write: false,
      format: 'esm',
    });
    for (const script of [
      { path: join(installed, manifest.unpkg) },
      { content: bundle.outputFiles[0]!.text },
    ]) {
      const page = await browser.newPage();
      await page.evaluate(
        'globalThis.AFRAME = { components: {}, registerComponent: (name) => { globalThis.registered = name; } }',
      );
      await page.addScriptTag(script);
      expect(await page.evaluate('registered')).toBe('room-session');
    }
  });

  test.each(entries.map(({ name }) => name))('imports %s in Node without touching a global', (name) => {
    const result = inNode(`
      const before = Reflect.ownKeys(globalThis).length;
      const exported = Object.keys(await import(${JSON.stringify(name)}));
      console.log(JSON.stringify({ exported, added: Reflect.ownKeys(globalThis).length - before }));`);
    expect(result).toEqual({ exported: expect.arrayContaining([expect.any(String)]), added: 0 });
  });

  test('refreshes tokens in Node, without any room', () => {
    const result = inNode(`
      import { TokenRefresher } from 'room-session/token';
      const refresher = new TokenRefresher(() => ${JSON.stringify(token)});
      const { claims } = await refresher.getToken();
      refresher.stop();
      console.log(JSON.stringify(claims.room));`);
    expect(result).toBe('standup');
  });

  test('compiles in a strict TypeScript project that knows the browser only', () => {
    const imports = entries.map(({ name }, index) => `export * as entry${index} from '${name}';`);
    writeFileSync(join(project, 'app.ts'), imports.join('\n'));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const flags = '--noEmit --strict --exactOptionalPropertyTypes --target es2022 --module esnext';
    const { stdout } = spawnSync(
      process.execPath,
      [tsc, ...flags.split(' '), '--moduleResolution', 'bundler', 'app.ts'],
      { cwd: project, encoding: 'utf8' },
    );
    expect(stdout).toBe('');
  });

  test('carries each file that its manifest names, and no source', () => {
    const named = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [target] : [target.types, target.default],
    );
    for (const file of [...named, manifest.unpkg, 'LICENSE', 'README.md']) {
      expect(readFileSync(join(installed, file), 'utf8'), file).not.toBe('');
    }
    expect(() => readFileSync(join(installed, 'src/index.ts'))).toThrow('ENOENT');
  });
});
