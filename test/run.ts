/**
 * Runs npm scripts one after the other, up to the first that fails: `node test/run.ts lint types test:unit`.
 * Scripts named `test:…` run Vitest; their tests are summed up in the closing line.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
}

const folder = mkdtempSync(join(tmpdir(), 'room-session-test-'));
const summary: string[] = [];
let passed = 0;
let failed = 0;

for (const [index, stage] of process.argv.slice(2).entries()) {
  const file = join(folder, `${index}.json`);
  const flags = stage.startsWith('test:')
    ? ['--', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    : [];
  console.log(`\n=== ${stage}`);
  const start = performance.now();
  const { status } = spawnSync(process.execPath, ['--run', stage, ...flags], { stdio: 'inherit' });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);

  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  passed += report?.numPassedTests ?? 0;
  failed += report?.numFailedTests || Number(status !== 0); // a stage that broke without any test is one failure
  summary.push(
    `${status === 0 ? 'ok    ' : 'FAILED'} ${stage}, ${seconds} s${skipped ? `, ${skipped} skipped` : ''}`,
  );
  if (failed) break;
}

rmSync(folder, { recursive: true });
console.log(`\n${summary.join('\n')}\n\n${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
