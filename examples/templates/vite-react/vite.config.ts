import { SignJWT } from 'jose';
import { defineConfig, type Plugin } from 'vite';

const { WEBSOCKET_URL = '', ROOM_SECRET = '' } = process.env;
const lifetimeS = 300;

/** Yours: in production your backend signs, and knows who may join what. This one is for development. */
function roomTokens(): Plugin {
  const key = new TextEncoder().encode(ROOM_SECRET);
  return {
    name: 'room-tokens',
    configureServer({ middlewares }) {
      if (key.length < 32) throw new Error('Set ROOM_SECRET, 32 characters or more.');
      middlewares.use('/api/room-token', async (request, response) => {
        let text = '';
        for await (const chunk of request) text += chunk;
        const { room } = JSON.parse(text || '{}') as { room?: unknown };
        const isRoom = typeof room === 'string' && /^[^*]{1,100}$/.test(room);
        const token =
          isRoom &&
          (await new SignJWT({ streamId: room, type: 'publish' })
            .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
            .setIssuedAt()
            .setExpirationTime(`${lifetimeS}s`)
            .sign(key));
        response
          .writeHead(isRoom ? 200 : 400, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
          .end(JSON.stringify(isRoom ? { token, expiresIn: lifetimeS } : { error: 'no_room' }));
      });
    },
  };
}

export default defineConfig({
  plugins: [roomTokens()],
  define: { 'import.meta.env.VITE_WEBSOCKET_URL': JSON.stringify(WEBSOCKET_URL) },
  server: { host: '127.0.0.1' },
});
