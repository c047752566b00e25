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
