/**
 * Runs npm scripts one after the other, up to the first that fails: `node test/run.ts lint types test:unit`.
 * Scripts named `test:…` run Vitest; their tests are summed up in the closing lines. `test:firefox` is not run where there is
 * no Firefox, and the closing lines say so; with REQUIRE_FIREFOX that is a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingForFirefox } from './browsers/firefox.ts';

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
  const missing = stage === 'test:firefox' ? missingForFirefox() : undefined;
  if (missing) {
    const isDemanded = Boolean(process.env['REQUIRE_FIREFOX']);
    summary.push(`${isDemanded ? 'FAILED' : 'NOT RUN'} ${stage}: ${missing}`);
    failed += Number(isDemanded);
    if (failed) break;
    continue;
  }
  const start = performance.now();
  const { status } = spawnSync(process.execPath, ['--run', stage, ...flags], { stdio: 'inherit' });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);

  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  passed += report?.numPassedTests ?? 0;
  failed += report?.numFailedTests || Number(status !== 0); // a stage that broke without any test is one failure
  const counts = report ? `, ${report.numPassedTests} passed` : '';
  summary.push(
    `${status === 0 ? 'ok    ' : 'FAILED'} ${stage}, ${seconds} s${counts}${skipped ? `, ${skipped} skipped` : ''}`,
  );
  if (failed) break;
}

rmSync(folder, { recursive: true });
console.log(`\n${summary.join('\n')}\n\n${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
