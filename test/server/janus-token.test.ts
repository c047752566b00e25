// @vitest-environment node
import { createPublicKey } from 'node:crypto';
import { compactVerify, decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../../dev/server/server.ts';
import type { EndpointMode } from '../../dev/server/settings.ts';

let server: DevServer;

beforeAll(async () => {
  server = await startServer({ vite: false });
});
afterAll(() => server.close());
afterEach(() => fetch(`${server.url}/faults/reset`, { method: 'POST' }));

const post = (fields: object = {}): Promise<Response> =>
  fetch(`${server.url}/token`, {
    method: 'POST',
    body: JSON.stringify({ room: 'standup', backend: 'janus', ...fields }),
  });
const tokenOf = async (response: Promise<Response>): Promise<string> =>
  ((await (await response).json()) as { token: string }).token;

describe('POST /token for janus', () => {
  it('answers with a token for the room', async () => {
    const response = await post({ identity: 'anna' });
    const { token, ...rest } = (await response.json()) as { token: string };
    const claims = decodeJwt(token);
    expect(rest).toEqual({ expiresIn: 60 });
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS512', typ: 'JWT' });
    expect(claims).toEqual({
      join_hub: true,
      kick_users: false,
      room_ids: ['standup'],
      sub: 'anna',
      aud: 'webrtc_auth',
      iat: expect.any(Number),
      exp: Number(claims.iat) + 60,
    });
    expect(server.issuedTokens().at(-1)).toBe(token);
  });

  it('is anonymous without an identity', async () => {
    expect(decodeJwt(await tokenOf(post())).sub).toBe('anon');
  });

  it('signs with the key whose public half it gives away as PKCS#1 DER', async () => {
    const response = await fetch(`${server.url}/janus/public-key.der`);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    const key = createPublicKey({
      key: Buffer.from(await response.arrayBuffer()),
      format: 'der',
      type: 'pkcs1',
    });
    await expect(compactVerify(await tokenOf(post()), key)).resolves.toBeDefined();
  });

  it('follows the settings', async () => {
    Object.assign(server.settings, { tokenLifetimeS: 5, tokenRoom: 'other', serverUrl: 'ws://b/janus' });
    Object.assign(server.settings.janus, { kickUsers: true, joinHub: false });
    const body = (await (await post()).json()) as { token: string };
    const claims = decodeJwt(body.token);
    expect(body).toMatchObject({ expiresIn: 5, serverUrl: 'ws://b/janus' });
    expect(claims).toMatchObject({ kick_users: true, join_hub: false, room_ids: ['other'] });
    expect(claims.exp).toBe(Number(claims.iat) + 5);
  });

  it.each(['RS256', 'HS256'] as const)('signs with %s, for tests of what is refused', async (algorithm) => {
    server.settings.janus.algorithm = algorithm;
    expect(decodeProtectedHeader(await tokenOf(post())).alg).toBe(algorithm);
  });

  it.each([
    ['refuse', 403],
    ['rate-limited', 429],
    ['server-error', 500],
    ['html', 200],
  ] satisfies [EndpointMode, number][])('has the fault %s', async (mode, status) => {
    Object.assign(server.settings.endpoint, { mode });
    const response = await post();
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('eyJ');
  });

  it('has the fault expired', async () => {
    server.settings.endpoint.mode = 'expired';
    const { exp } = decodeJwt(await tokenOf(post()));
    expect(Math.abs(Number(exp) + 60 - Date.now() / 1000)).toBeLessThan(2);
  });

  it('has the fault echo, with a token of its own kind', async () => {
    const token = await tokenOf(post());
    server.settings.endpoint.mode = 'echo';
    expect(await (await post()).text()).toContain(token);
  });

  it('is in the log by its backend', async () => {
    const { last } = server.log;
    await post({ identity: 'anna' });
    expect(server.log.since(last)).toMatchObject([
      { type: 'token', room: 'standup', identity: 'anna', backend: 'janus', outcome: 'ok', status: 200 },
    ]);
  });
});
