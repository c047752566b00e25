/**
 * Calls an app's callback; what it throws, or its promise rejects with, is reported as an uncaught error (the console,
 * `window.onerror`), never felt by the caller.
 */
export function callSafely<Arguments extends unknown[]>(
  callback: ((...values: Arguments) => unknown) | undefined,
  ...values: Arguments
): void {
  try {
    const result = callback?.(...values);
    if (result instanceof Promise) result.catch(report);
  } catch (error) {
    report(error);
  }
}

function report(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}
