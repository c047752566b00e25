// @vitest-environment node
import { generateKeyPairSync } from 'node:crypto';
import jwt, { type JwtPayload } from 'jsonwebtoken';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../../../dev/server/server.ts';
import type { EndpointMode, JitsiTokenFault } from '../../../dev/server/settings.ts';

let server: DevServer;

beforeAll(async () => {
  server = await startServer({ vite: false });
});
afterAll(() => server.close());
afterEach(() => fetch(`${server.url}/faults/reset`, { method: 'POST' }));

const post = (fields: object = {}, at = server): Promise<Response> =>
  fetch(`${at.url}/token`, {
    method: 'POST',
    body: JSON.stringify({ room: 'StandUp', backend: 'jitsi', ...fields }),
  });
async function tokenOf(fields?: object, at = server): Promise<string> {
  return ((await (await post(fields, at)).json()) as { token: string }).token;
}
const claimsOf = (token: string) => jwt.decode(token) as JwtPayload;

describe('POST /token for jitsi', () => {
  it('answers with a token for the room, in lower case', async () => {
    const response = await post({ identity: 'anna' });
    const { token, ...rest } = (await response.json()) as { token: string };
    const claims = claimsOf(token);
    expect(rest).toEqual({ expiresIn: 60 });
    expect(claims).toEqual({
      iss: 'room-session',
      aud: 'jitsi',
      sub: 'meet.localhost',
      room: 'standup',
      context: { user: { id: 'anna', name: 'anna', moderator: 'false' } },
      nbf: Number(claims.iat) - 10,
      iat: expect.any(Number),
      exp: Number(claims.iat) + 60,
    });
    expect(server.issuedTokens().at(-1)).toBe(token);
  });

  it('makes moderators', async () => {
    const { context } = claimsOf(await tokenOf({ identity: 'anna', role: 'moderator' }));
    expect(context.user.moderator).toBe('true');
  });

  it('makes tokens out for a tenant', async () => {
    expect(claimsOf(await tokenOf({ room: 'Acme/standup' }))).toMatchObject({ sub: 'acme', room: 'standup' });
  });

  it('answers a guest with null and makes no token', async () => {
    const before = server.issuedTokens().length;
    const response = await post({ role: 'guest' });
    expect(response.status).toBe(200);
    expect(await response.json()).toBeNull();
    expect(server.issuedTokens()).toHaveLength(before);
  });

  it('refuses a role that is none', async () => {
    const response = await post({ role: 'host' });
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ error: 'bad_role' }),
    ]);
  });

  it('notes it without the token', async () => {
    const { seq } = server.log.since().at(-1) ?? { seq: 0 };
    const token = await tokenOf({ identity: 'anna' });
    const entries = server.log.since(seq);
    expect(entries).toMatchObject([{ type: 'token', room: 'StandUp', identity: 'anna', backend: 'jitsi' }]);
    expect(JSON.stringify(entries)).not.toContain(token.slice(0, 20));
  });

  it.each([
    ['early', 'early'],
    ['issuer', 'issuer'],
    ['no-room', 'room'],
    ['signature', 'signature'],
  ] satisfies [JitsiTokenFault, string][])('spoils tokens: %s', async (tokenFault, why) => {
    server.settings.jitsi.tokenFault = tokenFault;
    const token = await tokenOf();
    const socket = new WebSocket(`ws://localhost:${server.port}/jitsi/xmpp?room=standup&token=${token}`);
    socket.onopen = () => socket.send(JSON.stringify({ type: 'login', resume: null, page: '', name: '' }));
    await new Promise((resolve) => {
      socket.onmessage = resolve;
    });
    socket.close();
    const login = server.log.since().findLast((entry) => entry.type === 'jitsi-login');
    expect(login?.token).toMatchObject({ ok: false, why });
  });

  it.each([
    ['refuse', 403],
    ['rate-limited', 429],
    ['html', 200],
  ] satisfies [EndpointMode, number][])('has the fault %s', async (mode, status) => {
    server.settings.endpoint.mode = mode;
    const response = await post();
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('eyJ');
  });

  it('has the fault expired', async () => {
    server.settings.endpoint.mode = 'expired';
    const { exp } = claimsOf(await tokenOf());
    expect(Math.abs(Number(exp) + 60 - Date.now() / 1000)).toBeLessThan(2);
  });
});

describe('a real deployment', () => {
  const config = async (at: DevServer): Promise<unknown> => (await fetch(`${at.url}/config`)).json();

  it('is the stand-in unless it is named, at another name of this machine', async () => {
    expect(await config(server)).toMatchObject({
      jitsi: { domain: `127.0.0.1:${server.port}/jitsi`, tenant: null, isReal: false },
    });
  });

  it("gets tokens with Prosody's app_id and app_secret", async () => {
    const secret = 'the app_secret of a deployment somewhere else';
    const other = await startServer({
      vite: false,
      jitsi: { domain: 'meet.example.org', appId: 'my-app', secret },
    });
    expect(await config(other)).toMatchObject({
      jitsi: { domain: 'meet.example.org', tenant: null, isReal: true },
    });
    expect(
      jwt.verify(await tokenOf({}, other), secret, { algorithms: ['HS256'], issuer: 'my-app' }),
    ).toMatchObject({
      sub: 'meet.example.org',
    });
    await other.close();
  });

  it('gets tokens of JaaS with its API key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const appId = 'vpaas-magic-cookie-1';
    const other = await startServer({
      vite: false,
      jitsi: { domain: '8x8.vc', jaas: { appId, keyId: `${appId}/key`, privateKey } },
    });
    expect(await config(other)).toMatchObject({ jitsi: { domain: '8x8.vc', tenant: appId, isReal: true } });
    const token = await tokenOf({ identity: 'anna', role: 'moderator' }, other);
    const { header, payload } = jwt.verify(token, publicKey, { algorithms: ['RS256'], complete: true });
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: `${appId}/key` });
    expect(payload).toMatchObject({
      aud: 'jitsi',
      iss: 'chat',
      sub: appId,
      room: 'standup',
      context: { user: { id: 'anna', moderator: 'true' }, features: { recording: 'false' } },
    });
    await other.close();
  });
});
