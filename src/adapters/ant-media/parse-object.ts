/** The object in a JSON text, or the object itself; `undefined` for anything else. */
export function parseObject(text: unknown): Record<string, unknown> | undefined {
  try {
    const value = typeof text === 'string' ? JSON.parse(text) : text;
    return value && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
