// A function that takes a Request and answers a Response: Cloudflare Workers, Vercel, Netlify, Deno, Bun. npm install jose
import { importPKCS8 } from 'jose';
import { janusToken } from './node.ts';
import { answerRoomToken, type RoomRules } from './requests.ts';

/** Yours: the private key in PEM, who is logged in, and who may join what. */
export function roomTokens(pem: string, rules: Omit<RoomRules<Request>, 'sign'>) {
  const privateKey = importPKCS8(pem, 'RS512');
  return {
    async fetch(request: Request): Promise<Response> {
      if (request.method !== 'POST') return Response.json({ error: 'post_only' }, { status: 405 });
      const asked = await request.json().catch(() => undefined);
      const { status, body } = await answerRoomToken(request, asked, {
        ...rules,
        sign: async (room, identity, lifetimeS) =>
          janusToken(await privateKey, { room, identity, lifetimeS }),
      });
      return Response.json(body, { status, headers: { 'Cache-Control': 'no-store' } });
    },
  };
}
