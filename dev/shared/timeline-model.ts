import type { ConnectionState, RoomSessionEvents, StateChange } from 'room-session';

/** One token, from its arrival to its end. All times in ms since the epoch, by the local clock. */
export interface TokenBand {
  readonly arrivedAt: number;
  /** By the server's clock, as the event said; {@link TimelineModel.endOf} makes it local. */
  readonly expiresAt: number;
  /** When it was told to have ended: clocks are compared to the second only. */
  endedAt?: number;
  /** When another one took its place, or the room was left. */
  replacedAt?: number;
  /** Overlapping tokens lie in different lanes. */
  readonly lane: number;
}

/** A moment worth a mark. */
export interface Mark {
  readonly at: number;
  readonly kind: 'refreshed' | 'failed' | 'expired' | 'reconnected';
  /** For `failed`: when it is tried again, absent where it is not. */
  retryAt?: number;
}

/** A stretch of time in one state, up to the next one's start. */
export interface StateSpan {
  readonly state: ConnectionState;
  readonly from: number;
}

/** Which stretch of time is in the picture, in ms before and after now. */
export interface Zoom {
  readonly pastMs: number;
  readonly futureMs: number;
}

/** How many lanes tokens are spread over. */
export const laneCount = 2;

const keptMs = 20 * 60_000;

/** What a timeline knows: the session's events of the last 20 minutes, as spans, bands and marks. */
export class TimelineModel {
  states: StateSpan[];
  tokens: TokenBand[] = [];
  marks: Mark[] = [];
  /** Each token is used once: its end is of no interest then. */
  oneTime = false;
  /** How many tokens came in place of an earlier one since the join. */
  refreshes = 0;
  #current: TokenBand | undefined;
  #skewMs = 0;

  constructor(state: ConnectionState, now: number) {
    this.states = [{ state, from: now }];
  }

  /** The newest token of the current stay, expired or not. */
  get current(): TokenBand | undefined {
    return this.#current;
  }

  /** The state now. */
  get state(): ConnectionState {
    return this.states.at(-1)?.state ?? 'disconnected';
  }

  /** When a token ends by the local clock. */
  endOf({ expiresAt, endedAt }: TokenBand): number {
    return endedAt ?? expiresAt + this.#skewMs;
  }

  /** How long a token lives in all. */
  lifeOf(token: TokenBand): number {
    return Math.max(this.endOf(token) - token.arrivedAt, 0);
  }

  stateChanged({ state, previous }: StateChange, now: number): void {
    if (state === 'connecting') this.refreshes = 0;
    if (state === 'connected' && previous === 'reconnecting')
      this.marks.push({ at: now, kind: 'reconnected' });
    if (state === 'disconnected') {
      this.#endCurrent(now);
      this.#endRetry(now);
    }
    this.states.push({ state, from: now });
    this.#forget(now);
  }

  tokenRefreshed({ expiresAt }: RoomSessionEvents['tokenRefreshed'], now: number): void {
    if (this.#current) this.refreshes++;
    this.#endRetry(now);
    this.#endCurrent(now);
    const lane = this.tokens.length === 0 ? 0 : ((this.tokens.at(-1)?.lane ?? 0) + 1) % laneCount;
    this.#current = { arrivedAt: now, expiresAt, lane };
    this.tokens.push(this.#current);
    this.marks.push({ at: now, kind: 'refreshed' });
    this.#forget(now);
  }

  tokenRefreshFailed({ retryAt }: RoomSessionEvents['tokenRefreshFailed'], now: number): void {
    this.#endRetry(now);
    this.marks.push({ at: now, kind: 'failed', ...(retryAt === undefined ? {} : { retryAt }) });
    this.#forget(now);
  }

  tokenExpired(now: number): void {
    if (this.#current) this.#current.endedAt = now;
    if (!this.oneTime) this.marks.push({ at: now, kind: 'expired' });
  }

  clockSkew({ ms }: RoomSessionEvents['clockSkew']): void {
    this.#skewMs = ms;
  }

  /** The stretches without a valid token, from a token's end to the next one's arrival or the end of the stay. */
  gaps(now: number): { from: number; to: number }[] {
    if (this.oneTime) return [];
    return this.tokens.flatMap((token) => {
      const from = this.endOf(token);
      const to = token.replacedAt ?? now;
      return to > from ? [{ from, to }] : [];
    });
  }

  /** Two lives of the newest token at most, 90 s at least; narrow pictures show half of that. */
  zoom(now: number, width: number): Zoom {
    const newest = this.tokens.at(-1);
    const lifeMs = newest ? Math.min(this.lifeOf(newest), keptMs) : 0;
    const share = Math.min(Math.max(width / 720, 0.5), 1);
    const retryMs = (this.marks.findLast(({ retryAt }) => retryAt)?.retryAt ?? now) - now;
    return {
      pastMs: Math.max(90_000 * share, Math.min(lifeMs * 1.5, keptMs)),
      futureMs: Math.max(20_000 * share, Math.min(Math.max(lifeMs, retryMs) * 1.15, keptMs / 2)),
    };
  }

  #endCurrent(now: number): void {
    if (this.#current) this.#current.replacedAt = now;
    this.#current = undefined;
  }

  /** A retry that came sooner than planned, or never: its line ends here. */
  #endRetry(now: number): void {
    const last = this.marks.findLast(({ kind }) => kind === 'failed');
    if (last?.retryAt !== undefined && last.retryAt > now) last.retryAt = now;
  }

  #forget(now: number): void {
    const since = now - keptMs;
    this.tokens = this.tokens.filter((token) => token === this.#current || this.endOf(token) > since);
    this.marks = this.marks.filter(({ at }) => at > since);
    this.states = this.states.filter((_, index) => (this.states[index + 1]?.from ?? now) > since);
  }
}
