import { own } from '../untrusted.ts';
import type { Fail } from './body.ts';

/** Browsers follow 20 redirects; no token endpoint needs so many. */
const mostRedirects = 5;

/**
 * Asks an endpoint. No redirect to another scheme or origin is followed, unless `allows`: what is sent there, and what
 * comes from there, is not this endpoint's.
 */
export async function ask(
  fetch: typeof globalThis.fetch,
  target: URL,
  init: RequestInit,
  allows: boolean | undefined,
  fail: Fail,
): Promise<Response> {
  // Text: what apps put in the place of fetch may not know URL objects.
  if (allows) return fetch(target.href, init);
  const isOwn = target.origin === globalThis.location?.origin;
  let at = target;
  let sent: RequestInit = own({ ...init, ...(isOwn ? { mode: 'same-origin' } : { redirect: 'manual' }) });
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const response = await fetch(at.href, sent);
    const { status, url, type, headers } = response;
    const location = headers.get('location');
    const isRedirect = type === 'opaqueredirect' || (location !== null && /^30[12378]$/.test(`${status}`));
    const next = new URL((isRedirect ? location : url) || at, at);
    if (next.origin !== target.origin || type === 'opaqueredirect') {
      response.body?.cancel().catch(() => {});
      // Browsers do not tell a page where a redirect to or from another origin leads.
      const where = next.origin === target.origin ? 'another address' : `${next.origin}${next.pathname}`;
      throw fail('token_unavailable', `redirects to ${where}: ask there, or set allowRedirects`);
    }
    if (!isRedirect) return response;
    at = next;
    if (status < 307) sent = { ...sent, method: 'GET', body: null };
  }
  throw fail('token_unavailable', 'redirects in a circle');
}
