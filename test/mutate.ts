/**
 * Mutation testing: `npm run mutate` changes all of src/, `npm run mutate -- src/token/trouble.ts` a part of it.
 * Fails where the tests notice too few of the changes. The tests for a folder are those in the folder of the same name
 * in test/unit/; for files that have no such folder, all of them.
 */
import { existsSync, globSync } from 'node:fs';
import { posix, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';

/** The least share of mutants, in percent, that the tests must kill. */
const leastOfAll = 85;
const leastOfSecrecy = 95;

/** The files that keep tokens out of logs, errors and messages. */
const secrecyFiles = ['src/token/as-token-error.ts', 'src/token/jwt.ts'];

interface Mutant {
  fileName: string;
  status: string;
  mutatorName: string;
  replacement?: string;
  location: { start: { line: number; column: number } };
}

/** Which outcomes count. Mutants that do not compile, or that a comment excludes, do not. */
const killed = new Set(['Killed', 'Timeout']);
const alive = new Set(['Survived', 'NoCoverage']);

const { values, positionals } = parseArgs({
  options: { concurrency: { type: 'string', default: '2' } },
  allowPositionals: true,
});
const missing = [...secrecyFiles, ...positionals].filter((file) => !existsSync(file.replace(/:\d.*$/, '')));
if (missing.length > 0)
  throw new Error(`There is no ${missing.join(', ')}. Correct the name, or the list in test/mutate.ts.`);

const started = performance.now();
const files =
  positionals.length > 0 ? positionals : globSync('src/**/*.ts').map((file) => file.replaceAll('\\', '/'));
const mutants: Mutant[] = [];
for (const [tests, mutate] of Object.entries(Object.groupBy(files, testsOf))) {
  console.log(`\n${mutate!.length} files with the tests of ${tests}`);
  process.env['MUTATE_TESTS'] = tests;
  const incrementalFile = `.cache/stryker/${tests.replaceAll('/', '-')}.json`;
  const stryker = new Stryker({ mutate: mutate!, incrementalFile, concurrency: Number(values.concurrency) });
  mutants.push(...(await stryker.runMutationTest()));
}

const fileOf = ({ fileName }: Mutant) => relative('', fileName).replaceAll('\\', '/');
const shareOf = (some: readonly Mutant[]): number => {
  const dead = some.filter(({ status }) => killed.has(status)).length;
  return (100 * dead) / (dead + some.filter(({ status }) => alive.has(status)).length);
};

for (const mutant of mutants.filter(({ status }) => alive.has(status))) {
  const { line, column } = mutant.location.start;
  console.log(
    `${fileOf(mutant)}:${line}:${column} ${mutant.status} ${mutant.mutatorName}: ${mutant.replacement}`,
  );
}
console.log();
for (const [file, some] of Object.entries(Object.groupBy(mutants, fileOf)).sort()) {
  console.log(`${shareOf(some!).toFixed(1).padStart(5)} % of ${some!.length} ${file}`);
}
check('all mutated files', mutants, leastOfAll);
check(
  'the files that keep tokens out of sight',
  mutants.filter((mutant) => secrecyFiles.includes(fileOf(mutant))),
  leastOfSecrecy,
);
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);

function check(name: string, some: readonly Mutant[], least: number): void {
  const share = shareOf(some);
  if (Number.isNaN(share)) return;
  const reached = share >= least;
  console.log(`${name}: ${share.toFixed(1)} %, at least ${least} %: ${reached ? 'reached' : 'NOT REACHED'}`);
  if (!reached) process.exitCode = 1;
}

/** `src/token/jwt.ts` → `test/unit/token`. */
function testsOf(file: string): string {
  const folder = posix.dirname(file).replace(/^src/, 'test/unit');
  const isShared = /^(src|src\/adapters)$/.test(posix.dirname(file));
  return !isShared && existsSync(folder) ? folder : 'test/unit';
}
