import { readFileSync, rmSync } from 'node:fs';
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import { dts } from 'rollup-plugin-dts';
import esbuild from 'rollup-plugin-esbuild';
import { entries } from './entries.ts';

const pkg = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

const input = Object.fromEntries(
  entries.map(({ source, output }) => [output.slice('dist/'.length, -'.js'.length), source]),
);
// Vendor libraries are the application's: they are never bundled, not even for script users.
const external = [
  ...Object.keys(pkg.dependencies),
  ...Object.keys(pkg.peerDependencies),
  'vitest',
  /^@antmedia\//,
  /^naf-janus-adapter/,
  'aframe',
];

/** What the script-tag file contains, with the notices that their licences ask for. */
const licences = [new URL('LICENSE', import.meta.url)]
  .concat(
    Object.keys(pkg.dependencies).map((name) => new URL(`node_modules/${name}/LICENSE`, import.meta.url)),
  )
  .map((file) => readFileSync(file, 'utf8').trim());
const banner = `/*! ${[pkg.name, ...Object.keys(pkg.dependencies)].map((name, index) => `${name}\n\n${licences[index]}`).join('\n\n')}\n*/`;

const clean = {
  name: 'clean',
  buildStart: () => rmSync('dist', { recursive: true, force: true }),
};

const modules = {
  dir: 'dist',
  sourcemap: true,
  // One file for what every entry shares, one for what adapters do, one for the token part: the size budgets tell
  // them apart.
  manualChunks: (id) => {
    const [, path] = id.split('/src/');
    if (/^(errors|secrets|clock|wake|report-error|untrusted)\.ts$/.test(path)) return 'shared';
    if (/^adapters\/[^/]+\.ts$/.test(path)) return 'adapters';
    return /^(?:adapters\/)?(token|naf-janus)\//.exec(path)?.[1];
  },
  hoistTransitiveImports: false,
  // Next: hooks run in client components only.
  banner: ({ name }) => (name === 'react/index' ? "'use client';" : ''),
};

export default [
  {
    input,
    external,
    // As `sideEffects` in package.json says: nothing is imported for its effects alone, but the A-Frame component.
    treeshake: { moduleSideEffects: (id) => id.endsWith('/src/aframe.ts') },
    plugins: [clean, esbuild({ target: 'es2022', tsconfig: 'src/tsconfig.json' })],
    // The same again for `require`: Jest, and servers that are CommonJS.
    output: [
      { ...modules, format: 'esm', chunkFileNames: 'chunks/[name].js' },
      { ...modules, format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name].cjs' },
    ],
  },
  {
    input,
    external,
    plugins: [dts({ tsconfig: 'src/tsconfig.json' })],
    output: ['ts', 'cts'].map((kind) => ({
      dir: 'dist',
      format: 'esm',
      entryFileNames: `[name].d.${kind}`,
      chunkFileNames: `chunks/[name]-[hash].d.${kind}`,
    })),
  },
  {
    // For pages with script tags: everything in one file, the two dependencies too.
    input: 'src/global.ts',
    plugins: [
      resolve(),
      commonjs(),
      esbuild({ target: 'es2022', tsconfig: 'src/tsconfig.json', minify: true }),
    ],
    output: {
      file: 'dist/room-session.global.js',
      format: 'iife',
      name: 'RoomSession',
      banner,
      sourcemap: true,
    },
  },
];
