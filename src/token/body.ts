/** Far more than any token; a body beyond it is something else. */
const largestBody = 64 * 1024;

/**
 * A token endpoint's body: its JSON, or its text where it is none (a bare token). Throws what `malformed` makes of the
 * usual mistakes: nothing, a page of HTML, far too much.
 */
export async function readBody({ body }: Response, malformed: (what: string) => Error): Promise<unknown> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) break;
    text += decoder.decode(value, { stream: true });
    if (text.length > largestBody) {
      await reader?.cancel();
      throw malformed('more than 64 kB');
    }
  }
  text = text.trim();
  if (!text) throw malformed('an empty body');
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
