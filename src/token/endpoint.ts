import { TokenError } from '../errors.ts';
import { type Fail, readBody } from './body.ts';
import type { TokenAnswer, TokenRequest, TokenSource } from './source.ts';

/** A value, or a function that makes one for each attempt, so that a new login is in the next attempt. */
export type PerAttempt<Value> = Value | ((request: TokenRequest) => Value | Promise<Value>);

/** Options of `tokenEndpoint`. */
export interface TokenEndpointOptions {
  /** Default `POST`. With `GET` the request has no body, and room and identity go into the query. */
  readonly method?: string | undefined;
  /** Such as an `Authorization` header of the app's own login. Default: none. */
  readonly headers?: PerAttempt<HeadersInit> | undefined;
  /** Added to the query. Default: none. */
  readonly params?: PerAttempt<Readonly<Record<string, string>>> | undefined;
  /** Sent as JSON. Default `{ room, identity }`. */
  readonly body?: PerAttempt<unknown> | undefined;
  /** As in `fetch`; default `same-origin`. `include` sends cookies to another origin. */
  readonly credentials?: RequestCredentials | undefined;
  /** Makes the answer from the response's JSON, or its text where it is none. Default: see {@link tokenEndpoint}. */
  readonly parse?: ((body: unknown, response: Response) => TokenAnswer) | undefined;
  /** Which statuses mean that asking again is of no use. Default: 401 and 403. */
  readonly denied?: ((status: number) => boolean) | undefined;
  /** Default: the global one at the time of the call. */
  readonly fetch?: typeof fetch | undefined;
  /** Allows `http:` to other machines than this one. Default `false`: a token sent in the clear is anybody's. */
  readonly allowInsecure?: boolean | undefined;
}

/**
 * A token source that asks an HTTP endpoint of the app's own backend: `POST` with JSON `{ room, identity }`.
 *
 * It understands a bare token as text or JSON string, and a JSON object with the token in `token` (or `jwt`,
 * `accessToken`, `access_token`, Ant Media's `tokenId`), `expiresIn`/`expires_in` or `expiresAt` in seconds, and
 * `serverUrl`; JSON `null` means guest. The server's time is taken from the `Date` header, where it can be read
 * (`Access-Control-Expose-Headers: Date` for another origin).
 *
 * Fails with a `TokenError`: `token_denied` for 401 and 403; `token_malformed` for HTML, an empty body and the like;
 * `token_unavailable`, with the endpoint's `Retry-After`, for everything else. Bodies over 64 kB are not read to the
 * end, and none is ever quoted in an error.
 *
 * @param url where to ask; a function is called for each attempt
 * @throws `TokenError` when asked, as above
 *
 * @example
 * const tokenSource = tokenEndpoint('/api/room-token', { headers: () => ({ authorization: `Bearer ${login.token}` }) });
 */
export function tokenEndpoint(
  url: string | URL | ((request: TokenRequest) => string | URL),
  options: TokenEndpointOptions = {},
): TokenSource {
  return async (request) => {
    const { room, identity, signal } = request;
    const { method = 'POST', credentials, fetch = globalThis.fetch } = options;
    const { denied = (status) => status === 401 || status === 403 } = options;
    /** For this attempt. */
    const value = <Value>(given: PerAttempt<Value>) =>
      typeof given === 'function' ? (given as (request: TokenRequest) => Value)(request) : given;

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
    let body: string | null = null;
    if (!inQuery) {
      if (!headers.has('content-type')) headers.set('content-type', 'application/json');
      body = JSON.stringify((await value(options.body)) ?? named);
    }

    let response: Response;
    let content: unknown;
    try {
      response = await fetch(target, {
        method,
        headers,
        body,
        credentials,
        signal,
        cache: 'no-store',
      } as RequestInit);
      const { status } = response;
      if (!response.ok) {
        // The body may echo the token or a password: it is thrown away unread.
        response.body?.cancel().catch(() => {});
        const code = denied(status) ? 'token_denied' : 'token_unavailable';
        throw fail(code, `answered with status ${status}`, { status, retryAfterMs: retryAfter(response) });
      }
      content = await readBody(response, fail);
    } catch (error) {
      // What fetch and the body's stream throw when the network fails, or CORS forbids it.
      if (!(error instanceof TypeError)) throw error;
      throw fail('token_unavailable', 'could not be reached: network, address or CORS', { cause: error });
    }
    const answer = options.parse ? options.parse(content, response) : readFields(content, fail);
    return (
      answer && {
        serverTime: dateOf(response),
        ...(typeof answer === 'string' ? { token: answer } : answer),
      }
    );
  };
}

/** What the platform itself calls potentially trustworthy (W3C Secure Contexts, section 3.1), as far as it matters here. */
function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^((.+\.)?localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}

/** RFC 9110, section 10.2.3: seconds, or an HTTP date. */
function retryAfter(response: Response): number | undefined {
  // A header that is not there is null, which is no date and no number of seconds.
  const value = response.headers.get('retry-after') as string;
  const ms = Number(value) * 1000 || Date.parse(value) - (dateOf(response) ?? Date.now());
  return ms > 0 ? ms : undefined;
}

/** When the response was made, ms since the epoch; half a second is what its whole seconds leave out on average. */
function dateOf({ headers }: Response): number | undefined {
  return Date.parse(headers.get('date') as string) + 500 + Number(headers.get('age')) * 1000 || undefined;
}

function readFields(body: unknown, fail: Fail): TokenAnswer {
  if (body === null || typeof body === 'string') return body;
  const { jwt, accessToken, access_token, tokenId, expires_in, ...fields } = Object(body);
  const token: unknown = fields.token ?? jwt ?? accessToken ?? access_token ?? tokenId;
  if (typeof token === 'string') return { ...fields, token, expiresIn: fields.expiresIn ?? expires_in };
  // Not the longer names: one of them may be the token.
  const names = Object.keys(fields).filter((name) => name.length < 20);
  throw fail('token_malformed', `answered JSON without a token, but: ${names.slice(0, 6)}`);
}
