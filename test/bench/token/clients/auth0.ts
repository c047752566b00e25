import { Auth0Client, CacheKey, InMemoryCache } from '@auth0/auth0-spa-js';
import { every5s } from './app.ts';
import { first } from './first.ts';

export const note =
  'getTokenSilently with refresh tokens; asked every 5 s, since it refreshes when asked; signed in before';

export async function start() {
  const cache = new InMemoryCache().enclosedCache;
  const client = new Auth0Client({
    domain: 'app.example.org',
    clientId: 'app',
    cache,
    useRefreshTokens: true,
    authorizationParams: { scope: 'openid offline_access' },
  });
  const { access_token, id_token, refresh_token, expires_in, profile } = first();
  const expiresAt = Math.floor(Date.now() / 1000) + expires_in;
  const key = new CacheKey({ clientId: 'app', scope: 'openid offline_access', audience: 'default' });
  await cache.set(key.toKey(), {
    expiresAt,
    body: {
      access_token,
      id_token,
      refresh_token,
      expires_in,
      client_id: 'app',
      audience: 'default',
      scope: 'openid offline_access',
      decodedToken: { claims: profile as never, user: profile as never },
    } as never,
  });
  return every5s(() => client.getTokenSilently());
}
