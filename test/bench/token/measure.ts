/** One client in one run, and the best that anybody could do in it. */
import type { Client } from './clients.ts';
import { makeRun, type Outcome, type Scenario } from './scenario.ts';
import { socketServer } from './socket-servers.ts';
import { Tab } from './tab.ts';
import { endOf } from './token-server.ts';

export interface Result {
  /** Share of awake time with a valid token, 0 to 1. */
  readonly availability: number;
  /** Longest awake time without one, seconds. */
  readonly worstGap: number;
  readonly requests: number;
  /** Those that met a fault. */
  readonly faulty: number;
  /** Requests sent before a `Retry-After` was over. */
  readonly tooEarly: number;
  /** Requests after the first refusal (403) reached the client. */
  readonly afterRefusal: number;
  /** A valid token at the end. */
  readonly recovered: boolean;
}

/** Looks once a second, half a second after things happen. */
class Looks {
  #awake = 0;
  #valid = 0;
  #gap = 0;
  #worstGap = 0;
  #last = false;

  add(isValid: boolean): void {
    this.#awake++;
    this.#last = isValid;
    if (isValid) this.#valid++;
    this.#gap = isValid ? 0 : this.#gap + 1;
    this.#worstGap = Math.max(this.#worstGap, this.#gap);
  }

  get result() {
    return { availability: this.#valid / this.#awake, worstGap: this.#worstGap, recovered: this.#last };
  }
}

export function makeTab(
  scenario: Scenario,
  seed: number,
  change: (now: number, usual: Outcome) => Outcome = (_, usual) => usual,
): Tab {
  const run = makeRun(scenario, seed);
  const outcomeAt = (now: number) => change(now, run.outcomeAt(now));
  const tab = new Tab({ seed, lifeMs: scenario.life * 1000, outcomeAt, socketServer });
  run.plan(tab);
  return tab;
}

export async function measure(client: Client, scenario: Scenario, seed: number): Promise<Result> {
  const tab = makeTab(scenario, seed);
  const running = await client.start(tab);
  const looks = new Looks();
  for (let second = 0; second < scenario.minutes * 60; second++) {
    await tab.advanceTo(second * 1000 + 500);
    if (tab.state !== 'running') continue;
    const token = running.token();
    looks.add(token !== undefined && endOf(token) > tab.now + tab.serverShiftMs);
  }
  running.stop();
  return { ...looks.result, ...count(tab) };
}

function count({ requests }: Tab): Pick<Result, 'requests' | 'faulty' | 'tooEarly' | 'afterRefusal'> {
  let notBefore = 0;
  let tooEarly = 0;
  let refusedAt = Number.POSITIVE_INFINITY;
  let afterRefusal = 0;
  for (const { at, outcome } of requests) {
    if (at < notBefore) tooEarly++;
    if (at > refusedAt) afterRefusal++;
    if (outcome.kind !== 'status') continue;
    const answeredAt = at + outcome.latencyMs;
    if (outcome.status === 403) refusedAt = Math.min(refusedAt, answeredAt);
    if (outcome.retryAfter) notBefore = Math.max(notBefore, answeredAt + outcome.retryAfter * 1000);
  }
  const faulty = requests.filter(({ outcome }) => outcome.kind !== 'good').length;
  return { requests: requests.length, faulty, tooEarly, afterRefusal };
}

/** How the oracle refreshes: as early as a client may that is to stay within the requests allowed. */
const earliestShare = 0.6;

/**
 * The best that any client could do: from 0.6 of a token's life on it asks at every second at which a timer could wake
 * it, and those requests cost nothing. So it has another token in the first second in which there is one to be had. Of a
 * sleep that nobody tells it of it hears at its next clock check, one every 15 s.
 *
 * @param share 0: it asks every second all the time, and holds a token one second old whenever a fault begins. No client
 * can be held to that, for it takes 600 requests for one of `calm`; it is shown beside.
 */
export async function oracle(
  scenario: Scenario,
  seed: number,
  share: number = earliestShare,
): Promise<Result> {
  const tab = makeTab(scenario, seed);
  const { outcomeAt, lifeMs } = tab.options;
  const looks = new Looks();
  let end = 0;
  let wantedAt = 0;
  const ask = () => {
    if (tab.state !== 'running' || !tab.isNetworkUp || tab.fireAt(tab.monotonic) > tab.now) return;
    if (tab.now < wantedAt || (share > 0 && tab.now < tab.noticedAt)) return;
    const outcome = outcomeAt(tab.now);
    if (outcome.kind !== 'good') return;
    const made = Math.floor((outcome.madeAt ?? tab.now) / 1000) * 1000;
    const endsAt = made + tab.serverShiftMs + lifeMs;
    tab.deliver(outcome.latencyMs, () => {
      end = Math.max(end, endsAt);
      wantedAt = Math.max(wantedAt, made + lifeMs * share);
    });
  };
  for (let second = 0; second < scenario.minutes * 60; second++) {
    await tab.advanceTo(second * 1000);
    ask();
    await tab.advanceTo(second * 1000 + 500);
    if (tab.state === 'running') looks.add(end > tab.now + tab.serverShiftMs);
  }
  return { ...looks.result, ...count(tab) };
}
