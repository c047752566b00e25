import type { Clock } from '../clock.ts';

/** Answers this far apart can tell a server's time that goes on from one that a cache keeps. */
const apartMs = 5_000;
/** Whole seconds in a `Date`, and half a round trip. */
const inexactMs = 3_000;
const longAgo = Number.NEGATIVE_INFINITY;

/**
 * The server's time as well as it can be known from here: an anchor taken from an answer, plus the larger of the
 * monotonic and the wall time gone by since. Monotonic time may stand still during sleep, wall time may step back;
 * the larger of the two errs towards "later", which costs a request and never a dead token.
 */
export class ServerClock {
  readonly #clock: Clock;
  #at: number;
  #wall: number;
  #monotonic: number;
  /** The latest time that an answer said; none before the first. */
  #newest = longAgo;
  /** An answer that put the server's time before what was known. */
  #doubt: { readonly at: number; readonly monotonic: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = this.#wall = clock.now();
    this.#monotonic = clock.monotonic();
  }

  /** The server's time, ms since the epoch. Before the first anchor: the local wall clock. */
  now(): number {
    return this.#at + Math.max(this.#steady(), this.#clock.now() - this.#wall);
  }

  /** How far the local wall clock is ahead of the server, in ms. */
  get skewMs(): number {
    return this.#clock.now() - this.now();
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
    const at = said + agoMs;
    const monotonic = this.#clock.monotonic();
    const known = this.#at + this.#steady();
    const isAnchored = this.#newest > longAgo;
    if (exact && isAnchored && at < known - inexactMs && !this.#isConfirmed(at, monotonic)) return;
    if (exact) this.#doubt = undefined;
    this.#at = exact || !isAnchored ? at : Math.max(at, known);
    this.#newest = Math.max(said, this.#newest);
    this.#wall = this.#clock.now();
    this.#monotonic = monotonic;
  }

  #isConfirmed(at: number, monotonic: number): boolean {
    const doubt = this.#doubt;
    const passed = doubt ? monotonic - doubt.monotonic : Number.POSITIVE_INFINITY;
    if (passed < apartMs) return false;
    this.#doubt = { at, monotonic };
    return doubt !== undefined && Math.abs(at - doubt.at - passed) < inexactMs;
  }

  /** Monotonic time since the anchor. */
  #steady(): number {
    return this.#clock.monotonic() - this.#monotonic;
  }
}
