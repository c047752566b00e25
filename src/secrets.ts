/** The start of a JWT, two parts of one, or a word that is long enough to be a secret. */
const secret = /eyJ[\w-]{16}|[\w-]{16}\.[\w-]{16}|[\w+/=-]{80}/;
/** The same, but the paths of files may have long words. */
const secretInStack = /eyJ[\w-]{16}|[\w-]{16}\.[\w-]{16}/;
/** More objects than an error needs to say what happened, and longer texts. */
const mostObjects = 50;
const longestText = 10_000;
/** More text than a person reads. */
const longestMessage = 1_000;

/** A text, without what may be a token in it, and cut. */
export function withoutSecrets(text: string): string {
  return text
    .slice(0, 2 * longestMessage)
    .replace(/([?&#][\w-]*(?:token|jwt|secret|password|key)=)[^\s&"']+/gi, '$1[hidden]')
    .replace(/[\w.+/=-]{19,}/g, (word) => (secret.test(word) ? '[hidden]' : word))
    .slice(0, longestMessage);
}

/** The value itself, `undefined` where something in it seems to hold a token, or could hold one unseen. */
export function ifClean<Value>(value: Value): Value | undefined {
  try {
    return isClean(value, new Set()) ? value : undefined;
  } catch {
    // A getter that throws, or a proxy: its content is unknown.
    return undefined;
  }
}

/** @param seen the objects that were looked into */
function isClean(value: unknown, seen: Set<unknown>, pattern: RegExp = secret): boolean {
  if (typeof value === 'string') return value.length < longestText && !pattern.test(value);
  if (typeof value !== 'object' || value === null || seen.has(value)) return true;
  seen.add(value);
  if (seen.size > mostObjects) return false;
  const isError = value instanceof Error;
  // `Headers`, `Request`, `Map` and the like show to a console what their properties do not tell.
  if (!isError && !Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return false;
  // A stack is no property of its own in every browser.
  const names = [...Reflect.ownKeys(value), ...(isError ? ['stack', 'message'] : [])];
  return names.every((name) => {
    const inner: unknown = Reflect.get(value, name);
    return isClean(name, seen) && isClean(inner, seen, name === 'stack' ? secretInStack : secret);
  });
}
