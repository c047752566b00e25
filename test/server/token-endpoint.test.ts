// @vitest-environment node
import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../../dev/server/server.ts';
import type { EndpointSettings } from '../../dev/server/settings.ts';

const secret = 'a secret of the tests, 32 characters or more';
let server: DevServer;

beforeAll(async () => {
  server = await startServer({ vite: false, secret });
});
afterAll(() => server.close());
afterEach(() => fetch(`${server.url}/faults/reset`, { method: 'POST' }));

const post = (body: unknown, init: RequestInit = {}): Promise<Response> =>
  fetch(`${server.url}/token`, { method: 'POST', body: JSON.stringify(body), ...init });
const fault = (endpoint: Partial<EndpointSettings>): EndpointSettings =>
  Object.assign(server.settings.endpoint, endpoint);

/** The claims of a JWT whose signature was checked by hand. */
function claimsOf(token: string): Record<string, unknown> {
  const [header = '', payload = '', signature] = token.split('.');
  expect(createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')).toBe(signature);
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
}

describe('POST /token', () => {
  it('takes from the query what the body does not say', async () => {
    const ask = async (path: string) => {
      const body = JSON.stringify({ room: 'standup' });
      const { token } = (await (await fetch(server.url + path, { method: 'POST', body })).json()) as {
        token: string;
      };
      return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    };
    expect(await ask('/token?backend=janus')).toMatchObject({ room_ids: ['standup'] });
    expect(await ask('/token?room=elsewhere')).toMatchObject({ streamId: 'standup' });
  });

  it('answers with a JWT for the room that is signed with the secret', async () => {
    const response = await post({ room: 'standup', identity: 'anna' });
    const { token, ...rest } = (await response.json()) as { token: string };
    const claims = claimsOf(token);
    expect(response.status).toBe(200);
    expect(rest).toEqual({ expiresIn: 60 });
    expect(claims).toEqual({
      streamId: 'standup',
      type: 'publish',
      iat: expect.any(Number),
      exp: Number(claims['iat']) + 60,
    });
    expect(Math.abs(Number(claims['iat']) - Date.now() / 1000)).toBeLessThan(2);
  });

  it('says what time it is and that nobody may store the answer', async () => {
    const { headers } = await post({ room: 'standup' });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(Math.abs(Date.parse(headers.get('date') ?? '') - Date.now())).toBeLessThan(2000);
  });

  it('follows the settings for lifetime, type, room and server URL', async () => {
    Object.assign(server.settings, {
      tokenLifetimeS: 5,
      tokenType: 'play',
      tokenRoom: 'other',
      serverUrl: 'wss://b',
    });
    const body = (await (await post({ room: 'standup' })).json()) as { token: string };
    const claims = claimsOf(body.token);
    expect(body).toMatchObject({ expiresIn: 5, serverUrl: 'wss://b' });
    expect(claims).toMatchObject({ streamId: 'other', type: 'play', exp: Number(claims['iat']) + 5 });
  });

  it('gives opaque tokens in one-time mode, each another one', async () => {
    server.settings.oneTime = true;
    const first = (await (await post({ room: 'standup' })).json()) as { token: string };
    const second = (await (await post({ room: 'standup' })).json()) as { token: string };
    expect(first.token).toMatch(/^[\w-]{20,}$/);
    expect(second.token).not.toBe(first.token);
  });

  it.each([
    ['no JSON', 'room=standup', 'bad_json'],
    ['a list', '["standup"]', 'bad_json'],
    ['no room', '{}', 'bad_room'],
    ['a room that is no text', '{"room":7}', 'bad_room'],
    ['an identity that is no text', '{"room":"standup","identity":7}', 'bad_identity'],
    ['another backend', '{"room":"standup","backend":"other"}', 'unknown_backend'],
  ])('refuses %s', async (_what, body, error) => {
    const response = await post(null, { body });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error, message: expect.any(String) });
  });

  it('refuses a body of more than 64 KiB', async () => {
    expect((await post({ room: 'x'.repeat(70_000) })).status).toBe(413);
  });

  it('refuses GET', async () => {
    expect((await fetch(`${server.url}/token`)).status).toBe(405);
  });

  it('refuses pages of another origin', async () => {
    const response = await post({ room: 'standup' }, { headers: { Origin: 'https://example.org' } });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: 'foreign_origin' });
    expect((await post({ room: 'standup' }, { headers: { Origin: server.url } })).status).toBe(200);
  });
});

describe('the fault', () => {
  it('down destroys the connection', async () => {
    fault({ mode: 'down' });
    await expect(post({ room: 'standup' })).rejects.toThrow();
  });

  it('slow answers after the delay', async () => {
    fault({ mode: 'slow', delayMs: 150 });
    const start = performance.now();
    expect((await post({ room: 'standup' })).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(140);
  });

  it('hang never answers', async () => {
    fault({ mode: 'hang' });
    await expect(post({ room: 'standup' }, { signal: AbortSignal.timeout(150) })).rejects.toThrow();
  });

  it('refuse answers the status of the settings, 403 by default', async () => {
    fault({ mode: 'refuse' });
    expect((await post({ room: 'standup' })).status).toBe(403);
    fault({ status: 401 });
    expect((await post({ room: 'standup' })).status).toBe(401);
  });

  it('rate-limited answers 429 with Retry-After', async () => {
    fault({ mode: 'rate-limited', retryAfterS: 7 });
    const response = await post({ room: 'standup' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
  });

  it.each([
    ['server-error', 500, 'application/json', /^\{"error"/],
    ['html', 200, 'text/html; charset=utf-8', /^<!doctype html>/],
    ['empty', 200, 'application/json', /^$/],
    ['undefined', 200, 'text/plain; charset=utf-8', /^undefined$/],
    ['no-token', 200, 'application/json', /^\{"room":"standup","expiresIn":60\}$/],
  ] as const)('%s answers %i with %s', async (mode, status, contentType, body) => {
    fault({ mode });
    const response = await post({ room: 'standup' });
    expect([response.status, response.headers.get('content-type')]).toEqual([status, contentType]);
    expect(await response.text()).toMatch(body);
  });

  it('expired answers a token that expired a minute ago, and no expiresIn', async () => {
    fault({ mode: 'expired' });
    const body = (await (await post({ room: 'standup' })).json()) as { token: string };
    expect(Object.keys(body)).toEqual(['token']);
    expect(Math.abs(Number(claimsOf(body.token)['exp']) + 60 - Date.now() / 1000)).toBeLessThan(2);
  });

  it('echo repeats the last token in the body of an error', async () => {
    const { token } = (await (await post({ room: 'standup' })).json()) as { token: string };
    fault({ mode: 'echo' });
    const response = await post({ room: 'standup' });
    expect(response.status).toBe(500);
    expect(await response.text()).toContain(token);
  });

  it('is over after the number of requests it was set for', async () => {
    fault({ mode: 'server-error', times: 2 });
    const statuses: number[] = [];
    for (let request = 0; request < 3; request += 1) statuses.push((await post({ room: 'standup' })).status);
    expect(statuses).toEqual([500, 500, 200]);
    expect(server.settings.endpoint).toMatchObject({ mode: 'ok', times: null });
  });
});

it('the log tells what each request got', async () => {
  const { last } = server.log;
  await post({ room: 'standup', identity: 'anna' });
  fault({ mode: 'refuse' });
  await post({ room: 'standup' });
  await post({});
  expect(server.log.since(last)).toMatchObject([
    { type: 'token', room: 'standup', identity: 'anna', outcome: 'ok', status: 200, expiresInMs: 60_000 },
    { type: 'token', room: 'standup', identity: null, outcome: 'refuse', status: 403 },
    { type: 'token', outcome: 'bad_room', status: 400 },
  ]);
});
