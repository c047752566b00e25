// @vitest-environment node
// Each recipe as it stands, behind a server of its own framework. Languages that this machine lacks are named in the log.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import fastify from 'fastify';
import { exportPKCS8, exportSPKI, generateKeyPair } from 'jose';
import jwt, { type JwtPayload } from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jitsiRoomClaim } from '../../examples/token-recipes/node.ts';
import { roomTokens as serverless } from '../../examples/token-recipes/serverless.ts';

const root = join(import.meta.dirname, '../..');
const recipes = join(root, 'examples/token-recipes');
const cache = join(root, '.cache/token-recipes');
const secret = 'a secret of more than thirty-two characters';
process.env['ROOM_SECRET'] = secret;

const { privateKey, publicKey } = await generateKeyPair('RS512', { extractable: true });
const pem = { private: await exportPKCS8(privateKey), public: await exportSPKI(publicKey) };
const mayJoin = (person: string) => person === 'ada';

/** A recipe in plain JavaScript. */
const recipe = (file: string) => import(/* @vite-ignore */ join(recipes, file));

interface Running {
  readonly url: string;
  close(): void;
}

/** Starts what prints `{"port": …}`. */
async function start(command: string, args: string[], cwd: string): Promise<Running> {
  const child: ChildProcess = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.once('data', (text) => resolve((JSON.parse(`${text}`) as { port: number }).port));
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}.`)));
  });
  return { url: `http://127.0.0.1:${port}`, close: () => child.kill() };
}

const succeeds = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Flask and PyJWT in a folder of their own, which the first run makes. `undefined` where there is no Python or registry. */
function pythonWithFlask(): string | undefined {
  const python = join(cache, 'python/bin/python');
  if (existsSync(python) && succeeds(python, '-c', 'import flask, jwt, cryptography')) return python;
  const packages = ['flask==3.1.3', 'pyjwt==2.15.1', 'cryptography==50.0.2'];
  const isThere =
    succeeds('python3', '-m', 'venv', join(cache, 'python')) &&
    succeeds(python, '-m', 'pip', 'install', '--quiet', ...packages);
  return isThere ? python : undefined;
}

function startGo(): Promise<Running> {
  const folder = join(cache, 'go');
  mkdirSync(join(folder, 'roomtokens'), { recursive: true });
  cpSync(join(recipes, 'room_tokens.go'), join(folder, 'roomtokens/room_tokens.go'));
  cpSync(join(import.meta.dirname, 'recipes/serve.go.txt'), join(folder, 'main.go'));
  writeFileSync(join(folder, 'go.mod'), 'module recipe\n\ngo 1.21\n');
  execFileSync('go', ['build', '-o', 'recipe', '.'], { cwd: folder });
  return start(join(folder, 'recipe'), [], folder);
}

const python = pythonWithFlask();
const frameworks: Record<string, (() => Promise<Running>) | undefined> = {
  async Express() {
    const { roomTokens } = await recipe('express.js');
    const personOf = (request: express.Request) => request.get('x-person');
    const server = express().use(roomTokens({ personOf, mayJoin })).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
  },
  async Fastify() {
    const { roomTokens } = await recipe('fastify.js');
    const app = fastify();
    app.register(roomTokens, {
      personOf: (request: { headers: Record<string, string> }) => request.headers['x-person'],
      mayJoin,
    });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    return { url, close: () => void app.close() };
  },
  async 'a serverless function'() {
    const handler = serverless(pem.private, {
      personOf: (request) => request.headers.get('x-person') ?? undefined,
      mayJoin,
    });
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const headers = new Headers(request.headers as Record<string, string>);
      const body = request.method === 'POST' ? Buffer.concat(chunks) : null;
      const method = request.method ?? 'GET';
      const answer = await handler.fetch(
        new Request(`http://localhost${request.url}`, { method, headers, body }),
      );
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
  },
  Flask: python
    ? () => start(python, [join(import.meta.dirname, 'recipes/serve.py'), recipes], cache)
    : undefined,
  Go: succeeds('go', 'version') ? startGo : undefined,
};
const there = Object.entries(frameworks).flatMap(([name, run]) => (run ? [{ name, run }] : []));
const missing = Object.keys(frameworks).filter((name) => !frameworks[name]);
console.log(`Token recipes that were not run: ${[...missing, 'PHP', 'Phoenix'].join(', ')}.`);

describe.each(there)('the token recipe for $name', ({ name, run }) => {
  let server: Running;
  const ask = (body: unknown, person?: string): Promise<Response> =>
    fetch(`${server.url}/api/room-token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(person && { 'x-person': person }) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  beforeAll(async () => {
    server = await run();
  }, 120_000);
  afterAll(() => server?.close());

  test('gives a token for the room, for some minutes, that no cache keeps', async () => {
    const response = await ask({ room: 'standup', identity: 'ada' }, 'ada');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { token, expiresIn } = (await response.json()) as { token: string; expiresIn: number };
    expect(expiresIn).toBe(300);
    const isJanus = name === 'a serverless function';
    const key = isJanus ? pem.public : secret;
    const claims = jwt.verify(token, key, { algorithms: [isJanus ? 'RS512' : 'HS256'] }) as JwtPayload;
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300);
    expect([claims['streamId'], claims['room'], claims['room_ids']].flat()).toContain('standup');
  });

  test('answers 401 to nobody, and 403 to who may not join', async () => {
    expect((await ask({ room: 'standup' })).status).toBe(401);
    expect((await ask({ room: 'standup' }, 'eve')).status).toBe(403);
  });

  test.each([
    ['a list', { room: ['standup', 'board'] }],
    ['every room', { room: '*' }],
    ['no room', {}],
    ['an empty name', { room: '' }],
    ['spaces', { room: '  ' }],
    ['a number', { room: 12 }],
    ['a very long name', { room: 'a'.repeat(201) }],
    ['null', null],
    ['a list in place of an object', ['standup']],
  ])('answers 400 to %s', async (_, body) => {
    expect((await ask(body, 'ada')).status).toBe(400);
  });

  test('gives no token for a body that is not JSON', async () => {
    const response = await ask('{"room": "stand', 'ada');
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('eyJ');
  });

  if (!/Flask|Go/.test(name)) return;
  test.each(['standup', 'Team Büro', 'ß-Team', 'party 🎉', '50% done', 'v1.2'])(
    'signs for all three servers, and encodes "%s" as Prosody does',
    async (room) => {
      const response = await fetch(`${server.url}/all`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ room, pem: pem.private }),
      });
      const tokens = (await response.json()) as { antMedia: string; janus: string; jitsi: string };
      const hs256 = { algorithms: ['HS256' as const] };
      expect(jwt.verify(tokens.antMedia, secret, hs256)).toMatchObject({ streamId: room, type: 'publish' });
      expect(jwt.verify(tokens.janus, pem.public, { algorithms: ['RS512'] })).toMatchObject({
        join_hub: true,
        kick_users: false,
        room_ids: [room],
      });
      const claims = jwt.verify(tokens.jitsi, secret, { ...hs256, issuer: 'my-app', audience: 'jitsi' });
      expect(claims).toMatchObject({
        room: jitsiRoomClaim(room),
        context: { user: { id: 'ada', name: 'Ada', moderator: 'false' } },
      });
    },
  );
});

describe('docs/token-servers.md', () => {
  const page = readFileSync(join(root, 'docs/token-servers.md'), 'utf8');
  test.each([
    'node.ts',
    'requests.ts',
    'express.js',
    'fastify.js',
    'serverless.ts',
    'room_tokens.py',
    'room_tokens.go',
    'room-tokens.php',
    'phoenix.ex',
  ])('leads to %s', (file) => {
    expect(existsSync(join(recipes, file))).toBe(true);
    expect(page).toContain(`(../examples/token-recipes/${file})`);
  });
});
