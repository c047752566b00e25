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
    const where = `${target.origin}${target.pathname}`;
    if (!options.allowInsecure && !isSecure(target)) {
      throw new TokenError(
        'token_denied',
        `The token endpoint ${where} is not https, so anybody on the way could take the token. Use https, or say allowInsecure.`,
      );
    }
    const response = await send(target, where, request, options);
    if (!response.ok) throw statusError(response, where, options.denied);
    const body = await readBody(response, where);
    const answer = options.parse ? options.parse(body, response) : readFields(body, where);
    const serverTime = dateOf(response);
    if (answer === null || serverTime === undefined) return answer;
    return typeof answer === 'string' ? { token: answer, serverTime } : { serverTime, ...answer };
  };
}

async function send(
  target: URL,
  where: string,
  request: TokenRequest,
  options: TokenEndpointOptions,
): Promise<Response> {
  const { room, identity, signal } = request;
  const method = options.method?.toUpperCase() ?? 'POST';
  const bodiless = method === 'GET' || method === 'HEAD';
  const named = identity === undefined ? { room } : { room, identity };
  const params: Record<string, string> = {
    ...(bodiless ? named : {}),
    ...(await perAttempt(options.params, request)),
  };
  for (const [name, value] of Object.entries(params)) target.searchParams.set(name, value);
  const headers = new Headers(await perAttempt(options.headers, request));
  const init: RequestInit = { method, headers, signal, cache: 'no-store' };
  if (options.credentials) init.credentials = options.credentials;
  if (!bodiless) {
    init.body = JSON.stringify((await perAttempt(options.body, request)) ?? named);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
  }
  if (!headers.has('accept')) headers.set('accept', 'application/json, text/plain;q=0.9');
  try {
    return await (options.fetch ?? globalThis.fetch)(target, init);
  } catch (cause) {
    signal.throwIfAborted();
    throw new TokenError(
      'token_unavailable',
      `The token endpoint ${where} could not be reached: no network, a wrong address, or CORS forbids it.`,
      { cause },
    );
  }
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

function statusError(response: Response, where: string, denied = isDenial): TokenError {
  const { status } = response;
  // The body may echo the token or a password: it is thrown away unread.
  response.body?.cancel().catch(() => {});
  const retryAfterMs = retryAfter(response);
  if (denied(status)) {
    return new TokenError('token_denied', `The token endpoint ${where} refused with status ${status}.`, {
      status,
    });
  }
  const advice = status === 404 ? ' Check its address.' : '';
  return new TokenError(
    'token_unavailable',
    `The token endpoint ${where} answered with status ${status}.${advice}`,
    {
      status,
      retryAfterMs,
    },
  );
}

const isDenial = (status: number): boolean => status === 401 || status === 403;

/** RFC 9110, section 10.2.3: seconds, or an HTTP date. */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('retry-after')?.trim();
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const until = Date.parse(value) - (dateOf(response) ?? Date.now());
  return Number.isNaN(until) ? undefined : Math.max(until, 0);
}

/** When the response was made, ms since the epoch; half a second is what its whole seconds leave out on average. */
function dateOf({ headers }: Response): number | undefined {
  const date = Date.parse(headers.get('date') ?? '');
  const age = Number(headers.get('age') ?? 0);
  return Number.isNaN(date) ? undefined : date + 500 + (age > 0 ? age * 1000 : 0);
}

function readFields(body: unknown, where: string): TokenAnswer {
  if (body === null || typeof body === 'string') return body;
  const { jwt, accessToken, access_token, tokenId, expires_in, ...fields } = Object(body) as Record<
    string,
    unknown
  >;
  const token: unknown = fields['token'] ?? jwt ?? accessToken ?? access_token ?? tokenId;
  if (typeof token !== 'string') {
    const names = Object.keys(Object(body)).slice(0, 8).join(', ').slice(0, 80);
    throw new TokenError(
      'token_malformed',
      `The token endpoint ${where} answered JSON without a token; its fields are: ${names || 'none'}. ` +
        'Answer {"token": "…"}, or give tokenEndpoint a parse function.',
    );
  }
  return { ...fields, token, expiresIn: (fields['expiresIn'] ?? expires_in) as number | undefined };
}
