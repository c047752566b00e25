// @vitest-environment node
import { execFile, spawn } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compactVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DevServer, type DevServerOptions, startServer } from '../../dev/server/server.ts';
import { fetchJanusToken, JanusClient } from './support/janus-client.ts';

const janusUrl = 'wss://janus.example.org/janus';
let folder: string;
const servers: DevServer[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'janus-key-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

async function start(options: DevServerOptions): Promise<DevServer> {
  const server = await startServer({ vite: false, ...options });
  servers.push(server);
  return server;
}

const derKey = (der: Buffer) => createPublicKey({ key: der, format: 'der', type: 'pkcs1' });

describe('the demo before a real Janus', () => {
  it('is told the address of that, and of the stand-in without it', async () => {
    const config = async (server: DevServer) => (await fetch(`${server.url}/config`)).json();
    expect(await config(await start({ janusUrl }))).toMatchObject({ janus: { url: janusUrl, isReal: true } });
    expect(await config(await start({}))).toMatchObject({ janus: { url: '/janus', isReal: false } });
  });

  it('makes the key once, for its owner only, with the file for auth_key beside it', async () => {
    const janusKeyFile = join(folder, 'new.pem');
    const server = await start({ janusKeyFile });
    const made = readFileSync(janusKeyFile, 'utf8');
    expect(statSync(janusKeyFile).mode & 0o077).toBe(0);
    const der = readFileSync(`${janusKeyFile}.der`);
    await compactVerify(await fetchJanusToken(server, 'standup'), derKey(der));
    const served = await fetch(`${server.url}/janus/public-key.der`);
    expect(Buffer.from(await served.arrayBuffer())).toEqual(der);
    const later = await start({ janusKeyFile });
    expect(readFileSync(janusKeyFile, 'utf8')).toBe(made);
    await compactVerify(await fetchJanusToken(later, 'standup'), derKey(der));
  });

  it('takes a key that openssl made, as docs/janus-server.md says, and its stand-in takes the tokens too', async () => {
    const janusKeyFile = join(folder, 'janus.pem');
    const openssl = (...values: string[]) => promisify(execFile)('openssl', values);
    await openssl('genrsa', '-out', janusKeyFile, '2048');
    const der = join(folder, 'janus.der');
    await openssl('rsa', '-in', janusKeyFile, '-RSAPublicKey_out', '-outform', 'DER', '-out', der);
    const server = await start({ janusKeyFile });
    const token = await fetchJanusToken(server, 'standup');
    await compactVerify(token, derKey(readFileSync(der)));
    const client = await JanusClient.create(server);
    const { plugindata } = await (await client.attach()).join('standup', 'ann', token);
    expect(plugindata?.data.success).toBe(true);
    await client.close();
  });

  it.each(['no key at all', '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n'])(
    'does not start with a file that holds %j, and does not quote it',
    async (text) => {
      const janusKeyFile = join(folder, 'bad.pem');
      writeFileSync(janusKeyFile, text);
      const error = await start({ janusKeyFile }).catch((reason: Error) => reason.message);
      expect(error).toBe(`${janusKeyFile} holds no RSA private key in PEM of 2048 bits or more.`);
      expect(readFileSync(janusKeyFile, 'utf8')).toBe(text);
    },
  );

  it('is started by JANUS_URL and JANUS_KEY', { timeout: 30_000 }, async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const env = {
      ...process.env,
      PORT: String(port),
      JANUS_URL: janusUrl,
      JANUS_KEY: join(folder, 'main.pem'),
    };
    const main = spawn(process.execPath, ['dev/server/main.ts'], { env });
    let output = '';
    await new Promise<void>((resolve) => {
      main.stdout.on('data', (data) => {
        output += data;
        if (output.includes('Ctrl-C')) resolve();
      });
      main.once('exit', () => resolve());
    });
    const config = await (await fetch(`http://localhost:${port}/config`)).json();
    main.kill('SIGTERM');
    await new Promise((resolve) => main.once('exit', resolve));
    expect(output).toContain(`Janus:  ${janusUrl} (JANUS_URL), tokens signed with JANUS_KEY`);
    expect(config).toMatchObject({ janus: { url: janusUrl, isReal: true } });
    expect(output).not.toContain('PRIVATE KEY');
  });
});
