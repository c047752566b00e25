/** The package as users get it: packed, unpacked into a project of its own, and used from there. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { SignJWT } from 'jose';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entries } from '../../entries.ts';
import { launchOptions } from '../chromium.ts';
import { makeProject, type Project } from './project.ts';

let project: Project;
let browser: Browser;
let token: string;

/** What an application does first, with an adapter of its own: it logs states and ends with the room's token. */
const joinARoom = `async (RoomSession, token) => {
  const log = [];
  const adapter = {
    name: 'fake',
    connect(attempt) {
      log.push('token ' + (attempt.token.value === token));
      attempt.onEnd(() => log.push('attempt ended'));
      attempt.connected('vendor');
    },
  };
  const session = new RoomSession({ adapter, tokenSource: () => token });
  session.on('stateChanged', ({ state }) => log.push(state));
  await session.join('standup');
  await session.leave();
  return log;
}`;
const joined = ['connecting', 'token true', 'connected', 'attempt ended', 'disconnected'];

beforeAll(async () => {
  project = makeProject();
  token = await new SignJWT({ room: 'standup' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode('a secret of at least 32 characters'));
  browser = await chromium.launch(await launchOptions());
});

afterAll(async () => {
  await browser?.close();
});

/** Runs ES module code in the project, in a process of its own without a DOM, and returns what it prints as JSON. */
function inNode(code: string): unknown {
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: project.folder,
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
        resolveDir: project.folder,
      },
      bundle: true,
      write: false,
      format: 'esm',
    });
    const page = await browser.newPage();
    await page.addScriptTag({ type: 'module', content: bundle.outputFiles[0]!.text });
    expect(await page.evaluate('result')).toEqual(joined);
  });

  test('has the licence texts of all that is in the script-tag file', () => {
    const file = readFileSync(new URL('../../dist/room-session.global.js', import.meta.url), 'utf8');
    const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const folders = ['../..', ...Object.keys(dependencies).map((name) => `../../node_modules/${name}`)];
    const lines = (text: string) =>
      text
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean)
        .join('\n');
    for (const folder of folders)
      expect(lines(file)).toContain(
        lines(readFileSync(new URL(`${folder}/LICENSE`, import.meta.url), 'utf8')),
      );
  });

  test('joins a room from a script tag, by the global RoomSession', async () => {
    const page = await browser.newPage();
    await page.addScriptTag({ path: join(project.installed, project.manifest.unpkg) });
    expect(await page.evaluate(`(${joinARoom})(RoomSession.RoomSession, ${JSON.stringify(token)})`)).toEqual(
      joined,
    );
    expect(await page.evaluate('Object.keys(RoomSession)')).toEqual(
      expect.arrayContaining(['tokenEndpoint', 'TokenRefresher', 'antMedia', 'nafJanus', 'jitsi']),
    );
  });

  test('registers the A-Frame component, from a script tag and as a module that is imported for nothing else', async () => {
    const bundle = await build({
      stdin: { contents: `import 'room-session/aframe';`, resolveDir: project.folder },
      bundle: true,
      write: false,
      format: 'esm',
    });
    for (const script of [
      { path: join(project.installed, project.manifest.unpkg) },
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
      // Vue has some of its own.
      for (const peer of ${JSON.stringify(Object.keys(project.manifest.peerDependencies))}) await import(peer);
      const before = Reflect.ownKeys(globalThis).length;
      const exported = Object.keys(await import(${JSON.stringify(name)}));
      console.log(JSON.stringify({ exported, added: Reflect.ownKeys(globalThis).length - before }));`);
    expect(result).toEqual({ exported: expect.arrayContaining([expect.any(String)]), added: 0 });
  });

  test('is required by a CommonJS program in Node', () => {
    const code = `const { RoomSession } = require('room-session');
      const { FakeAdapter } = require('room-session/testing');
      const session = new RoomSession({ adapter: new FakeAdapter() });
      session.join('standup').then(() => { console.log(session.state); return session.leave(); });`;
    const options = { cwd: project.folder, encoding: 'utf8' } as const;
    expect(execFileSync(process.execPath, ['--eval', code], options)).toBe('connected\n');
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

  test('carries each file that its manifest names, and no source', () => {
    const { exports, typesVersions, main, types, unpkg } = project.manifest;
    const named = Object.values(exports).flatMap((targets) =>
      typeof targets === 'string'
        ? [targets]
        : Object.values(targets).flatMap(({ types, default: file }) => [types, file]),
    );
    named.push(main, types, unpkg, ...Object.values(typesVersions['*']).flat());
    expect(Object.keys(typesVersions['*'])).toHaveLength(entries.length - 1);
    for (const file of [...named, 'LICENSE', 'README.md']) {
      expect(readFileSync(join(project.installed, file), 'utf8'), file).not.toBe('');
    }
    expect(() => readFileSync(join(project.installed, 'src/index.ts'))).toThrow('ENOENT');
  });
});
