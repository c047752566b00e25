import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MediaServer } from './ant-media/media-server.ts';
import { EventLog } from './event-log.ts';
import { HttpError, requireOwnHost, requireSameOrigin, send, sendJson } from './http.ts';
import { JanusServer } from './janus/janus-server.ts';
import { keptJanusKeys } from './janus/keys.ts';
import { JanusTokens } from './janus/tokens.ts';
import { JitsiServer } from './jitsi/jitsi-server.ts';
import { type JitsiDeployment, JitsiTokens } from './jitsi/tokens.ts';
import { answerPanelRequest } from './panel.ts';
import { isPrivateFile } from './private-files.ts';
import { defaultSettings, type Settings, type SettingsPatch } from './settings.ts';
import { patchSettings } from './settings-patch.ts';
import { answerTokenRequest } from './token-endpoint.ts';
import { Tokens } from './tokens.ts';

/** How to start the server. */
export interface DevServerOptions {
  /** Default 0: any free port. */
  port?: number;
  /** What differs from the default settings; also what a reset goes back to. */
  settings?: SettingsPatch;
  /** false: no pages, only the token endpoint, the fault panel and the media servers. Default true. */
  vite?: boolean;
  /** false: pages are never reloaded when a file changes. Default true. */
  watch?: boolean;
  /** The secret tokens are signed with, 32 characters or more. Default: a random one per server. */
  secret?: string;
  /** The websocket address of a real Ant Media Server for the pages; told them at `GET /config`. */
  antMediaUrl?: string;
  /** The websocket address of a real Janus for the demo page; told it at `GET /config`. Default: the stand-in. */
  janusUrl?: string;
  /** A PEM file of the private key that Janus's tokens are signed with; made where it is not there. Default: a key of this process. */
  janusKeyFile?: string;
  /** A real Jitsi deployment, or JaaS, for the pages; told them at `GET /config`. Default: the stand-in. */
  jitsi?: JitsiDeployment;
}

/** A running server. */
export interface DevServer {
  /** `http://localhost:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** The live settings: a change counts from the next request or command on. */
  readonly settings: Settings;
  readonly log: EventLog;
  /** Who is in which room and which sessions there are to cut off: what the panel does, without HTTP. */
  readonly media: MediaServer;
  /** The same of the Janus part. */
  readonly janus: JanusServer;
  /** The same of the Jitsi part. */
  readonly jitsi: JitsiServer;
  /**
   * The newest tokens (up to 1000 for each backend), oldest first, those of Janus and of Jitsi last: for tests
   * that look for leaks. Not to be had over HTTP.
   */
  issuedTokens(): readonly string[];
  /** Ends every session and connection; nothing is left that would keep the process alive. */
  close(): Promise<void>;
}

/**
 * Starts the development server on 127.0.0.1: token endpoint, fault panel, media servers and pages on one
 * port.
 *
 * @throws When the port is taken (`EADDRINUSE`) or a setting is wrong.
 */
export async function startServer(options: DevServerOptions = {}): Promise<DevServer> {
  const settings = defaultSettings();
  patchSettings(settings, options.settings ?? {});
  const original = structuredClone(settings);
  const log = new EventLog();
  const tokens = new Tokens(options.secret);
  const janusTokens = new JanusTokens(options.janusKeyFile ? keptJanusKeys(options.janusKeyFile) : undefined);
  const media = new MediaServer({ settings, tokens, log });
  const janus = new JanusServer({ settings, tokens: janusTokens, log });
  const jitsiTokens = new JitsiTokens(options.jitsi);
  const jitsi = new JitsiServer({ settings, tokens: jitsiTokens, log });

  const server = createServer();
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://localhost:${port}`;

  const watch = options.watch ?? true;
  const pages = options.vite === false ? undefined : await createPagesFor(server, watch);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', url);
    const reading = request.method === 'GET' || request.method === 'HEAD';
    requireOwnHost(request);
    const node = /^\/([A-Za-z0-9_-]+)\/node$/.exec(pathname)?.[1];
    if (node !== undefined && reading) return answerNodeRequest(response, node, port);
    if (await jitsi.answer(request, response)) return;
    requireSameOrigin(request);
    if (pathname === '/token') {
      if (request.method !== 'POST') throw new HttpError(405, 'bad_method', 'Ask with POST.');
      return answerTokenRequest(request, response, { settings, tokens, janusTokens, jitsiTokens, log });
    }
    if (pathname === '/config' && reading)
      return sendJson(response, 200, {
        websocketUrl: options.antMediaUrl ?? null,
        janus: { url: options.janusUrl ?? '/janus', isReal: options.janusUrl !== undefined },
        jitsi: {
          // Another name for this machine, so that the frame is of another origin, as it is in real life.
          domain: options.jitsi?.domain ?? `127.0.0.1:${port}/jitsi`,
          tenant: options.jitsi?.jaas?.appId ?? null,
          isReal: options.jitsi !== undefined,
        },
      });
    if (pathname === '/janus/public-key.der' && reading) return sendPublicKey(response, janusTokens);
    if (await answerPanelRequest(request, response, { settings, original, log, media, janus, jitsi })) return;
    if (pathname === '/' && reading) return send(response, 302, 'text/plain', '', { Location: '/dev/' });
    if (!pages) throw new HttpError(404, 'not_found', 'There is nothing here.');
    if (isPrivateFile(pathname)) throw new HttpError(404, 'not_found', 'There is nothing here.');
    pages.middlewares(request, response);
  };

  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => answerError(response, error));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (!isOfOurPages(request))
      return socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    if (media.upgrade(request, socket, head) || janus.upgrade(request, socket, head)) return;
    if (jitsi.upgrade(request, socket, head)) return;
    const isLiveReload = request.headers['sec-websocket-protocol']?.startsWith('vite-') ?? false;
    if (!(pages && watch && isLiveReload)) socket.destroy();
  });
  server.on('clientError', (_error, socket) => socket.destroy());

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    await Promise.all([media.close(), janus.close(), jitsi.close(), pages?.close()]);
    server.closeAllConnections();
    await closed;
  };
  return {
    url,
    port,
    settings,
    log,
    media,
    janus,
    jitsi,
    issuedTokens: () => [...tokens.issued, ...janusTokens.issued, ...jitsiTokens.issued],
    close: () => (closing ??= close()),
  };
}

function isOfOurPages(request: IncomingMessage): boolean {
  try {
    requireSameOrigin(request);
    return true;
  } catch {
    return false;
  }
}

async function createPagesFor(server: ReturnType<typeof createServer>, watch: boolean) {
  // Loaded here because it is large: a test that needs no page starts without it.
  const { createPages } = await import('./pages.ts');
  try {
    return await createPages(server, { watch });
  } catch (error) {
    server.close();
    throw error;
  }
}

/**
 * The address of one node of a cluster, for the client's `httpEndpointUrl`. Open to pages of other servers, as
 * the real one is: a test may keep its page here and its media there.
 */
function answerNodeRequest(response: ServerResponse, app: string, port: number): void {
  const body = {
    fqdn: 'localhost',
    websocket_url: `ws://localhost:${port}/${app}/websocket`,
    http_url: `http://localhost:${port}/${app}/node`,
  };
  sendJson(response, 200, body, { 'Access-Control-Allow-Origin': '*' });
}

/** The key to point the `auth_key` of a real Janus at. */
function sendPublicKey(response: ServerResponse, { publicKeyDer }: JanusTokens): void {
  response
    .writeHead(200, { 'Content-Type': 'application/octet-stream', 'Cache-Control': 'no-store' })
    .end(publicKeyDer);
}

function answerError(response: ServerResponse, error: unknown): void {
  if (error instanceof HttpError) {
    sendJson(response, error.status, { error: error.error, message: error.message });
    return;
  }
  // A client that left in the middle of its own request is no fault of ours.
  if (response.destroyed) return;
  console.error('The request failed:', error);
  sendJson(response, 500, { error: 'server_error', message: 'The request failed; the console says why.' });
}
