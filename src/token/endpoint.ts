import { TokenError } from '../errors.ts';
import { readBody } from './body.ts';
import type { TokenAnswer, TokenRequest, TokenSource } from './source.ts';

/** A value, or a function that makes one for each attempt, so that a new login is in the next attempt. */
type PerAttempt<Value> = Value | ((request: TokenRequest) => Value | Promise<Value>);

export interface TokenEndpointOptions {
  /** Default `POST`. With `GET` and `HEAD` the request has no body, and room and identity go into the query. */
  readonly method?: string | undefined;
  /** Such as an `Authorization` header of the app's own login. */
  readonly headers?: PerAttempt<HeadersInit> | undefined;
  /** Added to the query. */
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
 */
export function tokenEndpoint(
  url: string | URL | ((request: TokenRequest) => string | URL),
  options: TokenEndpointOptions = {},
): TokenSource {
  return async (request) => {
    const target = new URL(typeof url === 'function' ? url(request) : url, globalThis.location?.href);
    const fail: Fail = (code, what, errorOptions) =>
      new TokenError(code, `The token endpoint ${target.origin}${target.pathname} ${what}.`, errorOptions);
    if (!options.allowInsecure && !isSecure(target)) {
      throw fail('token_denied', 'is not https (allowInsecure)');
    }
    await addParams(target, request, options);
    const init = await makeInit(request, options);
    let response: Response;
    let body: unknown;
    try {
      response = await (options.fetch ?? globalThis.fetch)(target, init);
      if (!response.ok) throw statusError(response, fail, options.denied);
      body = await readBody(response, (what) => fail('token_malformed', `answered ${what}`));
    } catch (error) {
      // What fetch and the body's stream throw when the network fails, or CORS forbids it.
      if (!(error instanceof TypeError)) throw error;
      throw fail('token_unavailable', 'could not be reached: network, address or CORS', { cause: error });
    }
    const answer = options.parse ? options.parse(body, response) : readFields(body, fail);
    const serverTime = dateOf(response);
    if (answer === null || serverTime === undefined) return answer;
    return typeof answer === 'string' ? { token: answer, serverTime } : { serverTime, ...answer };
  };
}

type Fail = (...error: ConstructorParameters<typeof TokenError>) => TokenError;

const isBodiless = ({ method }: TokenEndpointOptions) => /^(get|head)$/i.test(method ?? '');

const named = ({ room, identity }: TokenRequest) => (identity === undefined ? { room } : { room, identity });

async function addParams(target: URL, request: TokenRequest, options: TokenEndpointOptions): Promise<void> {
  const params = {
    ...(isBodiless(options) && named(request)),
    ...(await perAttempt(options.params, request)),
  };
  for (const [name, value] of Object.entries(params)) target.searchParams.set(name, value);
}

async function makeInit(request: TokenRequest, options: TokenEndpointOptions): Promise<RequestInit> {
  const { method = 'POST', credentials = 'same-origin' } = options;
  const headers = new Headers(await perAttempt(options.headers, request));
  const init: RequestInit = { method, headers, credentials, signal: request.signal, cache: 'no-store' };
  if (isBodiless(options)) return init;
  if (!headers.has('content-type')) headers.set('content-type', 'application/json');
  return { ...init, body: JSON.stringify((await perAttempt(options.body, request)) ?? named(request)) };
}

function perAttempt<Value>(
  value: PerAttempt<Value> | undefined,
  request: TokenRequest,
): Value | Promise<Value> | undefined {
  return typeof value === 'function'
    ? (value as (request: TokenRequest) => Value | Promise<Value>)(request)
    : (value as Value | undefined);
}

/** What the platform itself calls potentially trustworthy (W3C Secure Contexts, section 3.1), as far as it matters here. */
function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function statusError(response: Response, fail: Fail, denied = isDenial): TokenError {
  const { status } = response;
  // The body may echo the token or a password: it is thrown away unread.
  response.body?.cancel().catch(() => {});
  const code = denied(status) ? 'token_denied' : 'token_unavailable';
  return fail(code, `answered with status ${status}`, { status, retryAfterMs: retryAfter(response) });
}

const isDenial = (status: number): boolean => status === 401 || status === 403;

/** RFC 9110, section 10.2.3: seconds, or an HTTP date. */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(value)
    ? Number(value) * 1000
    : Date.parse(value) - (dateOf(response) ?? Date.now());
  return ms > 0 ? ms : undefined;
}

/** When the response was made, ms since the epoch; half a second is what its whole seconds leave out on average. */
function dateOf({ headers }: Response): number | undefined {
  const date = Date.parse(headers.get('date') ?? '') + 500 + (Number(headers.get('age')) || 0) * 1000;
  return Number.isNaN(date) ? undefined : date;
}

function readFields(body: unknown, fail: Fail): TokenAnswer {
  if (body === null || typeof body === 'string') return body;
  const { jwt, accessToken, access_token, tokenId, expires_in, ...fields } = Object(body);
  const token: unknown = fields.token ?? jwt ?? accessToken ?? access_token ?? tokenId;
  if (typeof token === 'string') return { ...fields, token, expiresIn: fields.expiresIn ?? expires_in };
  // Not the longer names: one of them may be the token.
  const names = Object.keys(Object(body)).filter(({ length }) => length < 20);
  throw fail('token_malformed', `answered JSON without a token, but with: ${names.slice(0, 6)}`);
}
