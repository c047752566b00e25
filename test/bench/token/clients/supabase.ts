import { GoTrueClient } from '@supabase/auth-js';
import { first } from './first.ts';

export const note = 'GoTrueClient with autoRefreshToken; signed in before';

export async function start() {
  const client = new GoTrueClient({
    url: 'https://app.example.org/auth',
    autoRefreshToken: true,
    persistSession: true,
    detectSessionInUrl: false,
  });
  let token: string | undefined;
  client.onAuthStateChange((_, session) => {
    token = session?.access_token ?? token;
  });
  const { access_token, refresh_token } = first();
  await client.setSession({ access_token, refresh_token });
  return { token: () => token, stop: () => client.stopAutoRefresh() };
}
