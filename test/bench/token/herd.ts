/** Many sessions begun within one second: how their requests fall on the server. */
import type { Client } from './clients.ts';
import { makeTab } from './measure.ts';
import { makeRandom } from './random.ts';
import type { Scenario } from './scenario.ts';

const minute = 60_000;
const runMinutes = 35;

/** Minutes of the run in which the endpoint is down. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

/** When each client has to refresh. */
export const usualOutage: Outage = { from: 16.5, to: 21.5 };
/** All that ours is put through. */
export const outages: readonly Outage[] = [
  usualOutage,
  // Over the moment in which the first tokens of all end.
  { from: 5, to: 12 },
  // From the middle of the first refreshes on.
  { from: 6.5, to: 13.5 },
  // From the end of the first tokens on, over the second refreshes.
  { from: 10, to: 20 },
];

const scenario: Scenario = { name: 'herd', title: 'a herd', minutes: runMinutes, life: 600 };

export interface Herd {
  readonly client: string;
  readonly sessions: number;
  readonly outage: Outage;
  readonly total: number;
  /** Most requests in one second, after the joins and before the outage. */
  readonly busiestAtRefresh: number;
  /** Most requests in one second of the minute after the outage. */
  readonly busiestAfterOutage: number;
  /** Most requests in one second, from the outage's beginning to the end of the run. */
  readonly busiestSinceOutage: number;
  /** All requests from the outage's beginning until a minute after its end. */
  readonly duringOutage: number;
}

export async function runHerd(
  client: Client,
  sessions: number,
  seed: number,
  outage: Outage = usualOutage,
): Promise<Herd> {
  const perSecond = new Uint32Array(runMinutes * 60 + 2);
  const random = makeRandom(seed);
  for (let session = 0; session < sessions; session++) {
    const beginsAt = Math.floor(random() * 1000);
    // The scenario's own shift is left out: the outage is the same for all.
    const tab = makeTab(scenario, seed * 1_000_003 + session, (now, usual) => {
      const at = now + beginsAt;
      const isOut = at >= outage.from * minute && at < outage.to * minute;
      return isOut ? { kind: 'status', status: 503, latencyMs: usual.latencyMs } : usual;
    });
    const running = await client.start(tab);
    await tab.advanceTo(runMinutes * minute);
    running.stop();
    for (const { at } of tab.requests) {
      const second = Math.floor((at + beginsAt) / 1000);
      perSecond[second] = (perSecond[second] ?? 0) + 1;
    }
  }
  const between = (from: number, to: number) => perSecond.subarray(from, to);
  const most = (from: number, to: number) => between(from, to).reduce((a, b) => Math.max(a, b), 0);
  const sum = (from: number, to: number) => between(from, to).reduce((a, b) => a + b, 0);
  return {
    client: client.name,
    sessions,
    outage,
    busiestSinceOutage: most(outage.from * 60, runMinutes * 60),
    total: sum(0, runMinutes * 60),
    busiestAtRefresh: most(10, outage.from * 60),
    busiestAfterOutage: most(outage.to * 60, outage.to * 60 + 60),
    duringOutage: sum(outage.from * 60, outage.to * 60 + 60),
  };
}
