/** The declarations in every TypeScript that apps have, with every way to find modules; the libraries are checked, too. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { makeProject, type Project, typedFiles, writeTypedApp } from '../package/project.ts';
import { installTools, modules } from './install.ts';

const versions = ['5.4', '5.5', '5.6', '5.7', '5.8', '5.9', '6.0', '7.0'];
const ways = {
  node10: '--module commonjs --moduleResolution node10 --esModuleInterop',
  node16: '--module node16 --moduleResolution node16',
  nodenext: '--module nodenext --moduleResolution nodenext',
  bundler: '--module esnext --moduleResolution bundler',
};
/** 7.0 has no node10 any longer, and 6.0 wants to be told that one knows. */
const cases = versions.flatMap((version) =>
  Object.entries(ways).flatMap(([way, flags]) => {
    if (way === 'node10' && version === '7.0') return [];
    const more = way === 'node10' && version === '6.0' ? ' --ignoreDeprecations 6.0' : '';
    return [[version, way, `--target es2022 --skipLibCheck false ${flags}${more}`] as const];
  }),
);

let project: Project;

beforeAll(() => {
  installTools();
  project = makeProject();
  writeTypedApp(project);
}, 300_000);

test.each(cases)('TypeScript %s, moduleResolution %s', (version, _, flags) => {
  const tsc = join(modules, `typescript-${version}/bin/tsc`);
  expect(project.compile(typedFiles.join(' '), flags, tsc)).toBe('');
});
