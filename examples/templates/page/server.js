// Serves the page, and signs room tokens for Ant Media Server.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { SignJWT } from 'jose';

const { WEBSOCKET_URL = '', ROOM_SECRET = '', PORT = '3000' } = process.env;
const lifetimeS = 300;
const key = new TextEncoder().encode(ROOM_SECRET);
if (!/^wss?:/.test(WEBSOCKET_URL))
  throw new Error('Set WEBSOCKET_URL, such as wss://media.example.org:5443/LiveApp/websocket.');
if (key.length < 32) throw new Error('Set ROOM_SECRET, 32 characters or more.');

/** Yours: who is logged in, and who may join what. */
const mayJoin = (_request, _room) => true;

const vendor = /^\/vendor\/([\w.-]+\.js)$/;
const types = { html: 'text/html', js: 'text/javascript' };

async function fileFor(path) {
  const [, name] = vendor.exec(path) ?? [];
  if (name)
    return readFile(new URL(`node_modules/@antmedia/webrtc_adaptor/dist/es/${name}`, import.meta.url));
  if (path === '/room-session.js')
    return readFile(new URL('node_modules/room-session/dist/room-session.global.js', import.meta.url));
  return path === '/' ? readFile(new URL('index.html', import.meta.url)) : undefined;
}

async function roomToken(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { room } = JSON.parse(Buffer.concat(chunks).toString());
  if (typeof room !== 'string' || !/^[^*]{1,100}$/.test(room)) return [400, { error: 'no_room' }];
  if (!mayJoin(request, room)) return [403, { error: 'not_invited' }];
  const token = await new SignJWT({ streamId: room, type: 'publish' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt()
    .setExpirationTime(`${lifetimeS}s`)
    .sign(key);
  return [200, { token, expiresIn: lifetimeS }];
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const json = (status, body) =>
    response
      .writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
      .end(JSON.stringify(body));
  try {
    if (pathname === '/api/room-token' && request.method === 'POST')
      return json(...(await roomToken(request)));
    if (pathname === '/config') return json(200, { websocketUrl: WEBSOCKET_URL });
    const file = await fileFor(pathname);
    if (!file) return json(404, { error: 'not_found' });
    const type = types[pathname === '/' ? 'html' : 'js'];
    response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8` }).end(file);
  } catch (error) {
    console.error(error);
    json(error instanceof SyntaxError ? 400 : 500, { error: 'failed' });
  }
});
server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://localhost:${server.address().port}`));
