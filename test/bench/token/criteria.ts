/** What the refresher must reach, checked on what was measured. */
import type { Herd } from './herd.ts';
import type { Result } from './measure.ts';
import type { Scenario } from './scenario.ts';

/** One scenario: results by client, one for each seed; the oracle is one of them. */
export interface Row {
  readonly scenario: Scenario;
  readonly results: Readonly<Record<string, readonly Result[]>>;
}

export interface Verdict {
  readonly criterion: string;
  readonly isMet: boolean;
  readonly detail: string;
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** All seeds of one client in one scenario in a few numbers; percents with two places. */
export function summarize(results: readonly Result[]) {
  const most = (pick: (result: Result) => number) => Math.max(...results.map(pick));
  return {
    valid: results.map(({ availability }) => Number((100 * availability).toFixed(2))),
    worstGap: most(({ worstGap }) => worstGap),
    requests: Math.round(mean(results.map(({ requests }) => requests))),
    tooEarly: most(({ tooEarly }) => tooEarly),
    afterRefusal: most(({ afterRefusal }) => afterRefusal),
    recovered: results.every(({ recovered }) => recovered),
  };
}

const points = (results: readonly Result[]): number =>
  100 * mean(results.map(({ availability }) => availability));

function spread(results: readonly Result[]): number {
  const all = results.map(({ availability }) => availability * 100);
  return Math.max(...all) - Math.min(...all);
}

export function judge(
  own: string,
  rows: readonly Row[],
  herds: readonly Herd[],
  gzipBytes: number,
): Verdict[] {
  const verdicts: Verdict[] = [];
  const check = (criterion: string, isMet: boolean, detail: string) =>
    verdicts.push({ criterion, isMet, detail });

  for (const { scenario, results } of rows) {
    const { name, life, outlasts, outlastsLife, isRefusal, mostRequests, mostFaulty } = scenario;
    const ours = results[own]!;
    const best = results['oracle']!;
    const behind = points(best) - points(ours);
    const allowed = outlastsLife ? 3.5 : 1;
    check(
      `${name}: within ${allowed} points of the oracle`,
      behind <= allowed,
      `${behind.toFixed(2)} behind`,
    );

    const allowedGap = outlasts ? Math.max(life / 10, 5) : 5;
    const gap = Math.max(...ours.map(({ worstGap }, seed) => worstGap - best[seed]!.worstGap));
    check(`${name}: worst gap at most ${allowedGap} s over the oracle's`, gap <= allowedGap, `${gap} s over`);

    const peers = Object.entries(results).filter(
      ([client]) => client !== own && !client.startsWith('oracle'),
    );
    if (peers.length > 0) {
      const [peer, peerResults] = peers.reduce((a, b) => (points(a[1]) >= points(b[1]) ? a : b));
      const lead = points(ours) - points(peerResults);
      check(
        `${name}: no fewer points than the best peer`,
        lead >= -spread(ours) - 1e-9,
        `${lead.toFixed(2)} to ${peer}, seeds' spread ${spread(ours).toFixed(2)}`,
      );
    }

    if (!isRefusal)
      check(
        `${name}: recovered`,
        ours.every(({ recovered }) => recovered),
        '',
      );
    const requests = Math.max(...ours.map((result) => result.requests));
    if (mostRequests)
      check(`${name}: at most ${mostRequests} requests`, requests <= mostRequests, `${requests}`);
    const faulty = Math.max(...ours.map((result) => result.faulty));
    if (mostFaulty) check(`${name}: at most ${mostFaulty} requests in it`, faulty <= mostFaulty, `${faulty}`);
    const early = Math.max(...ours.map(({ tooEarly }) => tooEarly));
    check(`${name}: no request before Retry-After`, early === 0, `${early}`);
    const after = Math.max(...ours.map(({ afterRefusal }) => afterRefusal));
    if (isRefusal) check(`${name}: at most 2 requests after a refusal`, after <= 2, `${after}`);
  }

  for (const { client, sessions, outage, ...busiest } of herds) {
    if (client !== own) continue;
    const name = `herd of ${sessions}, outage from ${outage.from} to ${outage.to} min`;
    const most = (what: string, requests: number, limit: number) =>
      check(`${name}: at most ${limit} requests in a second ${what}`, requests <= limit, `${requests}`);
    most('at the refresh', busiest.busiestAtRefresh, sessions === 200 ? 15 : 250);
    most('since the outage began', busiest.busiestSinceOutage, sessions === 200 ? 20 : 250);
  }
  check('size: min + gzip at most 4.2 kB with jwt-decode', gzipBytes <= 4_200, `${gzipBytes} bytes`);
  return verdicts;
}
