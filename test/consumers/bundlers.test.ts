/** The packed package in the bundlers that apps have: what they build joins a room. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build as buildWithEsbuild } from 'esbuild';
import { build as buildWithVite } from 'vite';
import { beforeAll, expect, test } from 'vitest';
import { makeProject, type Project } from '../package/project.ts';
import { installTools, modules } from './install.ts';

const root = join(import.meta.dirname, '../..');
let project: Project;

beforeAll(() => {
  installTools();
  project = makeProject();
  project.write(
    'app.js',
    `import { RoomSession, TokenError, tokenEndpoint } from 'room-session';
     import { antMedia } from 'room-session/ant-media';
     import { jitsi } from 'room-session/jitsi';
     import { nafJanus } from 'room-session/naf-janus';
     import { useRoomSession } from 'room-session/react';
     import { TokenError as SameError } from 'room-session/token';
     import { useRoomSession as inVue } from 'room-session/vue';
     const log = [];
     const adapter = { name: 'own', connect: (attempt) => attempt.connected('vendor') };
     const session = new RoomSession({ adapter, tokenSource: async () => 'a.b.c' });
     session.on('stateChanged', ({ state }) => log.push(state));
     session.join('standup').then(() => session.leave()).then(() => {
       const all = [tokenEndpoint, antMedia, jitsi, nafJanus, useRoomSession, inVue];
       log.push(all.every((each) => typeof each === 'function'), SameError === TokenError);
       console.log(JSON.stringify(log));
     });`,
  );
}, 300_000);

/** What the built file prints. */
function run(file: string): unknown {
  const options = { cwd: project.folder, encoding: 'utf8' } as const;
  return JSON.parse(execFileSync(process.execPath, [join(project.folder, file)], options));
}

const joined = ['connecting', 'connected', 'disconnected', true, true];

/** The paths of the project's own file, and of the built one. */
const paths = (built: string) => [join(project.folder, 'app.js'), join(project.folder, built)] as const;

test('esbuild', async () => {
  const [entry, outfile] = paths('esbuild.mjs');
  const { warnings } = await buildWithEsbuild({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    logLevel: 'silent',
  });
  expect(warnings).toEqual([]);
  expect(run('esbuild.mjs')).toEqual(joined);
});

test('rollup', () => {
  const [input, file] = paths('rollup.mjs');
  const bin = join(root, 'node_modules/rollup/dist/bin/rollup');
  const plugins = ['-p', 'node-resolve', '-p', 'commonjs'];
  const { status, stderr } = spawnSync(
    process.execPath,
    [bin, ...plugins, '-i', input, '-o', file, '-f', 'esm'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  expect(status, stderr).toBe(0);
  expect(run('rollup.mjs')).toEqual(joined);
});

test('Vite', async () => {
  const [entry] = paths('');
  await buildWithVite({
    root: project.folder,
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { outDir: 'vite', lib: { entry, formats: ['es'], fileName: () => 'app.mjs' } },
  });
  expect(run('vite/app.mjs')).toEqual(joined);
});

test('webpack', async () => {
  const webpack = createRequire(join(modules, 'of-apps.js'))('webpack') as Webpack;
  const [entry] = paths('');
  const stats = await new Promise<Stats>((done, failed) => {
    webpack(
      {
        mode: 'production',
        context: project.folder,
        target: ['web', 'es2022'],
        entry,
        output: { path: project.folder, filename: 'webpack.cjs' },
        performance: false,
      },
      (error, result) => (result ? done(result) : failed(error)),
    );
  });
  expect(stats.toJson({ all: false, errors: true, warnings: true })).toMatchObject({
    errors: [],
    warnings: [],
  });
  expect(run('webpack.cjs')).toEqual(joined);
});

/** As much of webpack as is used here. */
type Webpack = (options: object, done: (error: unknown, stats?: Stats) => void) => void;
interface Stats {
  toJson(options: object): unknown;
}
