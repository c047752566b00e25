/**
 * Runs `work` with a signal that aborts as soon as one of `signals` does. `AbortSignal.any` is younger than the oldest
 * browsers that we serve.
 */
export async function withSignals<Result>(
  signals: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const either = new AbortController();
  for (const signal of signals) {
    const abort = () => either.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { signal: either.signal });
  }
  try {
    return await work(either.signal);
  } finally {
    // Ends the listeners.
    either.abort();
  }
}
