/**
 * `npm run bench:token`: the refresher and its peers through the same faults. Prints tables, writes docs/token-bench.json
 * and docs/token-bench.svg, and ends with an exit code other than 0 where a criterion is missed.
 *
 * `--only=sleep,busy` and `--clients=room-session,ably` run a part of it, `--seeds=3` fewer seeds, `--no-herd` no herd.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Result } from './measure.ts';

const here = new URL('.', import.meta.url);
if (!existsSync(new URL('node_modules', here))) {
  spawnSync('npm', ['ci'], { cwd: here, stdio: 'inherit', shell: process.platform === 'win32' });
}
const { clientNames, loadClient, tokenEntryBytes } = await import('./clients.ts');
const { judge, mean, summarize } = await import('./criteria.ts');
const { outages, runHerd, usualOutage } = await import('./herd.ts');
const { measure, oracle } = await import('./measure.ts');
const { drawTable } = await import('./picture.ts');
const { scenarios } = await import('./scenario.ts');

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    only: { type: 'string' },
    clients: { type: 'string' },
    seeds: { type: 'string', default: '5' },
    herd: { type: 'boolean', default: true },
  },
});
const own = 'room-session';
const only = options.only?.split(',');
const names = clientNames.filter(
  (name) => name === own || (options.clients?.split(',').includes(name) ?? true),
);
const seeds = Array.from({ length: Number(options.seeds) }, (_, index) => index + 1);

// Libraries leave rejections of their own unhandled; a page goes on after them.
process.on('unhandledRejection', () => {});

const clients = await Promise.all(names.map(loadClient));
for (const { name, version, gzipBytes, note } of clients) {
  console.log(`${name} ${version}`.padEnd(24), `${(gzipBytes / 1000).toFixed(1)} kB`.padStart(9), '', note);
}

const rows = [];
const columns = [...names, 'oracle', 'oracle, 1/s'];
console.log(
  `\n${'valid % / worst gap s / requests'.padEnd(34)}${columns.map((name) => name.padStart(17)).join('')}`,
);
for (const scenario of scenarios.filter(({ name }) => only?.includes(name) ?? true)) {
  const results: Record<string, Result[]> = { oracle: [], 'oracle, 1/s': [] };
  for (const client of clients) {
    results[client.name] = [];
    for (const seed of seeds) results[client.name]?.push(await measure(client, scenario, seed));
  }
  for (const seed of seeds) {
    results['oracle']?.push(await oracle(scenario, seed));
    results['oracle, 1/s']?.push(await oracle(scenario, seed, 0));
  }
  rows.push({ scenario, results });
  const cells = columns.map((name) => {
    const all = results[name] ?? [];
    const valid = 100 * mean(all.map(({ availability }) => availability));
    const gap = Math.max(...all.map(({ worstGap }) => worstGap));
    const requests = name.startsWith('oracle') ? '' : Math.round(mean(all.map((result) => result.requests)));
    return `${valid.toFixed(1)}/${gap}/${requests}`.padStart(17);
  });
  console.log(`${scenario.name.padEnd(34)}${cells.join('')}`);
}

const herds = [];
if (options.herd) {
  console.log(
    '\nherd: requests in the busiest second at the refresh / from an outage on / of the minute after it / total',
  );
  for (const client of clients) {
    const isOwn = client.name === own;
    const sizes = isOwn || client.name === 'seed-recipe' ? [200, 10_000] : [200];
    for (const sessions of sizes) {
      for (const outage of isOwn ? outages : [usualOutage]) {
        const herd = await runHerd(client, sessions, 1, outage);
        herds.push(herd);
        const { busiestAtRefresh, busiestSinceOutage, busiestAfterOutage, total } = herd;
        console.log(
          `${client.name} × ${sessions}, ${outage.from} to ${outage.to} min`.padEnd(44),
          `${busiestAtRefresh}/${busiestSinceOutage}/${busiestAfterOutage}/${total}`,
        );
      }
    }
  }
}

const verdicts = judge(own, rows, herds, await tokenEntryBytes());
const missed = verdicts.filter(({ isMet }) => !isMet);
for (const { criterion, detail } of missed) console.log(`MISSED ${criterion}: ${detail}`);
console.log(`\n${verdicts.length - missed.length} of ${verdicts.length} criteria reached`);
if (!only && !options.clients) {
  const about = clients.map(({ name, version, note, gzipBytes }) => ({ name, version, note, gzipBytes }));
  const scenariosMeasured = rows.map(({ scenario: { name, title, minutes, life }, results }) => {
    const summaries = Object.entries(results).map(([client, all]) => [client, summarize(all)]);
    return { name, title, minutes, life, clients: Object.fromEntries(summaries) };
  });
  // A line for each client, scenario, herd and criterion: so that a diff shows what changed.
  const lines = (all: readonly unknown[]) => `[\n${all.map((each) => JSON.stringify(each)).join(',\n')}\n]`;
  const parts = Object.entries({ clients: about, scenarios: scenariosMeasured, herds, verdicts });
  const json = parts.map(([name, all]) => `"${name}": ${lines(all)}`).join(',\n');
  writeFileSync(
    new URL('../../../docs/token-bench.json', here),
    `{\n"seeds": ${seeds.length},\n${json}\n}\n`,
  );
  writeFileSync(new URL('../../../docs/token-bench.svg', here), drawTable(columns, rows));
}
process.exitCode = missed.length > 0 ? 1 : 0;
