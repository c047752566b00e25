import type { Clock } from '../clock.ts';

/** Answers this far apart can tell a server's time that goes on from one that a cache keeps. */
const apartMs = 5_000;
/** Whole seconds in a `Date`, and half a round trip. */
const inexactMs = 3_000;
const toldSkewMs = 5_000;
const longAgo = -Infinity;

/**
 * The server's time as well as it can be known from here: an anchor taken from an answer, plus the larger of the
 * monotonic and the wall time gone by since. Monotonic time may stand still during sleep, wall time may step back;
 * the larger of the two errs towards "later", which costs a request and never a dead token.
 */
export class ServerClock {
  readonly #clock: Clock;
  /** How far the server is ahead of monotonic time, and of wall time. */
  #aheadOfSteady: number;
  #aheadOfWall = 0;
  /** The latest time that an answer said; none before the first. */
  #newest = longAgo;
  /** How far ahead of monotonic time an answer put the server, against what was known; and when it came, monotonic. */
  #doubt = longAgo;
  #doubtAt = longAgo;

  #skewTold = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#aheadOfSteady = clock.now() - clock.monotonic();
  }

  /** The server's time, ms since the epoch. Before the first anchor: the local wall clock. */
  now(): number {
    return Math.max(this.#clock.monotonic() + this.#aheadOfSteady, this.#clock.now() + this.#aheadOfWall);
  }

  /**
   * Takes an answer's word for the server's time `agoMs` ago. Monotonic time since the last anchor is not to be
   * contradicted: a token's `iat` may be old, and the `Date` of a cached answer too. Only where two answers say the
   * same, the anchor was wrong.
   *
   * @param exact false: at least this late. It counts only where no answer said so before: an old one proves nothing
   */
  anchor(said: number, agoMs: number, exact: boolean): void {
    if (!exact && said <= this.#newest) return;
    const steady = this.#clock.monotonic();
    const known = this.#newest > longAgo ? this.#aheadOfSteady : longAgo;
    let ahead = said + agoMs - steady;
    if (!exact) ahead = Math.max(ahead, known);
    else {
      if (ahead < known - inexactMs) {
        if (steady - this.#doubtAt < apartMs) return;
        const isConfirmed = Math.abs(ahead - this.#doubt) < inexactMs;
        this.#doubt = ahead;
        this.#doubtAt = steady;
        if (!isConfirmed) return;
      }
      this.#doubt = longAgo;
    }
    this.#newest = Math.max(said, this.#newest);
    this.#aheadOfSteady = ahead;
    this.#aheadOfWall = steady + ahead - this.#clock.now();
  }

  /** How far the local clock is ahead, in ms, where that has changed by 5 s or more since it was told. */
  newSkewMs(): number | undefined {
    const ms = Math.round(this.#clock.now() - this.now());
    if (Math.abs(ms - this.#skewTold) < toldSkewMs) return undefined;
    this.#skewTold = ms;
    return ms;
  }
}
