/**
 * Calls an app's callback, at once; what it throws, or its promise rejects with, is reported as an uncaught error (the
 * console, `window.onerror`), never felt by the caller.
 *
 * @returns resolves when the callback's promise has settled; never rejects
 */
export async function callSafely<Arguments extends unknown[]>(
  callback: ((...values: Arguments) => unknown) | undefined,
  ...values: Arguments
): Promise<void> {
  try {
    await callback?.(...values);
  } catch (error) {
    (globalThis.reportError ?? throwLater)(error);
  }
}

/** Node has no `reportError`. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** A text inside whatever was thrown, `undefined` where there is none. Looking at it may throw, too. */
export function textIn(thrown: unknown, ...path: readonly string[]): string | undefined {
  try {
    const text = path.reduce((inner, member) => Object(inner)[member], thrown);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
