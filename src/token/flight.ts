/** One request for a token under way. */
export interface Flight {
  /** Monotonic, in ms. */
  readonly startedAt: number;
  /** When it has run out of time: monotonic, in ms. */
  readonly deadline: number;
  /** Aborts when the answer is not needed. */
  readonly controller: AbortController;
}
