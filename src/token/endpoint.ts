import { TokenError } from '../errors.ts';
import { own } from '../untrusted.ts';
import { ask } from './ask.ts';
import { type Body, type Fail, readBody } from './body.ts';
import { findToken } from './fields.ts';
import { readClaims } from './jwt.ts';
import type { TokenAnswer, TokenRequest, TokenSource } from './source.ts';

/** A value, or a function that makes one for each attempt, so that a new login is in the next attempt. */
export type PerAttempt<Value> = Value | ((request: TokenRequest) => Value | Promise<Value>);

/** How {@link tokenEndpoint} asks, and how it reads the answer. */
export interface TokenEndpointOptions {
  /** With `GET` the request has no body, and room and identity go into the query. Default: `POST`. */
  readonly method?: string | undefined;
  /** Such as an `Authorization` header of the app's own login. Default: none. */
  readonly headers?: PerAttempt<HeadersInit> | undefined;
  /** Added to the query. Default: nothing. */
  readonly params?: PerAttempt<Readonly<Record<string, string>>> | undefined;
  /** Sent as JSON; forms (`URLSearchParams`, `FormData`), text and bytes as they are. Default: `{ room, identity }`. */
  readonly body?: PerAttempt<unknown> | undefined;
  /** As in `fetch`; `include` sends cookies to another origin. Default: `same-origin`. */
  readonly credentials?: RequestCredentials | undefined;
  /**
   * Makes the answer from the response's JSON, or from its text where it is no JSON; the text may be empty, and the token
   * in a header. Default: see {@link tokenEndpoint}.
   */
  readonly parse?: ((body: unknown, response: Response) => TokenAnswer) | undefined;
  /**
   * Which answers mean that asking again does not help. Default: 401 and 403, without the challenge of a CDN
   * (`cf-mitigated`, or a 403 with a page of HTML).
   */
  readonly denied?: ((status: number, response: Response) => boolean) | undefined;
  /** What asks. Default: the global `fetch` at the time of the call. */
  readonly fetch?: typeof fetch | undefined;
  /** Allows `http:` to other machines than this one, where everybody on the way can read the token. Default: `false`. */
  readonly allowInsecure?: boolean | undefined;
  /**
   * Follows redirects to another scheme or origin, which then gets what is sent here. A browser does not show where an
   * endpoint of another origin redirects to, so there it follows none at all without this. Default: `false`.
   */
  readonly allowRedirects?: boolean | undefined;
}

/**
 * A token source that asks an HTTP endpoint of the app's own backend: `POST` with JSON `{ room, identity }`.
 *
 * It understands a bare token as text or JSON string, and a JSON object with the token in `token` (or `jwt`,
 * `accessToken`, `access_token`, Ant Media's `tokenId`), also one level deeper, such as in `data`; with
 * `expiresIn`/`expires_in` or `expiresAt`/`expires_at`, and `serverUrl`. JSON `null` and `{"token": null}` mean guest.
 * The server's time is taken from the `Date` header, where it can be read (`Access-Control-Expose-Headers: Date` for
 * another origin).
 *
 * Bodies over 64 kB are not read to the end, and no error quotes one.
 *
 * @param url where to ask; a function is called for each attempt
 * @throws `TokenError`, from the source: `token_denied` for 401 and 403; `token_malformed` for HTML, an empty body and
 * the like; `token_unavailable`, with the endpoint's `Retry-After`, for everything else
 * @example tokenEndpoint('/api/room-token', { headers: () => ({ authorization: `Bearer ${login.token}` }) })
 */
export function tokenEndpoint(
  url: string | URL | ((request: TokenRequest) => string | URL),
  given: TokenEndpointOptions = {},
): TokenSource {
  const options = own(given);
  return async (request) => {
    const { room, identity, signal } = own(request);
    const { method = 'POST', credentials, fetch = globalThis.fetch } = options;
    const { denied = isDenial } = options;
    /** For this attempt. */
    const value = <Value>(each: PerAttempt<Value>) =>
      typeof each === 'function' ? (each as (request: TokenRequest) => Value)(request) : each;

    const target = new URL(value(url) as string, globalThis.location?.href);
    const fail: Fail = (code, what, errorOptions) =>
      new TokenError(code, `The token endpoint ${target.origin}${target.pathname} ${what}.`, errorOptions);
    if (!options.allowInsecure && !isSecure(target)) {
      throw fail('token_denied', 'is not https: use that, or set allowInsecure');
    }
    const named = { room, identity };
    const inQuery = /^get$/i.test(method);
    const params = { ...(inQuery && named), ...(await value(options.params)) };
    for (const [name, text] of Object.entries(params)) {
      if (text !== undefined) target.searchParams.set(name, text);
    }
    const headers = new Headers(await value(options.headers));
    const body = inQuery ? null : encode((await value(options.body)) ?? named, headers);

    let response: Response | undefined;
    let read: Body;
    try {
      const init = own({ method, headers, body, credentials, signal, cache: 'no-store' }) as RequestInit;
      response = await ask(fetch, target, init, options.allowRedirects, fail);
      const { status } = response;
      if (!response.ok) {
        // The body may echo the token or a password: it is thrown away unread.
        response.body?.cancel().catch(() => {});
        const code = denied(status, response) ? 'token_denied' : 'token_unavailable';
        throw fail(code, `answered with status ${status}`, { status, retryAfterMs: retryAfter(response) });
      }
      read = await readBody(response, target, fail);
    } catch (error) {
      // What fetch and the body's stream throw when the network fails, or CORS forbids it.
      if (!(error instanceof TypeError)) throw error;
      throw fail('token_unavailable', whyUnreachable(response), { cause: error });
    }
    const answer = readAnswer(read, response, options.parse, fail);
    if (answer === null) return null;
    const details = typeof answer === 'string' ? { token: answer } : answer;
    return { ...details, serverTime: serverTimeOf(details, response) } as TokenAnswer;
  };
}

/** A challenge of a CDN or a firewall says nothing about the person. */
function isDenial(status: number, { headers }: Response): boolean {
  if (headers.has('cf-mitigated')) return false;
  return status === 401 || (status === 403 && !/html/i.test(headers.get('content-type') ?? ''));
}

/** Sends forms and text as they are, everything else as JSON. */
function encode(body: unknown, headers: Headers): BodyInit {
  const isText = typeof body === 'string';
  const kind = Object.prototype.toString.call(body).slice(8, -1);
  const isForm = /^(URLSearchParams|FormData|Blob|File|ArrayBuffer|DataView|\w+Array)$/.test(kind);
  const isJson = isText ? /^\s*[{[]/.test(body) : !isForm;
  // For forms and blobs, fetch knows the type.
  if (isJson && !headers.has('content-type')) headers.set('content-type', 'application/json');
  return isText || isForm ? (body as BodyInit) : JSON.stringify(body);
}

function whyUnreachable(response: Response | undefined): string {
  if (response) return 'broke off in the middle of its body, or the body cannot be decoded';
  return 'could not be reached: network, address, CORS, or a redirect to elsewhere';
}

/** The app's own reading first: it may find a token where the usual one sees a mistake. */
function readAnswer(
  { content, mistake }: Body,
  response: Response,
  parse: TokenEndpointOptions['parse'],
  fail: Fail,
): TokenAnswer {
  if (!parse) {
    if (mistake) throw mistake;
    return findToken(content, fail);
  }
  let answer: TokenAnswer | undefined;
  try {
    answer = parse(content, response);
  } catch (error) {
    throw mistake ?? error;
  }
  if (answer === undefined) throw mistake ?? fail('token_malformed', 'answered what parse made nothing of');
  return answer;
}

/** What the body says counts only where neither the `Date` header nor the token (`iat`) says what time it is. */
function serverTimeOf({ token, serverTime }: Readonly<Record<string, unknown>>, response: Response): unknown {
  const date = dateOf(response);
  return date ?? (typeof token === 'string' && readClaims(token)['iat'] ? undefined : serverTime);
}

/** What the platform itself calls potentially trustworthy (W3C Secure Contexts, section 3.1), as far as it matters here. */
function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^((.+\.)?localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}

/** RFC 9110, section 10.2.3: seconds, or an HTTP date. A day at most. */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('retry-after');
  const ms = seconds(value) ?? (dateIn(value) ?? 0) - (dateOf(response) ?? Date.now());
  return ms > 0 ? Math.min(ms, 86_400_000) : undefined;
}

/** When the response was made, ms since the epoch; half a second is what its whole seconds leave out on average. */
function dateOf({ headers }: Response): number | undefined {
  const date = dateIn(headers.get('date'));
  return date && date + 500 + (seconds(headers.get('age')) ?? 0);
}

/** Whole seconds and nothing else, in ms. */
function seconds(text: string | null): number | undefined {
  return text && /^\d+$/.test(text) ? Number(text) * 1_000 : undefined;
}

/** An HTTP date, such as `Sat, 05 Jan 2030 10:00:00 GMT`; Date.parse alone takes nearly any text with a number in it. */
function dateIn(text: string | null): number | undefined {
  return (text && /^[a-z]{3,9}, .*GMT$/i.test(text) && Date.parse(text)) || undefined;
}
