import type { TokenError } from '../errors.ts';

/** Makes the error of an endpoint; its message is what the endpoint did, such as `answered an empty body`. */
export type Fail = (...error: ConstructorParameters<typeof TokenError>) => TokenError;

/** Far more than any token; a body beyond it is something else. */
const largestBody = 64 * 1024;

/**
 * A token endpoint's body: its JSON, or its text where it is none (a bare token). Throws what `fail` makes of the usual
 * mistakes: nothing, a page of HTML, far too much.
 */
export async function readBody({ body }: Response, fail: Fail): Promise<unknown> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    if (text.length > largestBody) {
      await reader.cancel();
      throw fail('token_malformed', 'answered more than 64 kB');
    }
  }
  text = text.trim();
  if (!text) throw fail('token_malformed', 'answered an empty body');
  if (text.startsWith('<')) {
    throw fail('token_malformed', 'answered HTML: a login page, a captive portal, the app itself');
  }
  const parsed = parseJson(text);
  // JSON in a JSON string: somebody encoded twice.
  return typeof parsed === 'string' && /^[{"]/.test(parsed) ? parseJson(parsed) : parsed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
