import { Centrifuge, UnauthorizedError } from 'centrifuge';
import { askApp } from './app.ts';

export const note =
  'Centrifuge.getToken; stand-in for the Centrifugo server, which says how long each token lives';

export function start() {
  let token: string | undefined;
  const client = new Centrifuge('wss://media.example.org/connection/websocket', {
    getToken: async () => {
      const { status, answer } = await askApp();
      if (status === 401 || status === 403) throw new UnauthorizedError('refused');
      token = answer.token;
      return token;
    },
  });
  client.connect();
  return { token: () => token, stop: () => client.disconnect() };
}
