import type { RoomAdapter } from './adapter.ts';
import { Attempt, type AttemptEnd, type AttemptHost } from './attempt.ts';
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
export interface ReconnectEvents
  extends Pick<AttemptHost<unknown>, 'onConnected' | 'onWaiting' | 'onReconnecting'> {
  /** An attempt failed, or a part of one, and another follows. */
  onAttemptFailed(error: RoomSessionError): void;
}

/** What the loop is made of. */
export interface ReconnectParts<Vendor> {
  readonly join: Join;
  readonly adapter: RoomAdapter<Vendor>;
  readonly attemptTimeoutMs: number;
  readonly reconnectLimitMs: number;
  readonly events: ReconnectEvents;
}

/** Makes one attempt after the other to be in the room, each with a valid token, with pauses between them and a limit. */
export class Reconnect<Vendor> {
  /** The attempt that is under way. */
  attempt: Attempt<Vendor> | undefined;
  /** `outage` is the time from a lost connection until we are in the room again; the limit runs then. */
  #phase: 'joining' | 'connected' | 'waiting' | 'outage' = 'joining';
  #tries = 0;
  #pauseMs = 0;
  #unreachable = 0;
  #rejected: { readonly token: Token | undefined; readonly vendorCode: string | undefined } | undefined;
  #endPause = (): void => {};
  #finish!: (end: RoomEnd) => void;
  readonly #parts: ReconnectParts<Vendor>;
  readonly #timer: ReturnType<typeof makeTimers>;

  constructor(parts: ReconnectParts<Vendor>) {
    const { clock, signal } = parts.join;
    this.#parts = parts;
    this.#timer = makeTimers(clock, signal);
  }

  /** Goes on until the room is over, and resolves with how it ended. Never settles where the join ends first. */
  run(): Promise<RoomEnd> {
    const { join, adapter } = this.#parts;
    join.onEnded = (reason, error) => {
      // At once: the vendor may be gone already.
      this.attempt?.ended(reason, error);
      this.#finish({ type: 'over', reason, error: error && asRoomSessionError(error, adapter) });
    };
    return new Promise((resolve) => {
      this.#finish = resolve;
      const stopWaking = join.clock.onWake(() => this.#wake());
      join.signal.addEventListener('abort', stopWaking);
      this.#tryForEver().catch((error) => {
        const ours = asRoomSessionError(error, adapter);
        resolve({ type: 'over', reason: ours.isDenied ? 'denied' : 'ended', error: ours });
      });
    });
  }

  async #tryForEver(): Promise<void> {
    const { join, adapter } = this.#parts;
    const prepared = await adapter.prepare?.(join);
    join.signal.throwIfAborted();
    await join.media.open(join.signal);
    join.onEnd(() => this.attempt?.close());
    for (;;) {
      const token = await this.#nextToken();
      join.signal.throwIfAborted();
      const attempt = new Attempt(this.#host(), token);
      this.attempt = attempt;
      void attempt.start(prepared);
      const end = await attempt.end;
      if (end.type === 'over') return this.#finish(end);
      await this.#recover(attempt, end);
    }
  }

  /** After a failed attempt: tells of it, and waits for the moment of the next one. */
  async #recover(attempt: Attempt<Vendor>, end: Exclude<AttemptEnd, RoomEnd>): Promise<void> {
    const { join } = this.#parts;
    const { error } = end;
    this.#timer('stable');
    join.participants.lost();
    if (end.type === 'rejected') this.#rejected = { token: attempt.token, vendorCode: error.vendorCode };
    if (join.phase === 'joining' && this.#unreachable === unreachableLimit) {
      throw new RoomSessionError(
        'connect_failed',
        'The server could not be reached. Check its address and certificate.',
        { vendorCode: error.vendorCode, cause: error },
      );
    }
    this.#tellFailure(error);
    if (this.#phase === 'connected' || this.#phase === 'waiting') this.#startOutage();
    await Promise.all([attempt.closed, this.#pause()]);
    join.signal.throwIfAborted();
  }

  #host(): AttemptHost<Vendor> {
    const { join, adapter, attemptTimeoutMs, events } = this.#parts;
    this.#unreachable++;
    return {
      ...{ join, adapter, attemptTimeoutMs },
      isReconnect: this.#phase !== 'joining',
      onReached: () => {
        this.#unreachable = 0;
      },
      onConnected: () => {
        this.#enter('connected');
        const { stableMs = defaultStableMs } = adapter;
        this.#timer('stable', stableMs, () => {
          this.#tries = 0;
        });
        events.onConnected();
      },
      onWaiting: (reason) => {
        // However long that takes is not our outage.
        this.#enter('waiting');
        events.onWaiting(reason);
      },
      onReconnecting: () => this.#startOutage(),
      onRetrying: (error) => this.#tellFailure(error),
      pauseAfter: ({ type }) => {
        this.#pauseMs = pauseBefore(this.#tries++, join.clock.random());
        return type === 'over' ? undefined : this.#pauseMs;
      },
    };
  }

  /** A valid token; another one than the backend rejected. */
  async #nextToken(): Promise<Token | undefined> {
    const { join, adapter } = this.#parts;
    const { signal } = join;
    if (!this.#rejected) return join.getToken({ fresh: adapter.oneTimeTokens, signal });
    const { token: rejected, vendorCode } = this.#rejected;
    const token = await join.getToken(rejected ? { rejected, signal } : { fresh: true, signal });
    this.#rejected = undefined;
    if (token) return token;
    throw noToken(adapter, vendorCode);
  }

  #enter(phase: 'connected' | 'waiting'): void {
    this.#phase = phase;
    this.#timer('limit');
  }

  #startOutage(): void {
    const { join, events } = this.#parts;
    this.#phase = 'outage';
    this.#startLimit();
    // A join that waited at the door is not in the room yet: it goes on waiting, as the app sees it.
    if (join.phase === 'joined') events.onReconnecting();
  }

  #startLimit(): void {
    const { reconnectLimitMs } = this.#parts;
    this.#timer('limit', reconnectLimitMs, () => {
      const error = new RoomSessionError(
        'connect_failed',
        `The room was not reached again within ${reconnectLimitMs / 1000} s (reconnectLimitMs).`,
        { cause: this.#parts.join.problem },
      );
      this.#finish({ type: 'over', reason: 'lost', error });
    });
  }

  #pause(): Promise<void> {
    return new Promise((goOn) => {
      this.#endPause = goOn;
      this.#timer('pause', this.#pauseMs, goOn);
    });
  }

  /** What was lost in sleep is tried again at once, and has its whole limit. */
  #wake(): void {
    this.#tries = 0;
    if (this.#phase === 'outage') this.#startLimit();
    this.#endPause();
  }

  #tellFailure(error: RoomSessionError): void {
    const { join, events } = this.#parts;
    join.problem = error;
    events.onAttemptFailed(error);
  }
}

/** At once, but not all clients in the same moment; then 0.5 s, doubling up to 10 s, half of it random. */
function pauseBefore(tries: number, random: number): number {
  return tries === 0 ? 300 * random : Math.min(250 * 2 ** tries, 10_000) * (0.5 + random / 2);
}
