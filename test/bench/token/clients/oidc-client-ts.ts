import { User, UserManager } from 'oidc-client-ts';
import { first } from './first.ts';

export const note = 'UserManager with automaticSilentRenew and refresh tokens; signed in before';

export async function start() {
  const manager = new UserManager({
    authority: 'https://app.example.org',
    client_id: 'app',
    redirect_uri: 'https://app.example.org/room',
    scope: 'openid offline_access',
    automaticSilentRenew: true,
    metadata: {
      issuer: 'https://app.example.org/',
      token_endpoint: 'https://app.example.org/token',
      authorization_endpoint: 'https://app.example.org/authorize',
    },
  });
  let token: string | undefined;
  manager.events.addUserLoaded((user) => {
    token = user.access_token;
  });
  const { access_token, id_token, refresh_token, expires_in, profile } = first();
  token = access_token;
  const user = new User({
    access_token,
    id_token,
    refresh_token,
    token_type: 'Bearer',
    scope: 'openid offline_access',
    profile: profile as unknown as User['profile'],
    expires_at: Math.floor(Date.now() / 1000) + expires_in,
  });
  await manager.storeUser(user);
  await manager.getUser();
  return { token: () => token, stop: () => manager.stopSilentRenew() };
}
