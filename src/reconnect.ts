import type { RoomAdapter, WaitReason } from './adapter.ts';
import { Attempt, type AttemptEnd, type AttemptHost } from './attempt.ts';
import { attemptCalls } from './attempt-calls.ts';
import { asRoomSessionError, noToken } from './attempt-errors.ts';
import { RoomSessionError } from './errors.ts';
import type { Join } from './join.ts';
import { makeTimers } from './timers.ts';
import type { Token } from './token/jwt.ts';

/** During a join, a backend that does not answer is tried this often; its address may be wrong. */
const unreachableLimit = 3;
/** How long a connection must last by default until the pauses start from the shortest again, in ms. */
const defaultStableMs = 5_000;

/** How a room ended. */
export type RoomEnd = Extract<AttemptEnd, { type: 'over' }>;

/** What the loop tells the session. */
export interface ReconnectEvents extends Pick<AttemptHost, 'onConnected' | 'onWaiting' | 'onReconnecting'> {
  /** An attempt failed, or a part of one, and another follows. */
  onAttemptFailed(error: RoomSessionError, participantId?: string): void;
}

/** How long the loop waits for what. */
export interface ReconnectLimits {
  /** For an attempt, in ms. */
  readonly attemptTimeoutMs: number;
  /** For the room after a lost connection, in ms. */
  readonly reconnectLimitMs: number;
}

/** Makes one attempt after the other to be in the room, each with a valid token, with pauses between them and a limit. */
export class Reconnect implements AttemptHost {
  readonly join: Join;
  readonly adapter: RoomAdapter;
  readonly attemptTimeoutMs: number;
  /** The attempt that is under way. */
  attempt: Attempt | undefined;
  /** `outage` is the time from a lost connection until we are in the room again; the limit runs then. */
  #phase: 'joining' | 'connected' | 'waiting' | 'outage' = 'joining';
  /** Attempts since the pauses were shortest. */
  #tries = 0;
  #pauseMs = 0;
  /** Attempts in a row that the backend did not answer. */
  #unreachable = 0;
  /** The token that the backend rejected last, until another one takes its place. */
  #rejected: { readonly token: Token | undefined; readonly vendorCode: string | undefined } | undefined;
  #endPause = (): void => {};
  readonly #onceConnected = new Set<() => void>();
  #finish!: (end: RoomEnd) => void;
  readonly #reconnectLimitMs: number;
  readonly #events: ReconnectEvents;
  readonly #timer: ReturnType<typeof makeTimers>;

  constructor(join: Join, adapter: RoomAdapter, limits: ReconnectLimits, events: ReconnectEvents) {
    this.join = join;
    this.adapter = adapter;
    this.attemptTimeoutMs = limits.attemptTimeoutMs;
    this.#reconnectLimitMs = limits.reconnectLimitMs;
    this.#events = events;
    this.#timer = makeTimers(join.clock, join.signal);
  }

  /** Goes on until the room is over, and resolves with how it ended. Never settles where the join ends first. */
  run(): Promise<RoomEnd> {
    const { join, adapter } = this;
    return new Promise((resolve) => {
      this.#finish = resolve;
      join.onEnded = (reason, error) => {
        const ours = error === undefined ? undefined : asRoomSessionError(error, adapter);
        const end: RoomEnd = { type: 'over', reason, error: ours };
        // The attempt at once, for the vendor may be gone already.
        this.attempt?.finish(end);
        resolve(end);
      };
      join.signal.addEventListener(
        'abort',
        join.clock.onWake(() => this.#wake()),
      );
      this.#tryForEver().catch((thrown) => {
        const error = asRoomSessionError(thrown, adapter);
        resolve({ type: 'over', reason: error.isDenied ? 'denied' : 'ended', error });
      });
    });
  }

  /** Resolves when connected, after `limitMs` at the latest, and at the end of the join. */
  untilConnected(limitMs: number): Promise<void> {
    const { clock, signal } = this.join;
    return new Promise((resolve) => {
      const goOn = () => {
        stopWaiting();
        this.#onceConnected.delete(goOn);
        resolve();
      };
      const stopWaiting = clock.setTimer(goOn, limitMs);
      this.#onceConnected.add(goOn);
      signal.addEventListener('abort', goOn, { once: true });
      if (signal.aborted) goOn();
    });
  }

  get isReconnect(): boolean {
    return this.#phase !== 'joining';
  }

  onReached(): void {
    this.#unreachable = 0;
  }

  onConnected(): void {
    this.#enter('connected');
    this.#timer('stable', this.adapter.stableMs ?? defaultStableMs, () => {
      this.#tries = 0;
    });
    this.#events.onConnected();
    for (const goOn of [...this.#onceConnected]) goOn();
  }

  onWaiting(reason: WaitReason): void {
    // However long that takes is not our outage.
    this.#enter('waiting');
    this.#events.onWaiting(reason);
  }

  onReconnecting(): void {
    this.#phase = 'outage';
    this.#startLimit();
    // A join that waited at the door is not in the room yet: it goes on waiting, as the app sees it.
    if (this.join.phase === 'joined') this.#events.onReconnecting();
  }

  onRetrying(error: RoomSessionError, participantId?: string): void {
    this.join.problem = error;
    this.#events.onAttemptFailed(error, participantId);
  }

  pauseAfter(end: AttemptEnd): number | undefined {
    const random = this.join.clock.random();
    const growing = pauseBefore(this.#tries++, random);
    const given = end.type === 'lost' ? end.pauseMs : undefined;
    this.#pauseMs = given === undefined ? growing : given * (0.5 + random / 2);
    return end.type === 'over' ? undefined : this.#pauseMs;
  }

  async #tryForEver(): Promise<void> {
    const { join, adapter } = this;
    const { signal } = join;
    const prepared = await (join.preparing ?? getReady(adapter, join));
    signal.throwIfAborted();
    join.onEnd(() => {
      this.#rejected = undefined;
      return this.attempt?.close();
    });
    for (;;) {
      const attempt = await this.#newAttempt();
      signal.throwIfAborted();
      this.attempt = attempt;
      void this.#start(attempt, prepared);
      const end = await attempt.end;
      if (end.type === 'over') return this.#finish(end);
      await this.#recover(attempt, end);
    }
  }

  async #newAttempt(): Promise<Attempt> {
    const { signal, media } = this.join;
    const [token] = await Promise.all([this.#nextToken(), media.restore(signal)]);
    this.#unreachable++;
    return new Attempt(this, token);
  }

  async #start(attempt: Attempt, prepared: unknown): Promise<void> {
    const calls = attemptCalls(attempt);
    attempt.calls = calls;
    try {
      await this.adapter.connect(calls, prepared);
    } catch (error) {
      calls.failed(error);
    }
  }

  /** After a failed attempt: tells of it, and waits for the moment of the next one. */
  async #recover(attempt: Attempt, end: Exclude<AttemptEnd, RoomEnd>): Promise<void> {
    const { join } = this;
    const { error } = end;
    const { vendorCode } = error;
    this.#timer('stable');
    join.participants.lost();
    if (end.type === 'rejected') this.#rejected = { token: end.token, vendorCode };
    if (join.phase === 'joining' && this.#unreachable === unreachableLimit) {
      const message = 'The server could not be reached. Check its address and certificate.';
      throw new RoomSessionError('connect_failed', message, { vendorCode, cause: error });
    }
    this.onRetrying(error);
    if (this.#phase === 'connected' || this.#phase === 'waiting') this.onReconnecting();
    const pause = new Promise<void>((goOn) => {
      this.#endPause = goOn;
      this.#timer('pause', this.#pauseMs, goOn);
    });
    await Promise.all([attempt.closed, pause]);
    join.signal.throwIfAborted();
  }

  /** A valid token; another one than the backend rejected. */
  async #nextToken(): Promise<Token | undefined> {
    const { join, adapter } = this;
    if (!this.#rejected) return join.getToken({ fresh: adapter.oneTimeTokens });
    const { token: rejected, vendorCode } = this.#rejected;
    const token = await join.getToken(rejected ? { rejected } : { fresh: true });
    this.#rejected = undefined;
    if (token) return token;
    throw noToken(adapter, vendorCode);
  }

  #enter(phase: 'connected' | 'waiting'): void {
    this.#phase = phase;
    this.#timer('limit');
  }

  #startLimit(): void {
    const limitMs = this.#reconnectLimitMs;
    this.#timer('limit', limitMs, () => {
      const message = `The room was not reached again within ${limitMs / 1000} s (reconnectLimitMs).`;
      const error = new RoomSessionError('connect_failed', message, { cause: this.join.problem });
      this.#finish({ type: 'over', reason: 'lost', error });
    });
  }

  /** What was lost in sleep is tried again at once, and has its whole limit. */
  #wake(): void {
    this.#tries = 0;
    if (this.#phase === 'outage') this.#startLimit();
    this.#endPause();
  }
}

/** At once, but not all clients in the same moment; then 0.5 s, doubling up to 10 s, half of it random. */
function pauseBefore(tries: number, random: number): number {
  return tries === 0 ? 300 * random : Math.min(250 * 2 ** tries, 10_000) * (0.5 + random / 2);
}

/** Gets the vendor's library, camera and microphone. */
export async function getReady(adapter: RoomAdapter, join: Join): Promise<unknown> {
  const prepared = await adapter.prepare?.(join);
  join.signal.throwIfAborted();
  await join.media.open(join.signal);
  return prepared;
}
