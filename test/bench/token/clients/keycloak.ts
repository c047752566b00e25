import Keycloak from 'keycloak-js';
import { first } from './first.ts';

export const note = 'updateToken(70) every 30 s, as its documentation tells apps to; signed in before';

export async function start() {
  const client = new Keycloak({ url: 'https://app.example.org', realm: 'r', clientId: 'app' });
  const { access_token, id_token, refresh_token } = first();
  await client.init({
    token: access_token,
    idToken: id_token,
    refreshToken: refresh_token,
    checkLoginIframe: false,
  });
  const timer = setInterval(() => client.updateToken(70).catch(() => {}), 30_000);
  return { token: () => client.token, stop: () => clearInterval(timer) };
}
