import { TokenRefresher, tokenEndpoint } from '../../../../src/index.ts';

export const note =
  'TokenRefresher with tokenEndpoint and the browser clock; the token that onToken gave last';

export function start() {
  const source = tokenEndpoint('/token');
  let token: string | undefined;
  const refresher = new TokenRefresher((request) => source({ room: 'standup', ...request }), {
    onToken: (arrival) => {
      token = arrival.token.value;
    },
  });
  refresher.start();
  return { token: () => token, stop: () => refresher.stop() };
}
