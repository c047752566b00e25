// Fastify: npm install fastify jose
import { jitsiToken } from './node.ts';
import { answerRoomToken, secretKey } from './requests.ts';

const key = secretKey(process.env.ROOM_SECRET);
const deployment = { appId: 'my-app', domain: 'meet.example.org' };

/** Yours: `personOf(request)` is who is logged in, `mayJoin(person, room)` who may join what. */
export async function roomTokens(fastify, { personOf, mayJoin }) {
  const sign = (room, person, lifetimeS) =>
    jitsiToken(key, { room, lifetimeS, ...deployment, user: { id: person, name: person } });
  fastify.post('/api/room-token', async (request, reply) => {
    const { status, body } = await answerRoomToken(request, request.body, { personOf, mayJoin, sign });
    return reply.code(status).header('Cache-Control', 'no-store').send(body);
  });
}
