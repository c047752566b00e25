/**
 * Calls an app's callback; what it throws is reported as an uncaught error (the console, `window.onerror`), never felt
 * by the caller.
 */
export function callSafely<Arguments extends unknown[]>(
  callback: ((...values: Arguments) => unknown) | undefined,
  ...values: Arguments
): void {
  try {
    callback?.(...values);
  } catch (error) {
    if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
    else
      queueMicrotask(() => {
        throw error;
      });
  }
}
