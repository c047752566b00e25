/** What happens in a run: to the tab, to its network, and to the token endpoint. */
import { makeRandom } from './random.ts';
import type { Tab } from './tab.ts';

/** How the endpoint takes a request that reaches it. */
export type Outcome = { readonly latencyMs: number } & (
  | {
      readonly kind: 'good';
      /** When the token was made, where the backend has had it for a while. */
      readonly madeAt?: number | undefined;
      /** The answer says how long the token lives as `10m`. */
      readonly inWords?: boolean | undefined;
    }
  | { readonly kind: 'stale' | 'html' | 'portal' | 'hang' | 'refuse' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number | undefined }
);

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly minutes: number;
  /** Seconds. */
  readonly life: number;
  /** The token that everybody holds when the fault begins ends before the fault does. */
  readonly outlasts?: boolean;
  /** The fault lasts longer than the whole life of a token. */
  readonly outlastsLife?: boolean;
  /** Nobody can recover: the endpoint refuses for good. */
  readonly isRefusal?: boolean;
  readonly mostRequests?: number;
  /** Most requests while the fault lasts. */
  readonly mostFaulty?: number;
  /** Faults by minute of the run; a random shift of up to a minute is added to each run. */
  readonly faults?: readonly Fault[];
  readonly tab?: (at: At) => void;
}

/** Plans something for a minute of the run. */
type At = (minute: number, run: (tab: Tab) => void) => void;

interface Fault {
  readonly from: number;
  readonly to: number;
  /** It ends after this many requests. */
  readonly requests?: number;
  /** It ends this many seconds after the first request that meets it. */
  readonly seconds?: number;
  readonly fault: FaultOf;
}

type FaultOf =
  | { kind: 'stale' | 'html' | 'portal' | 'hang' | 'refuse' | 'words' }
  | { kind: 'slow'; ms: number }
  | { kind: 'kept'; ms: number }
  | { kind: 'flaky'; share: number; hangs?: boolean }
  | { kind: 'status'; status: number; retryAfter?: 'rest' };

const week = 7 * 24 * 60;

export const scenarios: readonly Scenario[] = [
  { name: 'calm', title: 'nothing happens', minutes: 60, life: 600 },
  { name: 'short', title: 'tokens of 45 s', minutes: 10, life: 45, mostRequests: 25 },
  { name: 'long', title: 'tokens of 30 days', minutes: 2, life: 30 * 86_400, mostRequests: 1 },
  {
    name: 'fast-clock',
    title: 'local clock 20 min fast',
    minutes: 60,
    life: 600,
    tab: (at) => at(Number.NEGATIVE_INFINITY, (tab) => setClock(tab, 20)),
  },
  {
    name: 'slow-clock',
    title: 'local clock 20 min slow',
    minutes: 60,
    life: 600,
    tab: (at) => at(Number.NEGATIVE_INFINITY, (tab) => setClock(tab, -20)),
  },
  {
    name: 'clock-steps',
    title: 'clock set 30 min back, then right',
    minutes: 60,
    life: 600,
    tab: (at) => {
      at(14, (tab) => setClock(tab, -30));
      at(37, (tab) => setClock(tab, 0));
    },
  },
  {
    name: 'sleep',
    title: 'sleep 1 h, timers stand still, network 8 s later',
    minutes: 100,
    life: 600,
    tab: (at) => sleep(at, { from: 12, minutes: 60, freezes: true, tells: true }),
  },
  {
    name: 'sleep-silent',
    title: 'the same without any page event',
    minutes: 100,
    life: 600,
    tab: (at) => sleep(at, { from: 12, minutes: 60, freezes: true, tells: false }),
  },
  {
    name: 'sleep-catch-up',
    title: 'sleep 1 h, timers catch up, no page event',
    minutes: 100,
    life: 600,
    tab: (at) => sleep(at, { from: 12, minutes: 60, freezes: false, tells: false }),
  },
  {
    name: 'hidden',
    title: 'hidden for 2 h',
    minutes: 130,
    life: 600,
    tab: (at) => {
      at(4, (tab) => tab.setHidden(true));
      at(124, (tab) => tab.setHidden(false));
    },
  },
  {
    name: 'hidden-short',
    title: 'hidden for 2 h, tokens of 150 s',
    minutes: 130,
    life: 150,
    tab: (at) => {
      at(4, (tab) => tab.setHidden(true));
      at(124, (tab) => tab.setHidden(false));
    },
  },
  {
    name: 'frozen',
    title: 'page frozen for 25 min',
    minutes: 60,
    life: 600,
    tab: (at) => {
      at(10, (tab) => tab.stop('frozen'));
      at(35, (tab) => tab.goOn());
    },
  },
  {
    name: 'offline',
    title: 'offline for 4 min',
    minutes: 40,
    life: 600,
    tab: (at) => {
      at(5, (tab) => tab.setNetwork(false));
      at(9, (tab) => tab.setNetwork(true));
    },
  },
  {
    name: 'offline-long',
    title: 'offline for 18 min',
    minutes: 50,
    life: 600,
    outlasts: true,
    outlastsLife: true,
    tab: (at) => {
      at(5, (tab) => tab.setNetwork(false));
      at(23, (tab) => tab.setNetwork(true));
    },
  },
  {
    name: 'offline-silent',
    title: 'offline for 18 min, nobody tells the page',
    minutes: 50,
    life: 600,
    outlasts: true,
    outlastsLife: true,
    tab: (at) => {
      at(5, (tab) => {
        tab.tellsPage = false;
        tab.setNetwork(false);
      });
      at(23, (tab) => tab.setNetwork(true));
    },
  },
  {
    name: 'outage',
    outlasts: true,
    title: '503 for 5 min',
    minutes: 40,
    life: 600,
    faults: [{ from: 5, to: 10, fault: { kind: 'status', status: 503 } }],
  },
  {
    name: 'outage-long',
    title: '503 for 20 min',
    minutes: 60,
    life: 600,
    outlasts: true,
    outlastsLife: true,
    mostFaulty: 70,
    faults: [{ from: 5, to: 25, fault: { kind: 'status', status: 503 } }],
  },
  {
    name: 'refused-connections',
    outlasts: true,
    title: 'connections refused for 5 min',
    minutes: 40,
    life: 600,
    faults: [{ from: 5, to: 10, fault: { kind: 'refuse' } }],
  },
  {
    name: 'flaky',
    title: 'every other second 500',
    minutes: 60,
    life: 600,
    faults: [{ from: 0, to: week, fault: { kind: 'flaky', share: 0.5 } }],
  },
  {
    name: 'busy',
    title: '429 with Retry-After for 8 min',
    minutes: 50,
    life: 600,
    outlasts: true,
    faults: [{ from: 5, to: 13, fault: { kind: 'status', status: 429, retryAfter: 'rest' } }],
  },
  {
    name: 'slow',
    title: 'answers take 12 s',
    minutes: 60,
    life: 600,
    faults: [{ from: 4, to: week, fault: { kind: 'slow', ms: 12_000 } }],
  },
  {
    name: 'hanging',
    title: 'no answer for 3 min',
    minutes: 40,
    life: 600,
    faults: [{ from: 5.5, to: 8.5, fault: { kind: 'hang' } }],
  },
  {
    name: 'lost',
    title: 'no answer to every third request',
    minutes: 60,
    life: 600,
    faults: [{ from: 2, to: week, fault: { kind: 'flaky', share: 0.33, hangs: true } }],
  },
  {
    name: 'portal',
    outlasts: true,
    title: 'HTML for 5 min',
    minutes: 40,
    life: 600,
    faults: [{ from: 5, to: 10, fault: { kind: 'html' } }],
  },
  {
    name: 'stale',
    outlasts: true,
    title: 'a cached answer for 5 min',
    minutes: 40,
    life: 600,
    faults: [{ from: 5, to: 10, fault: { kind: 'stale' } }],
  },
  {
    name: 'refusal',
    title: '403 from minute 5 on',
    minutes: 60,
    life: 600,
    outlasts: true,
    isRefusal: true,
    faults: [{ from: 5, to: week, fault: { kind: 'status', status: 403 } }],
  },
  {
    name: 'denied-once',
    title: '401 once, at a refresh',
    minutes: 60,
    life: 600,
    faults: [{ from: 5, to: week, requests: 1, fault: { kind: 'status', status: 401 } }],
  },
  {
    name: 'denied-deploy',
    title: '403 for 30 s, in a deploy',
    minutes: 60,
    life: 600,
    faults: [{ from: 5, to: week, seconds: 30, fault: { kind: 'status', status: 403 } }],
  },
  {
    name: 'sleep-clock-back',
    title: 'sleep 1 h, a failure, clock 30 min back',
    minutes: 110,
    life: 600,
    tab: (at) => {
      sleep(at, { from: 12, minutes: 60, freezes: true, tells: true });
      at(72 + 4 / 60, (tab) => setClock(tab, -30));
    },
  },
  {
    name: 'clock-back-sleep',
    title: 'clock 30 min back, then sleep 25 min, no page event',
    minutes: 90,
    life: 600,
    tab: (at) => {
      at(10, (tab) => setClock(tab, -30));
      sleep(at, { from: 14, minutes: 25, freezes: true, tells: false });
    },
  },
  {
    name: 'server-clock',
    title: "server's clock 1 h fast, then put right",
    minutes: 90,
    life: 600,
    tab: (at) => {
      at(Number.NEGATIVE_INFINITY, (tab) => {
        tab.serverShiftMs = 60 * 60_000;
      });
      at(14, (tab) => {
        tab.serverShiftMs = 0;
      });
    },
  },
  ...[-9, 11].map((minutes) => ({
    name: minutes < 0 ? 'date-slow' : 'date-fast',
    title: `a proxy writes Date ${Math.abs(minutes)} min ${minutes < 0 ? 'slow' : 'fast'}`,
    minutes: 60,
    life: 600,
    tab: (at: At) =>
      at(Number.NEGATIVE_INFINITY, (tab) => {
        tab.dateShiftMs = minutes * 60_000;
      }),
  })),
  {
    name: 'dead-connections',
    title: 'sleep 30 min, then two requests on dead connections',
    minutes: 60,
    life: 600,
    faults: [{ from: 42, to: week, requests: 2, fault: { kind: 'hang' } }],
    tab: (at) => sleep(at, { from: 12, minutes: 30, freezes: true, tells: true, networkAfterS: 1 }),
  },
  {
    name: 'dead-connection',
    title: 'sleep 30 min, then one dead connection for 20 s',
    minutes: 60,
    life: 600,
    faults: [{ from: 42, to: 42 + 20 / 60, fault: { kind: 'hang' } }],
    tab: (at) => sleep(at, { from: 12, minutes: 30, freezes: true, tells: true, networkAfterS: 1 }),
  },
  {
    name: 'slow-35',
    title: 'answers take 35 s',
    minutes: 60,
    life: 600,
    faults: [{ from: 4, to: week, fault: { kind: 'slow', ms: 35_000 } }],
  },
  {
    name: 'cached',
    title: 'the backend keeps each token until its end',
    minutes: 60,
    life: 600,
    faults: [{ from: 0, to: week, fault: { kind: 'kept', ms: 600_000 } }],
  },
  {
    name: 'kept',
    title: 'the backend keeps each token for 9 of its 10 min',
    minutes: 60,
    life: 600,
    faults: [{ from: 0, to: week, fault: { kind: 'kept', ms: 540_000 } }],
  },
  {
    name: 'kept-no-date',
    title: 'the same, and no Date can be read',
    minutes: 60,
    life: 600,
    faults: [{ from: 0, to: week, fault: { kind: 'kept', ms: 540_000 } }],
    tab: (at) =>
      at(Number.NEGATIVE_INFINITY, (tab) => {
        tab.dateShiftMs = undefined;
      }),
  },
  {
    name: 'words',
    title: 'the answer says “10m” for the life',
    minutes: 60,
    life: 600,
    mostRequests: 12,
    faults: [{ from: 0, to: week, fault: { kind: 'words' } }],
  },
  {
    name: 'captive-portal',
    title: 'another network, whose portal redirects for 3 min',
    minutes: 40,
    life: 600,
    faults: [{ from: 5 + 10 / 60, to: 8, fault: { kind: 'portal' } }],
    tab: (at) => {
      at(5, (tab) => tab.setNetwork(false));
      at(5 + 10 / 60, (tab) => tab.setNetwork(true));
    },
  },
  {
    name: 'offline-end',
    title: 'offline for the last third of a life',
    minutes: 40,
    life: 600,
    tab: (at) => {
      at(7, (tab) => tab.setNetwork(false));
      at(11, (tab) => tab.setNetwork(true));
    },
  },
];

/** A run of a scenario: the same for each client that has the same seed. */
export interface Run {
  readonly outcomeAt: (at: number) => Outcome;
  /** Plans what happens to the tab. */
  readonly plan: (tab: Tab) => void;
}

export function makeRun(scenario: Scenario, seed: number): Run {
  const shiftMs = Math.floor(makeRandom(seed)() * 60) * 1000;
  const at = (minute: number): number => minute * 60_000 + (minute > 0 && minute < week ? shiftMs : 0);
  /** The requests that met a fault: how many, and when the first did. */
  const met = new Map<Fault, { count: number; readonly first: number }>();
  const isOver = (fault: Fault, now: number): boolean => {
    const { count, first } = met.get(fault) ?? { count: 0, first: now };
    return count >= (fault.requests ?? Infinity) || now >= first + (fault.seconds ?? Infinity) * 1000;
  };
  return {
    outcomeAt: (now) => {
      const chance = makeRandom(seed * 7919 + Math.floor(now / 1000));
      const latencyMs = 60 + chance() * 140;
      const active = scenario.faults?.find(
        (each) => now >= at(each.from) && now < at(each.to) && !isOver(each, now),
      );
      if (!active) return { kind: 'good', latencyMs };
      const { count, first } = met.get(active) ?? { count: 0, first: now };
      met.set(active, { count: count + 1, first });
      const { fault } = active;
      if (fault.kind === 'slow') return { kind: 'good', latencyMs: fault.ms };
      if (fault.kind === 'words') return { kind: 'good', latencyMs, inWords: true };
      if (fault.kind === 'kept') {
        // The first of these tokens was made before the run.
        const phase = makeRandom(seed + 1)() * fault.ms;
        return { kind: 'good', latencyMs, madeAt: now - ((now + phase) % fault.ms) };
      }
      if (fault.kind === 'flaky') {
        if (chance() >= fault.share) return { kind: 'good', latencyMs };
        return fault.hangs ? { kind: 'hang', latencyMs } : { kind: 'status', status: 500, latencyMs };
      }
      if (fault.kind !== 'status') return { kind: fault.kind, latencyMs };
      const retryAfter = fault.retryAfter && Math.ceil((at(active.to) - now) / 1000);
      return { kind: 'status', status: fault.status, retryAfter, latencyMs };
    },
    plan: (tab) => {
      scenario.tab?.((minute, run) => {
        if (minute === Number.NEGATIVE_INFINITY) run(tab);
        else tab.at(at(minute), () => run(tab));
      });
    },
  };
}

function setClock(tab: Tab, minutes: number): void {
  tab.wallShiftMs = minutes * 60_000;
}

interface Sleep {
  readonly from: number;
  readonly minutes: number;
  readonly freezes: boolean;
  readonly tells: boolean;
  /** How long after the wake the network is back, in seconds. Default: 8. */
  readonly networkAfterS?: number;
}

function sleep(at: At, options: Sleep): void {
  const { from, minutes, freezes, tells, networkAfterS = 8 } = options;
  at(from, (tab) => {
    tab.sleepFreezes = freezes;
    tab.tellsPage = tells;
    tab.setNetwork(false);
    tab.stop('suspended');
  });
  at(from + minutes, (tab) => {
    tab.goOn();
    if (tells) tab.setHidden(false);
  });
  at(from + minutes + networkAfterS / 60, (tab) => tab.setNetwork(true));
}
