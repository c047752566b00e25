/** Far more than any token; a body beyond it is something else. */
const largestBody = 64 * 1024;

/**
 * A token endpoint's body: its JSON, or its text where it is none (a bare token). Throws what `malformed` makes of the
 * usual mistakes: nothing, a page of HTML, far too much.
 */
export async function readBody(response: Response, malformed: (what: string) => Error): Promise<unknown> {
  const text = await readText(response);
  if (text === undefined) throw malformed('more than 64 kB');
  if (text === '') throw malformed('an empty body');
  if (text.startsWith('<')) throw malformed('HTML: a login page, a captive portal, the app itself');
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
  const decoder = new TextDecoder();
  let text = '';
  while (reader && text.length <= largestBody) {
    const { done, value } = await reader.read();
    text += decoder.decode(value, { stream: !done });
    if (done) break;
  }
  if (text.length <= largestBody) return text.trim();
  await reader?.cancel();
  return undefined;
}
