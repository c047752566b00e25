/** Projects in TypeScript that are not the newest, or not like ours. */
import { beforeAll, expect, test } from 'vitest';
import { makeProject, type Project, typedFiles, writeTypedApp } from './project.ts';

const limitMs = 120_000;
let project: Project;

beforeAll(() => {
  project = makeProject();
  writeTypedApp(project);
});

const node10 = '--moduleResolution node10 --ignoreDeprecations 6.0';

test.each([
  ['bundler', '--target es2022 --module esnext --moduleResolution bundler --exactOptionalPropertyTypes'],
  ['node, ES modules', `--target es2022 --module esnext ${node10}`],
  ['node, CommonJS', `--target es2022 --module commonjs ${node10} --esModuleInterop`],
  ['nodenext, CommonJS', '--target es2022 --module nodenext --moduleResolution nodenext'],
  ['node16, CommonJS', '--target es2022 --module node16 --moduleResolution node16'],
])(
  'each entry point compiles with moduleResolution %s',
  (_, flags) => {
    for (const file of typedFiles) expect(project.compile(file, flags), file).toBe('');
  },
  limitMs,
);

test.each([
  ['ES2020', 'es2020,dom', 'es2020'],
  ['ES2020 with iterable DOM lists', 'es2020,dom,dom.iterable', 'es2020'],
  ['ES2021', 'es2021,dom', 'es2021'],
  ['the newest lib', 'esnext,dom', 'esnext'],
])(
  'each entry point compiles with %s, and the libraries are checked',
  (_, lib, target) => {
    const flags = `--lib ${lib} --target ${target} --module esnext --moduleResolution bundler`;
    for (const file of typedFiles) expect(project.compile(file, flags), file).toBe('');
  },
  limitMs,
);
