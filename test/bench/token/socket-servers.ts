/** Stand-ins for the servers of Centrifugo and Ably: what they say about tokens, and nothing else. */

import { epoch } from './epoch.ts';
import type { ServerSocket } from './page.ts';
import { endOf } from './token-server.ts';

export function socketServer(socket: ServerSocket): (data: string) => void {
  return socket.url.includes('ably') ? ably(socket) : centrifugo(socket);
}

/** centrifugal.dev, "Client protocol": JSON commands, replies with the seconds that the token still lives. */
function centrifugo(socket: ServerSocket): (data: string) => void {
  let end = 0;
  const lifeLeft = () => Math.floor((end + epoch - socket.now()) / 1000);
  const ping = () => {
    socket.send('{}');
    socket.later(25_000, ping);
  };
  const watch = () => {
    const left = lifeLeft() + 25;
    if (left <= 0) socket.close(3005, 'connection expired');
    else socket.later(left * 1000, watch);
  };
  const answer = (command: { id: number; connect?: { token: string }; refresh?: { token: string } }) => {
    const { id, connect, refresh } = command;
    const token = (connect ?? refresh)?.token;
    if (token === undefined) return;
    end = endOf(token);
    const result = { client: 'c', version: '6', expires: true, ttl: lifeLeft() };
    const isOver = lifeLeft() <= 0;
    if (isOver && refresh) socket.close(3005, 'connection expired');
    else if (isOver) socket.send(JSON.stringify({ id, error: { code: 109, message: 'token expired' } }));
    else if (refresh) socket.send(JSON.stringify({ id, refresh: result }));
    else {
      socket.send(JSON.stringify({ id, connect: { ...result, ping: 25, pong: true } }));
      socket.later(25_000, ping);
      watch();
    }
  };
  return (data) => {
    for (const line of data.split('\n')) if (line.length > 2) answer(JSON.parse(line));
  };
}

/** ably.com, "Realtime protocol": 4 CONNECTED, 17 AUTH (asked for 30 s before the end), 6 DISCONNECTED, 0 HEARTBEAT. */
function ably(socket: ServerSocket): (data: string) => void {
  let version = 0;
  const beat = () => {
    socket.send('{"action":0}');
    socket.later(14_000, beat);
  };
  const accept = (token: string) => {
    const current = ++version;
    const left = () => endOf(token) + epoch - socket.now();
    const expire = () => {
      if (current !== version) return;
      const error = { code: 40142, statusCode: 401, message: 'Token expired' };
      socket.send(JSON.stringify({ action: 6, error }));
      socket.close(1000, '');
    };
    if (left() <= 0) return expire();
    const connectionDetails = { connectionKey: 'k', maxIdleInterval: 15_000, connectionStateTtl: 120_000 };
    socket.send(JSON.stringify({ action: 4, connectionId: 'c', connectionKey: 'k', connectionDetails }));
    socket.later(left() - 30_000, () => current === version && socket.send('{"action":17}'));
    socket.later(left(), expire);
  };
  socket.later(14_000, beat);
  const token =
    new URL(socket.url).searchParams.get('access_token') ??
    new URL(socket.url).searchParams.get('accessToken');
  socket.later(0, () => token && accept(token));
  return (data) => {
    const message = JSON.parse(data) as { action: number; auth?: { accessToken: string } };
    if (message.action === 17 && message.auth) accept(message.auth.accessToken);
    else if (message.action === 7) socket.close(1000, '');
  };
}
