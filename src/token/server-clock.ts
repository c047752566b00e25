import type { Clock } from '../clock.ts';

/** Answers this far apart, in ms, can tell a server's time that goes on from one that a cache keeps. */
const apartMs = 5_000;
/** Whole seconds in a `Date`, and half a round trip. */
const inexactMs = 3_000;
/** Two witnesses this close say the same. */
const agreeMs = 5_000;
/** The wall clock was set back, where it falls behind monotonic time by more than this. */
const stepMs = 2_000;
const toldSkewMs = 5_000;

/** What else an answer says of the time, in ms since the epoch by the server's clock. */
export interface Evidence {
  /** The token's `iat`: the server's time was not before it. */
  readonly issuedAt?: number | undefined;
  /** The token's `exp`. */
  readonly endsAt?: number | undefined;
}

/**
 * The server's time as well as it can be known from here: what an answer said, plus the time gone by since. That is
 * monotonic time, and what the wall clock gained on it at each look: monotonic time may stand still during sleep, and wall
 * time may step back. An error makes it later, never earlier, and only an answer sets it back. Later costs a request;
 * earlier would hand out a token that has ended.
 */
export class ServerClock {
  readonly #clock: Clock;
  /** How far the server is ahead of monotonic time by what an answer said. */
  #aheadOfSteady: number;
  /** Whether an answer said so; until then it is the local clock. */
  #isTold = false;
  /** What the wall clock gained on monotonic time before it was last set back, and since. */
  #gainedBefore = 0;
  #gained = 0;
  /** How far the wall clock was ahead of monotonic time when it was last set back, or an answer came. */
  #wallAhead: number;
  /** The latest time that an answer said. */
  #newest: number | undefined;
  /** How far ahead of monotonic time an answer put the server, against what was known; and when it came, monotonic. */
  #doubt: { readonly ahead: number; readonly at: number } | undefined;
  #skewTold = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#aheadOfSteady = this.#wallAhead = clock.now() - clock.monotonic();
  }

  /** The server's time, ms since the epoch. Before the first answer: the local clock's. */
  now(): number {
    const steady = this.#clock.monotonic();
    const wallAhead = this.#clock.now() - steady;
    const gained = wallAhead - this.#wallAhead;
    if (gained < this.#gained - stepMs) {
      this.#gainedBefore += this.#gained;
      this.#gained = 0;
      this.#wallAhead = wallAhead;
    } else this.#gained = Math.max(gained, this.#gained);
    return steady + this.#aheadOfSteady + this.#gainedBefore + this.#gained;
  }

  /**
   * Takes an answer's word for the server's time `agoMs` ago, as that of one witness among several.
   *
   * - The server's time is never before `iat`. Where `iat` agrees with the local clock or with what is known, they win
   *   against a `Date`, which a proxy may have written.
   * - An `iat` alone may be old, for a backend may keep a token. So the local clock is believed while the token is alive by
   *   it. A token that has ended when it arrives proves that the local clock is wrong.
   * - Against an earlier answer, or a living token, two answers must say the same and go on as time does. No cache does.
   *
   * @param isExact false: the server's time was not before `said`
   */
  anchor(
    said: number,
    agoMs: number,
    isExact: boolean,
    { issuedAt, endsAt }: Evidence = isExact ? {} : { issuedAt: said },
  ): void {
    const now = this.now();
    const steady = this.#clock.monotonic();
    const told = this.#isTold ? steady + this.#aheadOfSteady : undefined;
    const isAlive = endsAt !== undefined && endsAt > now;
    const witness = issuedAt && this.#witness(issuedAt + agoMs);
    if (!isExact && !witness && this.#newest !== undefined && said <= this.#newest) return;
    let at = Math.max(said, issuedAt ?? said) + agoMs;
    if (witness && (!isExact || Math.abs(at - witness) >= agreeMs)) at = witness;
    if (!isExact && !witness) {
      // Only `iat` moves the time forward, and only a token that has ended moves it back.
      if (at > now ? issuedAt === undefined : isAlive) return;
      at = Math.max(at, told ?? at);
    }
    const known = told ?? (isAlive ? now : undefined);
    const isBack = known !== undefined && at < known - inexactMs;
    if (isBack && !this.#isConfirmed(at - steady, steady)) return;
    this.#doubt = undefined;
    this.#newest = isBack ? said : Math.max(said, this.#newest ?? said);
    this.#isTold = true;
    this.#aheadOfSteady = at - steady;
    this.#gainedBefore = this.#gained = 0;
    this.#wallAhead = this.#clock.now() - steady;
  }

  /** What is known, or else the local clock, where it agrees with this time. */
  #witness(time: number): number | undefined {
    const witnesses = this.#isTold ? [this.now(), this.#clock.now()] : [this.#clock.now()];
    return witnesses.find((at) => Math.abs(time - at) < agreeMs);
  }

  /** Whether an earlier answer, long enough ago, put the server as far ahead of monotonic time as this one. */
  #isConfirmed(ahead: number, steady: number): boolean {
    const doubt = this.#doubt;
    if (doubt && steady - doubt.at < apartMs) return false;
    this.#doubt = { ahead, at: steady };
    return doubt !== undefined && Math.abs(ahead - doubt.ahead) < inexactMs;
  }

  /** How far the local clock is ahead, in ms, where that has changed by 5 s or more since it was told. */
  newSkewMs(): number | undefined {
    const ms = Math.round(this.#clock.now() - this.now());
    if (Math.abs(ms - this.#skewTold) < toldSkewMs) return undefined;
    this.#skewTold = ms;
    return ms;
  }
}
