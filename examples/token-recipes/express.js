// Express: npm install express jose
import express from 'express';
import { antMediaToken } from './node.ts';
import { answerRoomToken, secretKey } from './requests.ts';

const key = secretKey(process.env.ROOM_SECRET);

/** Yours: `personOf(request)` is who is logged in, `mayJoin(person, room)` who may join what. */
export function roomTokens({ personOf, mayJoin }) {
  const sign = (room, _person, lifetimeS) => antMediaToken(key, { room, lifetimeS });
  const router = express.Router();
  router.post('/api/room-token', express.json(), async (request, response) => {
    const { status, body } = await answerRoomToken(request, request.body, { personOf, mayJoin, sign });
    response.status(status).set('Cache-Control', 'no-store').json(body);
  });
  return router;
}
