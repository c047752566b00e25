import type { TokenError } from '../errors.ts';

/** Makes the error of an endpoint; its message is what the endpoint did, such as `answered an empty body`. */
export type Fail = (...error: ConstructorParameters<typeof TokenError>) => TokenError;

/** What an endpoint answered. */
export interface Body {
  /** Its JSON, or its text where that is no JSON. */
  readonly content: unknown;
  /** Why no token can be in it, where one of the usual mistakes is recognised. */
  readonly mistake: TokenError | undefined;
}

/** Far more than any token; a body beyond it is something else. */
const largestBody = 64 * 1024;

/** Reads a token endpoint's body. Throws what `fail` makes of a body that is far too long, or breaks off. */
export async function readBody(response: Response, target: URL, fail: Fail): Promise<Body> {
  const text = (await readText(response, fail)).trim();
  const content = parseJson(text);
  return {
    // JSON in a JSON string was encoded twice.
    content: typeof content === 'string' && /^[{"]/.test(content) ? parseJson(content) : content,
    mistake: findMistake(text, content, response, target, fail),
  };
}

async function readText(response: Response, fail: Fail): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.length;
    text += decoder.decode(value, { stream: true });
    if (bytes > largestBody) {
      await reader.cancel();
      throw fail('token_malformed', 'answered more than 64 kB');
    }
  }
  if (bytes < promisedBytes(response)) throw fail('token_unavailable', 'answered a part of its body only');
  return text;
}

/** How long the body is at least, by the header, where the body's bytes are those of the header. */
function promisedBytes({ headers, type }: Response): number {
  // Another origin's `Content-Encoding` cannot be seen.
  const isKnown = type !== 'cors' && !headers.has('content-encoding');
  return (isKnown && Number(headers.get('content-length'))) || 0;
}

function findMistake(
  text: string,
  content: unknown,
  { url }: Response,
  target: URL,
  fail: Fail,
): TokenError | undefined {
  if (!text) return fail('token_malformed', 'answered an empty body');
  if (text.startsWith('<')) {
    const { origin, pathname } = new URL(url || target);
    const isRedirected = origin !== target.origin || pathname !== target.pathname;
    const redirect = isRedirected ? `redirected to ${origin}${pathname}, which ` : '';
    return fail(
      'token_malformed',
      `${redirect}answered HTML: a login page, a captive portal, the app itself`,
    );
  }
  if (content === text && /^[{["]/.test(text)) {
    return fail('token_malformed', 'answered JSON that is cut off or not valid');
  }
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
