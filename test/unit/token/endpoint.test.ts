// @vitest-environment node
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TokenError, type TokenRequest, tokenEndpoint } from '../../../src/index.ts';
import { makeJwt } from './support.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let handle: Handler;
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  handle(request, response, body);
});
let url = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/room-token`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const jwt = makeJwt({ iat: 1, exp: 2, room: 'standup' });

function request(more: Partial<TokenRequest> = {}): TokenRequest {
  return { room: 'standup', reason: 'join', signal: new AbortController().signal, ...more };
}

async function failure(options?: Parameters<typeof tokenEndpoint>[1], at: string = url): Promise<TokenError> {
  const error = await Promise.resolve(tokenEndpoint(at, options)(request())).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TokenError);
  return error as TokenError;
}

describe('a token endpoint', () => {
  test('is asked by POST with room and identity as JSON, past every cache', async () => {
    let seen = {};
    handle = ({ method, url: path, headers }, response, body) => {
      seen = { method, path, type: headers['content-type'], cache: headers['cache-control'], body };
      response.end(JSON.stringify({ token: jwt }));
    };
    await tokenEndpoint(url)(request({ identity: 'ada' }));
    expect(seen).toEqual({
      method: 'POST',
      path: '/room-token',
      type: 'application/json',
      cache: 'no-cache',
      body: '{"room":"standup","identity":"ada"}',
    });
  });

  test('is asked by GET with room and identity in the query', async () => {
    handle = ({ method, url: path }, response, body) => response.end(`${method}${path}${body}`.slice(0, 99));
    const answer = await tokenEndpoint(`${url}?a=b`, { method: 'get', params: { c: 'd' } })(
      request({ identity: 'ada b' }),
    );
    expect(answer).toMatchObject({ token: 'GET/room-token?a=b&room=standup&identity=ada+b&c=d' });
  });

  test('gets headers, params and body from functions, called for each attempt', async () => {
    const seen: string[] = [];
    handle = ({ url: path, headers }, response, body) => {
      seen.push(`${path} ${headers['authorization']} ${headers['content-type']} ${body}`);
      response.end(jwt);
    };
    let attempt = 0;
    const source = tokenEndpoint(({ room }) => `${url}/${room}`, {
      headers: async () => ({ authorization: `Bearer ${++attempt}`, 'content-type': 'application/x+json' }),
      params: ({ reason }) => ({ reason }),
      body: { query: 'mutation' },
    });
    await source(request());
    await source(request({ reason: 'refresh' }));
    expect(seen).toEqual([
      '/room-token/standup?reason=join Bearer 1 application/x+json {"query":"mutation"}',
      '/room-token/standup?reason=refresh Bearer 2 application/x+json {"query":"mutation"}',
    ]);
  });

  test.each([
    ['a bare token', jwt, { token: jwt }],
    ['a token as JSON text', JSON.stringify(jwt), { token: jwt }],
    ['JSON encoded twice', JSON.stringify(JSON.stringify({ token: jwt })), { token: jwt }],
    ['jwt', `{"jwt":"${jwt}"}`, { token: jwt }],
    ['accessToken', `{"accessToken":"${jwt}"}`, { token: jwt }],
    ['OAuth names', `{"access_token":"${jwt}","expires_in":300}`, { token: jwt, expiresIn: 300 }],
    ["Ant Media's tokenId", '{"tokenId":"123","streamId":"s"}', { token: '123', streamId: 's' }],
    ['more fields', `{"token":"${jwt}","serverUrl":"wss://b"}`, { token: jwt, serverUrl: 'wss://b' }],
  ])('may answer with %s', async (_, body, expected) => {
    handle = (_request, response) => response.end(body);
    expect(await tokenEndpoint(url)(request())).toMatchObject(expected);
  });

  test('answers null for a guest', async () => {
    handle = (_, response) => response.end('null');
    expect(await tokenEndpoint(url)(request())).toBeNull();
  });

  test('tells the time by its Date header, and how old a cached answer is by Age', async () => {
    handle = (_, response) =>
      response.writeHead(200, { date: 'Sat, 05 Jan 2030 10:00:00 GMT', age: '90' }).end(jwt);
    expect(await tokenEndpoint(url)(request())).toEqual({
      token: jwt,
      serverTime: Date.UTC(2030, 0, 5, 10, 1, 30, 500),
    });
  });

  test('may be read by a function of the app', async () => {
    handle = (_, response) => response.end(JSON.stringify({ data: { roomToken: jwt } }));
    const parse = (body: unknown) => (body as { data: { roomToken: string } }).data.roomToken;
    expect(await tokenEndpoint(url, { parse })(request())).toMatchObject({ token: jwt });
  });

  test.each([
    [401, 'token_denied'],
    [403, 'token_denied'],
    [400, 'token_unavailable'],
    [404, 'token_unavailable'],
    [408, 'token_unavailable'],
    [429, 'token_unavailable'],
    [500, 'token_unavailable'],
    [503, 'token_unavailable'],
  ])('that answers %d fails with %s, and says the status and its address', async (status, code) => {
    handle = (_, response) => response.writeHead(status).end('no');
    const error = await failure();
    expect(error).toMatchObject({ code, status });
    expect(error.message).toContain(`${url} answered with status ${status}`);
  });

  test('denies by the statuses that the app names', async () => {
    handle = (_, response) => response.writeHead(410).end();
    expect((await failure({ denied: (status) => status === 410 })).code).toBe('token_denied');
    handle = (_, response) => response.writeHead(403).end();
    expect((await failure({ denied: () => false })).code).toBe('token_unavailable');
  });

  test.each([
    ['seconds', '120', 120_000],
    ['a date', new Date(Date.UTC(2030, 0, 5, 10, 2)).toUTCString(), 119_500],
    ['a date gone by', new Date(Date.UTC(2030, 0, 5, 9)).toUTCString(), undefined],
    ['nonsense', 'soon', undefined],
    ['a number of another form', '0x10', undefined],
    ['a number that is no whole one', '1.5', undefined],
    ['a number that is too large for one', '1e400', undefined],
    ['digits that are too large for a number', '9'.repeat(400), 86_400_000],
    ['a date far ahead', new Date(Date.UTC(2999, 0, 1)).toUTCString(), 86_400_000],
    ['a date of another form', '2030-01-05T10:02:00Z', undefined],
    ['words with a number', 'in 5', undefined],
    ['nothing', '0', undefined],
  ])('is not asked again before Retry-After: %s', async (_, value, retryAfterMs) => {
    handle = (_request, response) =>
      response.writeHead(429, { date: 'Sat, 05 Jan 2030 10:00:00 GMT', 'retry-after': value }).end();
    expect((await failure()).retryAfterMs).toBe(retryAfterMs);
  });

  test.each([
    ['an empty body', '', /an empty body/],
    ['HTML', '<!doctype html><h1>Sign in</h1>', /HTML: a login page, a captive portal/],
    ['JSON without a token', '{"error":"nope","code":3}', /without a token.*error,code/],
    ['a JSON list', '[1,2]', /without a token/],
    ['a JSON number', '42', /without a token/],
    ['a huge body', 'x'.repeat(300_000), /more than 64 kB/],
  ])('that answers with %s fails with token_malformed and says so', async (_, body, message) => {
    handle = (_request, response) => response.end(body);
    const error = await failure();
    expect(error.code).toBe('token_malformed');
    expect(error.message).toMatch(message);
  });

  test('that goes on sending is not read to the end', async () => {
    let sent = 0;
    let closed = false;
    handle = (_, response) => {
      const more = () => {
        for (let chunk = 0; chunk < 16 && !closed; chunk++) {
          sent += 16_384;
          if (!response.write('x'.repeat(16_384))) return;
        }
        if (!closed) setImmediate(more);
      };
      response.on('drain', more).on('close', () => {
        closed = true;
      });
      more();
    };
    expect((await failure()).code).toBe('token_malformed');
    await expect.poll(() => closed).toBe(true);
    expect(sent).toBeLessThan(50_000_000);
  });

  test.each<[string, () => unknown, HeadersInit | undefined, RegExp]>([
    [
      'URLSearchParams',
      () => new URLSearchParams({ room: 'a b' }),
      undefined,
      /^application\/x-www-form-urlencoded\S* ?\S* room=a\+b$/,
    ],
    ['text', () => 'room=a', { 'content-type': 'application/x-www-form-urlencoded' }, /urlencoded room=a$/],
    ['text without a type', () => 'room=a', undefined, /^text\/plain\S* room=a$/],
    ['JSON as text', () => '{"room":1}', undefined, /^application\/json \{"room":1\}$/],
    ['a list', () => [1], undefined, /^application\/json \[1\]$/],
    ['bytes', () => new TextEncoder().encode('room'), undefined, /^undefined room$/],
    ['a blob', () => new Blob(['room'], { type: 'app/room' }), undefined, /^app\/room room$/],
    [
      'FormData',
      () => {
        const form = new FormData();
        form.set('room', 'a');
        return form;
      },
      undefined,
      /^multipart\/form-data; boundary=\S+ [\s\S]*name="room"[\s\S]*a/,
    ],
  ])('is sent a body of %s as it is', async (_, body, headers, expected) => {
    let seen = '';
    handle = ({ headers: got }, response, text) => {
      seen = `${got['content-type']} ${text}`;
      response.end(jwt);
    };
    await tokenEndpoint(url, { body, headers })(request());
    expect(seen).toMatch(expected);
  });

  test.each([200, 201, 204])('may give its token in a header, with status %d and no body', async (status) => {
    handle = (_, response) => response.writeHead(status, { authorization: 'Bearer a-token' }).end();
    const parse = (_body: unknown, { headers }: Response) =>
      headers.get('authorization')?.replace('Bearer ', '') ?? null;
    expect(await tokenEndpoint(url, { parse })(request())).toMatchObject({ token: 'a-token' });
  });

  test('may give its token in HTML, where the app reads it', async () => {
    handle = (_, response) => response.end('<meta name="token" content="a-token">');
    const parse = (body: unknown) => /content="(.*)"/.exec(body as string)?.[1] ?? null;
    expect(await tokenEndpoint(url, { parse })(request())).toMatchObject({ token: 'a-token' });
  });

  test.each([
    ['throws', () => JSON.parse('<')],
    ['returns undefined', () => undefined],
  ])('whose HTML makes parse %s is told as HTML', async (_, parse) => {
    handle = (_request, response) => response.end('<h1>Sign in</h1>');
    expect((await failure({ parse })).message).toContain('answered HTML');
  });

  test('of whose JSON parse makes nothing fails with token_malformed', async () => {
    handle = (_, response) => response.end('{"data":{}}');
    const parse = (body: unknown) => (body as { data: { token: string } }).data.token;
    expect(await failure({ parse })).toMatchObject({ code: 'token_malformed' });
  });

  test('gives its address to fetch as text', async () => {
    let given: unknown;
    const fetch = async (target: unknown) => {
      given = target;
      return Response.json({ token: 'a' });
    };
    await tokenEndpoint(new URL('https://app.example.org/token'), { fetch })(request());
    expect(given).toBe('https://app.example.org/token');
  });

  test.each([
    ['{ token: null }', { token: null }],
    ['{ jwt: null }', { jwt: null }],
    ['{ data: { token: null } }', { data: { token: null } }],
  ])('answers %s for a guest', async (_, body) => {
    handle = (_request, response) => response.end(JSON.stringify(body));
    expect(await tokenEndpoint(url)(request())).toBeNull();
  });

  test.each([
    ['data.token', { data: { token: 'a', expiresIn: 5 } }, { token: 'a', expiresIn: 5 }],
    ['result.jwt', { result: { jwt: 'a' }, expires_in: 5 }, { token: 'a', expiresIn: 5 }],
    ['the nearest first', { token: 'a', data: { token: 'b' } }, { token: 'a' }],
    ['expires_at', { token: 'a', expires_at: '2030-01-01T00:00:00Z' }, { expiresAt: '2030-01-01T00:00:00Z' }],
  ])('may answer with %s', async (_, body, expected) => {
    handle = (_request, response) => response.end(JSON.stringify(body));
    expect(await tokenEndpoint(url)(request())).toMatchObject(expected);
  });

  test.each([
    [{ token: { value: 'x', ttl: 300 } }, /whose token is an object with value,ttl, not text/],
    [{ token: 42 }, /whose token is a number, not text/],
    [{ data: { jwt: ['x'] } }, /without a token: an object with data/],
    [{}, /without a token: an object\./],
    [[1], /without a token: a list/],
  ])('that answers %j is told what it answered', async (body, message) => {
    handle = (_, response) => response.end(JSON.stringify(body));
    expect(await failure()).toMatchObject({
      code: 'token_malformed',
      message: expect.stringMatching(message),
    });
  });

  test('takes no token that all objects have', async () => {
    Object.assign(Object.prototype, { jwt: 'polluted' });
    try {
      handle = (_, response) => response.end('{"room":"standup"}');
      expect((await failure()).code).toBe('token_malformed');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'jwt');
    }
  });

  test.each(['{"token":"abc', '["abc"', '"abc'])(
    'that answers %s has answered no opaque token',
    async (body) => {
      handle = (_, response) => response.end(body);
      expect((await failure()).message).toContain('JSON that is cut off');
    },
  );

  test('whose body is shorter than it said fails with token_unavailable', async () => {
    const fetch = async () => new Response('abc', { headers: { 'content-length': '10' } });
    expect(await failure({ fetch })).toMatchObject({
      code: 'token_unavailable',
      message: expect.stringContaining('a part of its body only'),
    });
    const packed = { 'content-length': '10', 'content-encoding': 'gzip' };
    const answer = await tokenEndpoint(url, { fetch: async () => new Response('abc', { headers: packed }) })(
      request(),
    );
    expect(answer).toMatchObject({ token: 'abc' });
  });

  test('whose body cannot be decoded is there all the same', async () => {
    handle = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip');
    expect(await failure()).toMatchObject({
      code: 'token_unavailable',
      message: expect.stringContaining('cannot be decoded'),
    });
  });

  test('that redirects to a login page is told with its address', async () => {
    handle = ({ url: path }, response) => {
      if (path === '/login') response.end('<form>');
      else response.writeHead(303, { location: '/login' }).end();
    };
    expect((await failure()).message).toContain('/login, which answered HTML');
  });

  test('that redirects in a circle is told so', async () => {
    handle = (_, response) => response.writeHead(307, { location: '/room-token' }).end();
    expect((await failure()).message).toContain('redirects in a circle');
  });

  test.each([
    ['cf-mitigated', 403, { 'cf-mitigated': 'challenge' }, 'token_unavailable'],
    ['cf-mitigated', 401, { 'cf-mitigated': 'challenge' }, 'token_unavailable'],
    ['HTML', 403, { 'content-type': 'text/html; charset=utf-8' }, 'token_unavailable'],
    ['HTML', 401, { 'content-type': 'text/html' }, 'token_denied'],
    ['JSON', 403, { 'content-type': 'application/json' }, 'token_denied'],
  ])('that answers %s with %d: whose refusal it is', async (_, status, headers, code) => {
    handle = (_request, response) => response.writeHead(status, headers as never).end();
    expect((await failure()).code).toBe(code);
  });

  test('denies by what the app sees in the response', async () => {
    const denied = (status: number, { headers }: Response) => status === 403 && !headers.has('x-firewall');
    handle = (_, response) => response.writeHead(403, { 'x-firewall': 'yes' }).end();
    expect((await failure({ denied })).code).toBe('token_unavailable');
  });

  test('tells the time in its body only where neither Date nor iat does', async () => {
    const own = Date.UTC(2031, 0, 1);
    const answerOf = (token: string, headers?: HeadersInit) =>
      tokenEndpoint(url, {
        fetch: async () => Response.json({ token, serverTime: own }, { headers: headers ?? {} }),
      })(request());
    expect(await answerOf('opaque')).toMatchObject({ serverTime: own });
    expect(await answerOf(jwt)).toMatchObject({ serverTime: undefined });
    const date = 'Sat, 05 Jan 2030 10:00:00 GMT';
    expect(await answerOf('opaque', { date })).toMatchObject({ serverTime: Date.parse(date) + 500 });
  });

  test('keeps no cause with a token in it', async () => {
    const fetch = () => Promise.reject(new TypeError(`Failed to fetch https://example.org/?jwt=${jwt}`));
    const error = await failure({ fetch });
    expect(error).toMatchObject({ code: 'token_unavailable', cause: undefined });
  });

  test('that is not there fails with token_unavailable and keeps the cause', async () => {
    const error = await failure({}, 'http://127.0.0.1:1/room-token');
    expect(error.code).toBe('token_unavailable');
    expect(error.message).toContain('could not be reached');
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  test('that breaks off in the middle fails with token_unavailable', async () => {
    handle = (_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('eyJ', () => response.destroy());
    };
    expect((await failure()).code).toBe('token_unavailable');
  });

  test('stops at once when the request is aborted, in the head and in the body', async () => {
    const aborted = new AbortController();
    handle = (_, response) => response.write('eyJ', () => aborted.abort(new Error('enough')));
    const answer = tokenEndpoint(url)(request({ signal: aborted.signal }));
    await expect(answer).rejects.toThrow('enough');
    await expect(tokenEndpoint(url)(request({ signal: aborted.signal }))).rejects.toThrow('enough');
  });

  test('is asked over https only, except on this machine or where the app allows it', async () => {
    const fetched: string[] = [];
    const fetch = async (target: unknown) => {
      fetched.push(`${target}`);
      return new Response(jwt);
    };
    const error = await failure({ fetch }, 'http://example.org/room-token');
    expect(error).toMatchObject({ code: 'token_denied' });
    expect(error.message).toContain('not https');
    expect(fetched).toEqual([]);
    const allowed = ['https://example.org/', 'http://localhost:80/', 'http://a.localhost/', 'http://[::1]/'];
    for (const address of allowed) await tokenEndpoint(address, { fetch })(request());
    await tokenEndpoint('http://example.org/', { fetch, allowInsecure: true })(request());
    expect(fetched).toHaveLength(5);
    expect((await failure({ fetch }, 'http://localhost.example.org/')).code).toBe('token_denied');
  });

  test.each([
    ['an error body', 400, (token: string) => `bad token ${token}`],
    ['a denial', 403, (token: string) => JSON.stringify({ token })],
    ['a field name', 200, (token: string) => JSON.stringify({ [token]: 1 })],
    ['a field with another name', 200, (token: string) => JSON.stringify({ room_token: token })],
    ['text with spaces', 200, (token: string) => `your token: ${token}`],
  ])('that echoes a token in %s brings it into no error', async (_, status, body) => {
    handle = (_request, response) => response.writeHead(status).end(body(jwt));
    const outcome = await Promise.resolve(tokenEndpoint(`${url}?secret=${jwt}`)(request())).catch(
      (error: unknown) => error,
    );
    if (!(outcome instanceof Error)) return; // text: the refresher refuses it
    const text = inspect(outcome, { depth: 9, showHidden: true }) + outcome.message + outcome.stack;
    for (const part of jwt.split('.')) expect(text).not.toContain(part.slice(0, 20));
  });
});
