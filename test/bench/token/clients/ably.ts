import * as Ably from 'ably';
import { askApp } from './app.ts';

export const note =
  'Realtime with authCallback; stand-in for its server, which asks for another token 30 s before the end';

export function start() {
  let token: string | undefined;
  const client = new Ably.Realtime({
    useBinaryProtocol: false,
    transports: ['web_socket'],
    authCallback: async (_, callback) => {
      try {
        const { status, answer } = await askApp();
        if (status === 401 || status === 403) {
          callback(new Ably.ErrorInfo('refused', 40300, 403) as never, null);
          return;
        }
        token = answer.token;
        callback(null, token);
      } catch (error) {
        callback(`${error}`, null);
      }
    },
  });
  return { token: () => token, stop: () => client.close() };
}
