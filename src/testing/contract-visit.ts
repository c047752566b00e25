import type { ConnectAttempt, RoomAdapter } from '../adapter.ts';
import { RoomSessionError, type TokenError } from '../errors.ts';
import type { ConnectionState, RoomSessionEvents, StateChange } from '../events.ts';
import { RoomSession } from '../session.ts';
import type { ContractStage } from './contract-stage.ts';
import { settle } from './fake-clock.ts';

/** How long something that must happen may take, in ms of the stage's time, and how often to look. */
const patienceMs = 60_000;
const stepMs = 100;
/** A clean-up that takes longer never ends: the session stops waiting after 5 s. */
const leaveLimitMs = 4_500;

/** The limits of the suite's sessions, in ms. */
export const limits = { attemptTimeoutMs: 10_000, reconnectLimitMs: 60_000 } as const;

const eventNames = [
  'stateChanged',
  'attemptFailed',
  'participantJoined',
  'participantLeft',
  'trackAdded',
  'trackRemoved',
] as const;

/** An event of the session, and when it came on the clock's monotonic time. */
type Seen = {
  [Name in (typeof eventNames)[number]]: {
    readonly name: Name;
    readonly payload: RoomSessionEvents[Name];
    readonly at: number;
  };
}[(typeof eventNames)[number]];

/** Throws an error with `problem` unless `fact` is true. */
export function demand(fact: boolean, problem: string): void {
  if (!fact) throw new Error(`${problem}.`);
}

/** What an error is called in a message. */
export function nameOf(error: unknown): string {
  return error instanceof RoomSessionError ? error.code : String(error);
}

/** A session on one stage, and what it did there. */
export class Visit {
  readonly stage: ContractStage;
  readonly session: RoomSession;
  /** The tokens that the source gave so far. */
  readonly made: string[] = [];
  /** How often the source was asked. */
  requests = 0;
  /** How often the adapter's `connect` was called. */
  attempts = 0;
  /** What the session said so far. */
  readonly seen: Seen[] = [];
  #controller = new AbortController();
  #joining: Promise<unknown> = Promise.resolve();
  #tokenHeld: Promise<void> = Promise.resolve();
  #denial: TokenError | undefined;
  #onConnect: () => void = () => {};

  constructor(stage: ContractStage) {
    this.stage = stage;
    const { clock } = stage;
    const adapter = spyOn(stage.adapter, () => {
      this.attempts++;
      this.#onConnect();
    });
    this.session = new RoomSession({ adapter, tokenSource: () => this.#makeToken(), clock, ...limits });
    for (const name of eventNames) {
      this.session.on(name, (payload) => this.seen.push({ name, payload, at: clock.monotonic() } as Seen));
    }
  }

  /** Gives no token until the returned function is called. */
  holdToken(): () => void {
    let release = () => {};
    this.#tokenHeld = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  /** The token source denies with this error, until called with `undefined`. */
  denyToken(denial: TokenError | undefined): void {
    this.#denial = denial;
  }

  /** Starts to join. */
  begin(): void {
    const { room, identity } = this.stage;
    this.#controller = new AbortController();
    this.#onConnect = () => {};
    this.#joining = this.session.join(room, { identity, signal: this.#controller.signal }).then(
      () => undefined,
      (error: unknown) => error ?? new Error('join rejected with nothing'),
    );
  }

  /** Joins. @throws an `Error` where the join fails */
  async join(): Promise<void> {
    this.begin();
    await this.joined();
  }

  /** Waits until the join that was begun succeeds. */
  async joined(): Promise<void> {
    const error = await this.#joinEnded();
    if (error !== undefined) throw new Error(`The join failed: ${error}`, { cause: error });
  }

  /** Waits until the join that was begun fails, and returns with what. */
  async failed(): Promise<unknown> {
    const error = await this.#joinEnded();
    demand(error !== undefined, 'The join succeeded and must fail');
    return error;
  }

  /** The caller's signal aborts the join. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Does `work` this many microtasks after the next call of `connect` returned; 0 is at once. */
  async atConnect(moment: number, work: () => void): Promise<void> {
    let isDone = false;
    const finish = () => {
      isDone = true;
      work();
    };
    this.#onConnect = () => {
      this.#onConnect = () => {};
      if (moment === 0) finish();
      else void settle(moment).then(finish);
    };
    await this.until(() => isDone, 'the adapter connects');
  }

  /** Leaves, and checks that it is prompt and leaves nothing open. */
  async leave(): Promise<void> {
    let isLeft = false;
    void this.session.leave().then(() => {
      isLeft = true;
    });
    await this.until(() => isLeft, 'leave() resolves', leaveLimitMs);
    await this.stage.pass(0);
    this.nothingOpen();
  }

  /** The connection is cut, and the backend answers nothing from then on. */
  async goSilent(): Promise<void> {
    this.stage.silence?.(true);
    await this.stage.drop?.();
  }

  /** The connection is cut; waits until the session is connected again. */
  async reconnect(): Promise<void> {
    const before = this.seen.length;
    await this.stage.drop?.();
    await this.until(() => this.states(before).includes('reconnecting'), 'the session is reconnecting');
    await this.until(() => this.session.state === 'connected', 'the session is connected again');
  }

  /** Lets time pass until `condition` is true. */
  async until(condition: () => boolean, what: string, limitMs: number = patienceMs): Promise<void> {
    for (let passed = 0; passed < limitMs; passed += stepMs) {
      await this.stage.pass(0);
      if (condition()) return;
      await this.stage.pass(stepMs);
    }
    throw new Error(`Waited ${limitMs / 1000} s in vain until ${what}.`);
  }

  /** The session's events of this name, from the `from`-th event on. */
  events<Name extends Seen['name']>(name: Name, from = 0): Extract<Seen, { name: Name }>[] {
    return this.seen
      .slice(from)
      .filter((event): event is Extract<Seen, { name: Name }> => event.name === name);
  }

  states(from = 0): ConnectionState[] {
    return this.events('stateChanged', from).map(({ payload }) => payload.state);
  }

  /** The newest change of state. */
  get change(): StateChange | undefined {
    return this.events('stateChanged').at(-1)?.payload;
  }

  nothingOpen(): void {
    const open = this.stage.open();
    demand(open.length === 0, `Left open: ${open.join(', ')}`);
  }

  #joinEnded(): Promise<unknown> {
    let isOver = false;
    void this.#joining.then(() => {
      isOver = true;
    });
    return this.until(() => isOver, 'the join ends').then(() => this.#joining);
  }

  async #makeToken(): Promise<string> {
    this.requests++;
    await this.#tokenHeld;
    if (this.#denial) throw this.#denial;
    const count = this.made.length + 1;
    const token = (await this.stage.makeToken?.(count)) ?? `contract-token-${count}-of-this-room`;
    this.made.push(token);
    return token;
  }
}

/** The same adapter; `onConnect` is called after each `connect`. */
function spyOn(adapter: RoomAdapter, onConnect: () => void): RoomAdapter {
  const connect = (attempt: ConnectAttempt, prepared: unknown) => {
    try {
      return adapter.connect(attempt, prepared);
    } finally {
      onConnect();
    }
  };
  return new Proxy(adapter, {
    get(_, key) {
      if (key === 'connect') return connect;
      const value: unknown = Reflect.get(adapter, key);
      return typeof value === 'function' ? value.bind(adapter) : value;
    },
  });
}
