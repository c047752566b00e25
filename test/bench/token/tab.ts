/** One browser tab under simulated time. What runs in it gets the globals of {@link Tab.page} in place of Node's. */
import { epoch } from './epoch.ts';
import { Heap } from './heap.ts';
import { makePage, type SocketServer } from './page.ts';
import { makeRandom } from './random.ts';
import type { Outcome } from './scenario.ts';

interface Timer {
  readonly order: number;
  /** On the tab's monotonic clock. */
  dueAt: number;
  readonly everyMs: number | undefined;
  readonly callback: () => void;
  cancelled: boolean;
}

interface Happening {
  readonly order: number;
  readonly at: number;
  readonly run: () => void;
}

export interface TabOptions {
  readonly seed: number;
  /** How the token endpoint behaves at a moment of true time. */
  readonly outcomeAt: (at: number) => Outcome;
  readonly lifeMs: number;
  readonly socketServer?: SocketServer | undefined;
}

/** Chrome: once a minute, for pages hidden for five minutes without sound, call or lock. */
const intensiveAfterMs = 5 * 60_000;
/** A client must not wake more often than this while nothing is due. */
const checkEveryMs = 15_000;

/** All times in ms of true time, from the start of the run, unless said. */
export class Tab {
  now = 0;
  /** Wall clock minus true time. */
  wallShiftMs = 0;
  /** Does monotonic time stand still while suspended, and timers with it? Otherwise both catch up. */
  sleepFreezes = true;
  /** Do page events come with what happens? */
  tellsPage = true;
  /** The server's clock minus true time. */
  serverShiftMs = 0;
  /** What a proxy adds to the `Date` header; `undefined`: no page can read it. */
  dateShiftMs: number | undefined = 0;
  isNetworkUp = true;
  onLine = true;
  hiddenSince: number | undefined;
  state: 'running' | 'suspended' | 'frozen' = 'running';
  readonly options: TabOptions;
  readonly random: () => number;
  readonly page: ReturnType<typeof makePage>;
  /** Requests for a token so far. */
  readonly requests: { readonly at: number; readonly outcome: Outcome }[] = [];
  /** Goes up whenever connections break. */
  networkEpoch = 0;
  /** When a client that checks its clock every 15 s can know of a sleep that nobody told it of. */
  noticedAt = 0;
  #monotonicLost = 0;
  #stoppedAt = 0;
  #order = 0;
  #waiting: (() => void)[] = [];
  readonly #timers = new Heap<Timer>(({ dueAt }) => dueAt);
  readonly #happenings = new Heap<Happening>(({ at }) => at);

  constructor(options: TabOptions) {
    this.options = options;
    this.random = makeRandom(options.seed);
    this.page = makePage(this);
  }

  get wall(): number {
    return epoch + this.now + this.wallShiftMs;
  }

  get monotonic(): number {
    return this.now - this.#monotonicLost;
  }

  setTimer(callback: () => void, delayMs: number, repeats: boolean): Timer {
    // As HTML has it: a signed 32-bit number of ms, and never less than nothing.
    const delay = Math.max(delayMs | 0, repeats ? 1 : 0);
    const everyMs = repeats ? delay : undefined;
    const timer: Timer = {
      order: this.#order++,
      dueAt: this.monotonic + delay,
      everyMs,
      callback,
      cancelled: false,
    };
    this.#timers.push(timer);
    return timer;
  }

  /** At a moment of true time, whatever state the tab is in. */
  at(at: number, run: () => void): void {
    this.#happenings.push({ order: this.#order++, at, run });
  }

  /** After a while of true time; while the tab is frozen it waits, and with broken connections it never comes. */
  deliver(afterMs: number, run: () => void): void {
    const { networkEpoch } = this;
    this.at(this.now + afterMs, () => {
      if (networkEpoch !== this.networkEpoch) return;
      if (this.state === 'frozen') this.#waiting.push(run);
      else if (this.state === 'running') run();
    });
  }

  /** When a timer due at this moment of monotonic time fires. */
  fireAt(dueAt: number): number {
    if (this.state !== 'running') return Number.POSITIVE_INFINITY;
    const due = dueAt + this.#monotonicLost;
    const { hiddenSince } = this;
    if (hiddenSince === undefined) return Math.max(due, this.now);
    const intensive = hiddenSince + intensiveAfterMs;
    const bySecond = Math.ceil(Math.max(due, this.now) / 1000) * 1000;
    if (bySecond < intensive) return bySecond;
    return Math.ceil(Math.max(due, this.now, intensive) / 60_000) * 60_000;
  }

  async advanceTo(at: number): Promise<void> {
    for (;;) {
      while (this.#timers.first?.cancelled) this.#timers.shift();
      const timer = this.#timers.first;
      const fireAt = timer ? this.fireAt(timer.dueAt) : Number.POSITIVE_INFINITY;
      const happenAt = this.#happenings.first?.at ?? Number.POSITIVE_INFINITY;
      const next = Math.min(fireAt, happenAt);
      if (next > at) break;
      this.now = Math.max(this.now, next);
      if (happenAt <= fireAt) this.#happenings.shift()?.run();
      else if (timer) this.#fire(timer);
      await new Promise(setImmediate);
    }
    this.now = at;
  }

  /** Everything stops: the machine sleeps, or the browser freezes the page. */
  stop(state: 'suspended' | 'frozen'): void {
    if (state === 'frozen') this.tell('document', 'freeze');
    this.state = state;
    this.#stoppedAt = this.now;
    if (state === 'suspended') this.networkEpoch++;
  }

  goOn(): void {
    const { state } = this;
    this.state = 'running';
    if (state === 'suspended' && this.sleepFreezes) this.#monotonicLost += this.now - this.#stoppedAt;
    const isSilent = state === 'suspended' && this.sleepFreezes && !this.tellsPage;
    this.noticedAt = isSilent ? this.now + checkEveryMs - (this.monotonic % checkEveryMs) : this.now;
    if (state === 'suspended') this.breakSockets();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) run();
    if (state === 'frozen') this.tell('document', 'resume');
  }

  setHidden(hidden: boolean): void {
    this.hiddenSince = hidden ? this.now : undefined;
    this.tell('document', 'visibilitychange');
  }

  /** `hanging`: what is sent is lost, as behind a dead router; otherwise it fails at once. */
  setNetwork(up: boolean): void {
    this.isNetworkUp = up;
    if (!up) this.networkEpoch++;
    if (up) this.breakSockets();
    if (!this.tellsPage) return;
    this.onLine = up;
    this.tell('window', up ? 'online' : 'offline');
  }

  tell: (target: 'window' | 'document', type: string) => void = () => {};
  breakSockets: () => void = () => {};

  #fire(timer: Timer): void {
    this.#timers.shift();
    if (timer.everyMs === undefined) timer.cancelled = true;
    else {
      timer.dueAt = this.monotonic + timer.everyMs;
      this.#timers.push(timer);
    }
    try {
      timer.callback();
    } catch {
      // A page goes on after an uncaught exception.
    }
  }
}
