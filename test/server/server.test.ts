// @vitest-environment node
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { isPrivateFile } from '../../dev/server/private-files.ts';
import { type DevServer, startServer } from '../../dev/server/server.ts';

let server: DevServer;

beforeAll(async () => {
  server = await startServer({ vite: false });
});
afterAll(() => server.close());

const answers = (host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port: server.port, timeout: 500 });
    const end = (open: boolean) => (): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });

describe('startServer', () => {
  it('listens on 127.0.0.1 and no other address', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map(({ address }) => address)
      .filter((address) => address !== '127.0.0.1');
    expect(await answers('127.0.0.1')).toBe(true);
    for (const address of others) expect(await answers(address), address).toBe(false);
  });

  it('has its address in url and port', () => {
    expect(server.url).toBe(`http://localhost:${server.port}`);
  });

  it('rejects when the port is taken', async () => {
    await expect(startServer({ vite: false, port: server.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('rejects a secret that is too short', async () => {
    await expect(startServer({ vite: false, secret: 'short' })).rejects.toThrow(/32 characters/);
  });

  it('rejects a wrong setting', async () => {
    await expect(startServer({ vite: false, settings: { tokenLifetimeS: Number.NaN } })).rejects.toThrow(
      /^tokenLifetimeS must be/,
    );
  });

  it('keeps issued tokens for leak tests, in this process only', async () => {
    const body = JSON.stringify({ room: 'standup' });
    const response = await fetch(`${server.url}/token`, { method: 'POST', body });
    const { token } = (await response.json()) as { token: string };
    expect(server.issuedTokens().at(-1)).toBe(token);
  });
});

describe('a request', () => {
  it('for / is sent on to the start page', async () => {
    const response = await fetch(server.url, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/dev/']);
  });

  it('for an unknown path gets 404', async () => {
    expect((await fetch(`${server.url}/nothing/here`)).status).toBe(404);
  });

  it('with HEAD gets the head alone', async () => {
    const response = await fetch(`${server.url}/config`, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('under a foreign name gets 403', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.end('GET /faults HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n');
    });
    socket.once('data', (data) => resolve(String(data)));
    expect(await promise).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('for the node of an application gets its addresses, from any origin', async () => {
    const response = await fetch(`${server.url}/ShardB/node?source=sdk`, {
      headers: { Origin: 'https://example.org' },
    });
    const body = (await response.json()) as Record<string, string>;
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(body).toEqual({
      fqdn: 'localhost',
      websocket_url: `ws://localhost:${server.port}/ShardB/websocket`,
      http_url: expect.any(String),
    });
    expect((await fetch(body['http_url'] ?? '', { method: 'HEAD' })).status).toBe(200);
  });

  it('for the configuration gets the address of a real media server, if there is one', async () => {
    expect(await (await fetch(`${server.url}/config`)).json()).toMatchObject({ websocketUrl: null });
    const antMediaUrl = 'wss://media.example.org:5443/LiveApp/websocket';
    const other = await startServer({ vite: false, antMediaUrl });
    expect(await (await fetch(`${other.url}/config`)).json()).toMatchObject({ websocketUrl: antMediaUrl });
    await other.close();
  });
});

it('an upgrade to an unknown path is refused', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/LiveApp/other`);
  await expect(
    new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject)),
  ).rejects.toThrow();
});

describe('a socket', () => {
  const open = (path: string, protocol: string | undefined, headers: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, protocol, { headers });
      socket.once('open', () => resolve('open')).once('error', ({ message }) => resolve(message));
      socket.once('open', () => socket.terminate());
    });

  it.each([
    ['/LiveApp/websocket', undefined],
    ['/janus', 'janus-protocol'],
    ['/jitsi/xmpp-websocket?room=standup', 'xmpp'],
  ])('to %s is opened by pages of this server only', async (path, protocol) => {
    const refused = 'Unexpected server response: 403';
    const own = { Origin: `http://127.0.0.1:${server.port}` };
    expect(await open(path, protocol, { Origin: 'https://example.org' })).toBe(refused);
    expect(await open(path, protocol, { Origin: 'null' })).toBe(refused);
    expect(await open(path, protocol, { Origin: 'http://127.0.0.1:1' })).toBe(refused);
    expect(await open(path, protocol, { ...own, Host: 'example.org' })).toBe(refused);
    expect(await open(path, protocol, { Host: `localhost.example.org:${server.port}` })).toBe(refused);
    expect(await open(path, protocol, own)).not.toBe(refused);
    expect(await open(path, protocol, {})).not.toBe(refused);
  });
});

it('noise on the port is survived', async () => {
  const socket = connect(server.port, '127.0.0.1', () => socket.write('no HTTP at all\r\n\r\n'));
  await new Promise((resolve) => socket.once('close', resolve));
  expect((await fetch(`${server.url}/config`)).status).toBe(200);
});

describe('a key file', () => {
  const folder = '.cache/private-files';
  const names = [
    ...['key', 'pem', 'der', 'crt', 'cer', 'p8', 'p12', 'pfx', 'jks', 'keystore', 'ppk', 'asc', 'jwk'],
    ...['KEY', 'Pem'],
  ].map((ending) => `janus.${ending}`);
  const others = ['.env', '.env.local', '.npmrc', '.netrc', '.htpasswd', 'id_rsa', 'id_ed25519'];
  let pages: DevServer;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    for (const name of [...names, ...others, 'page.txt']) writeFileSync(`${folder}/${name}`, 'a secret');
    pages = await startServer({ watch: false });
  });
  afterAll(async () => {
    await pages.close();
    rmSync(folder, { recursive: true });
  });

  it.each([...names, ...others])('%s is never served, in whatever way it is asked for', async (name) => {
    const encoded = [...name].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
    const root = process.cwd();
    for (const path of [
      ...['', '?raw', '?url', '?import&raw', '?inline', '/', '%00', '::$DATA'].map(
        (end) => `/${folder}/${name}${end}`,
      ),
      `/${folder}/${encoded}`,
      `/${folder}/${encoded.replaceAll('%', '%25')}`,
      `/@fs${root}/${folder}/${name}`,
      `/@fs${root}/${folder}/${name}?raw`,
      `/examples/../${folder}/${name}`,
    ]) {
      const response = await fetch(pages.url + path);
      expect(await response.text(), path).not.toContain('a secret');
    }
  });

  it('is told from others', async () => {
    expect(await (await fetch(`${pages.url}/${folder}/page.txt`)).text()).toBe('a secret');
    expect(isPrivateFile('/src/key.ts')).toBe(false);
    expect(isPrivateFile('/node_modules/a/key-store.js')).toBe(false);
    expect(isPrivateFile('/%')).toBe(true);
  });
});

describe('close', () => {
  it('ends hanging requests and open sockets, and may be called twice', async () => {
    const other = await startServer({ vite: false, settings: { endpoint: { mode: 'hang' } } });
    const hanging = fetch(`${other.url}/token`, { method: 'POST', body: '{"room":"standup"}' });
    const ended = expect(hanging).rejects.toThrow();
    const socket = new WebSocket(`ws://127.0.0.1:${other.port}/LiveApp/websocket`);
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await Promise.all([other.close(), other.close()]);
    await Promise.all([ended, closed]);
  });

  it('leaves nothing that keeps the process alive, pages and sessions included', {
    timeout: 20_000,
  }, async () => {
    const script = `
      import { startServer } from ${JSON.stringify(import.meta.resolve('../../dev/server/server.ts'))};
      import { fetchToken, SignallingClient } from ${JSON.stringify(
        import.meta.resolve('./support/signalling-client.ts'),
      )};
      const server = await startServer({ settings: { media: { sessionHoldMs: 60_000 } } });
      const clients = [await SignallingClient.open(server), await SignallingClient.open(server)];
      const token = await fetchToken(server, { room: 'standup' });
      await clients[0].publish('standup', 'anna', token);
      await clients[1].publish('standup', 'ben', token);
      await clients[0].close();
      await server.close();
      await clients[1].close();
      const start = performance.now();
      process.on('exit', () => console.log(performance.now() - start < 1000 ? 'at once' : 'late'));`;
    const node = promisify(execFile);
    const { stdout, stderr } = await node(process.execPath, ['--input-type=module', '--eval', script]);
    expect([stdout.trim(), stderr]).toEqual(['at once', '']);
  });
});
