import { TokenError } from '../errors.ts';

/** Far more than any token; a body beyond it is something else. */
const largestBody = 64 * 1024;

/**
 * A token endpoint's body: its JSON, or its text where it is none (a bare token). Throws `token_malformed` for what the
 * usual mistakes put there, named for what it is: nothing, a page of HTML, far too much.
 */
export async function readBody(response: Response, where: string): Promise<unknown> {
  const malformed = (what: string) =>
    new TokenError('token_malformed', `The token endpoint ${where} answered ${what}`);
  const text = await readText(response);
  if (text === undefined) throw malformed('with more than 64 kB, which is no token.');
  if (text === '') throw malformed('with an empty body. Answer {"token": "…"}.');
  if (text.startsWith('<')) {
    throw malformed('with HTML: a login page, a captive portal, or the app itself where a route is missing.');
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

async function readText(response: Response): Promise<string | undefined> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    text += decoder.decode(value, { stream: !done });
    if (done) return text.trim();
    if (text.length <= largestBody) continue;
    await reader.cancel();
    return undefined;
  }
}
