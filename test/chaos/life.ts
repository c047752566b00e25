import { RoomSessionError } from '../../src/index.ts';
import { Dice } from './dice.ts';
import type { Incident, TokenBackend, World } from './world.ts';

/** What one life came to. */
export interface Life {
  /** What happened, for a person who looks for the reason. */
  readonly story: readonly string[];
  /** What must not be, each with its kind first: `stuck`, `half-open`, `untyped`, `left open`, `stale`. */
  readonly faults: readonly string[];
  /** Where the session stood when everything worked again. */
  readonly end: string;
  readonly vendorExceptions: number;
}

/** How long time may pass between two incidents, in ms. */
const pauses = [0, 0, 20, 400, 2_000, 9_000, 35_000, 80_000];
/** The longest that a session may take when everything works again: the limit of a reconnect and of a join, in ms. */
const limitMs = 400_000;
/** Servers notice a lost client, and clients a lost server, within this time, in ms. */
const noticeMs = 100_000;

/** Lets one person live through a random story, and looks at what must hold. */
export async function live(seed: number, makeWorld: (dice: Dice) => World): Promise<Life> {
  const dice = new Dice(seed);
  const world = makeWorld(dice);
  const life = new Story(world, dice);
  await life.run();
  const { story, faults, end } = life;
  return { story, faults, end, vendorExceptions: world.brittle.count };
}

class Story {
  readonly story: string[] = [];
  readonly faults: string[] = [];
  end = '';
  readonly #world: World;
  readonly #dice: Dice;
  readonly #pending = new Set<string>();
  #abort = new AbortController();
  #calls = 0;

  constructor(world: World, dice: Dice) {
    this.#world = world;
    this.#dice = dice;
    const { session } = world;
    session.on('stateChanged', ({ state, error }) => {
      this.story.push(`  ${state}${error ? ` (${error.message})` : ''}`);
      if (error !== undefined) this.#typed('stateChanged', error);
    });
    session.on('attemptFailed', ({ error }) => this.#typed('attemptFailed', error));
    session.on('tokenRefreshFailed', ({ error }) => this.#typed('tokenRefreshFailed', error));
    session.on('deviceLost', ({ error }) => error !== undefined && this.#typed('deviceLost', error));
  }

  async run(): Promise<void> {
    const { pass, session, brittle } = this.#world;
    const dice = this.#dice;
    this.#join();
    for (let left = dice.between(2, 9); left > 0; left--) {
      await pass(dice.pick(pauses));
      await this.#happen(dice.pick([...this.#world.incidents, ...common(this.#world, dice), ...this.#acts]));
    }
    if (dice.chance(0.3)) await pass(dice.pick(pauses));
    else await this.#recover();
    this.end ||= `left while ${session.state}`;
    // Also a clean-up may throw.
    if (dice.chance(0.5)) brittle.disarm();
    this.#watch('leave', session.leave());
    await pass(60_000);
    brittle.disarm();
    await this.#look();
  }

  /** Everything works again: the session must come to rest, and be where it says. */
  async #recover(): Promise<void> {
    const { heal, backend, clock, session, pass, brittle } = this.#world;
    this.story.push('everything works again');
    brittle.disarm();
    backend.mode = 'works';
    clock.online = true;
    heal();
    await clock.wake('online');
    await pass(noticeMs);
    const isAtRest = () => session.state === 'connected' || session.state === 'disconnected';
    for (let ms = 0; ms < limitMs && !isAtRest(); ms += 20_000) await pass(20_000);
    this.end = session.state;
    if (!isAtRest()) return this.#fault('stuck', `it is ${session.state}`);
    if (session.state === 'disconnected') return;
    const missing = this.#world.halfOpen();
    if (missing !== undefined) this.#fault('half-open', missing);
    if (backend.hasDenied) return;
    for (const copy of this.#world.copies()) {
      if (copy && !backend.isValid(copy)) this.#fault('stale', 'the copy of the vendor');
    }
  }

  async #look(): Promise<void> {
    const { session, open, backend } = this.#world;
    if (session.state !== 'disconnected') this.#fault('stuck', `it is ${session.state} after leave()`);
    for (const call of this.#pending) this.#fault('stuck', `${call} has not settled`);
    for (const thing of open()) this.#fault('left open', thing);
    for (const what of backend.stale) this.#fault('stale', what);
  }

  /** What the app does. */
  readonly #acts: readonly Incident[] = [
    { name: 'leave', happen: () => this.#watch('leave', this.#world.session.leave()) },
    { name: 'join', happen: () => this.#join() },
    { name: 'leave, join', happen: () => this.#joinAgain() },
    { name: 'abort', happen: () => this.#abort.abort(new DOMException('The app aborts.', 'AbortError')) },
    {
      name: 'setMicrophone',
      happen: () => this.#watch('setMicrophone', this.#world.session.setMicrophone(this.#dice.chance(0.5))),
    },
    {
      name: 'setCamera',
      happen: () => this.#watch('setCamera', this.#world.session.setCamera(this.#dice.chance(0.5))),
    },
    { name: 'kick', happen: () => this.#watch('kick', this.#world.session.kick('bob')) },
  ];

  #joinAgain(): void {
    this.#watch('leave', this.#world.session.leave());
    this.#join();
  }

  #join(): void {
    const { session, backend } = this.#world;
    if (session.state === 'disconnected') backend.hasDenied = false;
    this.#abort = new AbortController();
    this.#watch('join', session.join('standup', { signal: this.#abort.signal }));
  }

  async #happen({ name, happen }: Incident): Promise<void> {
    this.story.push(name);
    const outcome = await happen();
    if (outcome instanceof Call) this.#watch(outcome.name, outcome.promise);
  }

  #watch(name: string, promise: Promise<unknown>): void {
    const call = `${name} (call ${++this.#calls})`;
    this.#pending.add(call);
    promise.catch((error) => this.#typed(name, error)).finally(() => this.#pending.delete(call));
  }

  #typed(where: string, error: unknown): void {
    const isOurs = error instanceof RoomSessionError;
    const isAbort = where === 'join' && error instanceof DOMException && error.name === 'AbortError';
    if (!isOurs && !isAbort) this.#fault('untyped', `${where}: ${describe(error)}`);
  }

  #fault(kind: string, what: string): void {
    this.faults.push(`${kind}: ${what}`);
    this.story.push(`FAULT ${kind}: ${what}`);
  }
}

/** A call whose outcome has to be one of ours. */
export class Call {
  readonly name: string;
  readonly promise: Promise<unknown>;

  constructor(name: string, promise: Promise<unknown>) {
    this.name = name;
    this.promise = promise;
  }
}

/** What happens to the person's machine and to the token's endpoint. */
function common({ clock, backend }: World, dice: Dice): Incident[] {
  const goOnline = (online: boolean) => {
    clock.online = online;
    return online ? wake('online') : undefined;
  };
  const wake = (reason: 'online' | 'visible' | 'slept') => clock.wake(reason);
  return [
    ...(Object.keys(backend.answers) as TokenBackend['mode'][]).map((mode) => ({
      name: `the endpoint: ${mode}`,
      happen: () => {
        backend.mode = mode;
      },
    })),
    { name: 'the endpoint works', happen: () => (backend.mode = 'works') },
    ...[-3_600_000, -90_000, 45_000, 7_200_000].map((ms) => ({
      name: `the clock is moved by ${ms / 1000} s`,
      happen: () => backend.moveClock(ms),
    })),
    {
      name: 'sleep',
      happen: () => {
        clock.sleep(dice.pick([20_000, 300_000, 3_600_000]));
        return wake('slept');
      },
    },
    { name: 'offline', happen: () => goOnline(false) },
    { name: 'online', happen: () => goOnline(true) },
    { name: 'visible', happen: () => wake('visible') },
  ];
}

function describe(error: unknown): string {
  try {
    return `${(error as Error)?.stack ?? String(error)}`.split('\n').slice(0, 4).join(' | ');
  } catch {
    return typeof error;
  }
}
