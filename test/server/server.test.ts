// @vitest-environment node
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
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

it('noise on the port is survived', async () => {
  const socket = connect(server.port, '127.0.0.1', () => socket.write('no HTTP at all\r\n\r\n'));
  await new Promise((resolve) => socket.once('close', resolve));
  expect((await fetch(`${server.url}/config`)).status).toBe(200);
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
