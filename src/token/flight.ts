/** One request for a token under way. All times are monotonic, in ms. */
export class Flight {
  readonly startedAt: number;
  readonly limitMs: number;
  readonly #controller = new AbortController();

  constructor(startedAt: number, limitMs: number) {
    this.startedAt = startedAt;
    this.limitMs = limitMs;
  }

  /** Aborts when the answer is not needed. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** When the request has run out of time. */
  get deadline(): number {
    return this.startedAt + this.limitMs;
  }

  /** Ends the request for this reason. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }
}
