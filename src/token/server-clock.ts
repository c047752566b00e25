import type { Clock } from '../clock.ts';

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
  #anchored = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = this.#wall = clock.now();
    this.#monotonic = clock.monotonic();
  }

  /** The server's time, ms since the epoch. Before the first anchor: the local wall clock. */
  now(): number {
    const passed = Math.max(this.#clock.monotonic() - this.#monotonic, this.#clock.now() - this.#wall, 0);
    return this.#at + passed;
  }

  /** How far the local wall clock is ahead of the server, in ms. */
  get skewMs(): number {
    return this.#clock.now() - this.now();
  }

  /**
   * Takes an answer's word for the server's time at this moment, and tells by how much `now()` moved, in ms.
   * `exact` (a `Date` header) is believed as it is. `atLeast` (`iat`: the token cannot have been made later than now)
   * only moves the clock to where monotonic time since the last anchor does not contradict it.
   */
  anchor(time: { readonly exact?: number | undefined; readonly atLeast?: number | undefined }): number {
    const before = this.now();
    const steady = this.#anchored
      ? this.#at + this.#clock.monotonic() - this.#monotonic
      : Number.NEGATIVE_INFINITY;
    const at = time.exact ?? (time.atLeast === undefined ? undefined : Math.max(time.atLeast, steady));
    if (at === undefined) return 0;
    this.#at = at;
    this.#wall = this.#clock.now();
    this.#monotonic = this.#clock.monotonic();
    this.#anchored = true;
    return at - before;
  }
}
