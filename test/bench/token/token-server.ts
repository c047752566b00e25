/**
 * The token endpoint of the simulation. One body serves every client: the fields of a plain endpoint, of OAuth, of
 * Supabase's, LiveKit's and Keycloak's servers side by side, so that each library's own parsing runs.
 */

import { epoch } from './epoch.ts';
import type { Outcome } from './scenario.ts';
import type { Tab } from './tab.ts';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

interface Reaction {
  readonly answer: Answer | 'hang' | 'refuse';
  readonly latencyMs: number;
}

const lastGood = new WeakMap<Tab, Answer>();
let made = 0;

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function jwt(claims: object): string {
  const id = `${made++}`;
  return `${base64({ alg: 'RS256', typ: 'JWT', kid: 'k' })}.${base64({ jti: id, ...claims })}.${base64({ signature: id.padStart(32, '0') })}`;
}

/** When the token ends by true time, ms from the start of the run. */
export function endOf(token: string): number {
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    exp: number;
  };
  return exp * 1000 - epoch;
}

function goodAnswer(tab: Tab, tellsEnd = false): Answer {
  const { lifeMs } = tab.options;
  const now = epoch + tab.now;
  // Servers write whole seconds.
  const iat = Math.floor(now / 1000);
  const life = lifeMs / 1000;
  const identity = {
    iss: 'https://app.example.org/',
    aud: 'app',
    sub: 'ada',
    session_id: 's',
    sid: 's',
    azp: 'app',
  };
  const token = jwt({ ...identity, iat, exp: iat + life, room: 'standup', role: 'authenticated' });
  const body = {
    token,
    access_token: token,
    id_token: jwt({ ...identity, iat, exp: iat + life }),
    refresh_token: jwt({ ...identity, iat, exp: iat + 10_000_000, typ: 'Refresh' }),
    participant_token: token,
    server_url: 'wss://media.example.org',
    token_type: 'Bearer',
    scope: 'openid offline_access',
    expires_in: life,
    // Supabase's server says both.
    ...(tellsEnd && { expires_at: iat + life }),
    user: { id: 'ada', aud: 'authenticated', email: 'ada@example.org', app_metadata: {}, user_metadata: {} },
  };
  return {
    status: 200,
    headers: { 'content-type': 'application/json', date: new Date(now).toUTCString() },
    body: JSON.stringify(body),
  };
}

function react(tab: Tab, url: URL, outcome: Outcome): Answer | 'hang' | 'refuse' {
  const date = new Date(epoch + tab.now).toUTCString();
  switch (outcome.kind) {
    case 'good': {
      const answer = goodAnswer(tab, url.pathname.startsWith('/auth'));
      lastGood.set(tab, answer);
      return answer;
    }
    case 'stale':
      return lastGood.get(tab) ?? goodAnswer(tab);
    case 'html':
      return {
        status: 200,
        headers: { 'content-type': 'text/html', date },
        body: '<!doctype html><h1>Sign in',
      };
    case 'status': {
      const headers: Record<string, string> = { 'content-type': 'application/json', date };
      if (outcome.retryAfter !== undefined) headers['retry-after'] = `${outcome.retryAfter}`;
      return { status: outcome.status, headers, body: '{"error":"no","error_description":"no","msg":"no"}' };
    }
    default:
      return outcome.kind;
  }
}

export function tokenResponse(tab: Tab, url: URL): Reaction {
  if (!url.pathname.includes('token')) {
    const user = {
      id: 'ada',
      aud: 'authenticated',
      email: 'ada@example.org',
      app_metadata: {},
      user_metadata: {},
    };
    return {
      answer: { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(user) },
      latencyMs: 60,
    };
  }
  const outcome = tab.options.outcomeAt(tab.now);
  tab.requests.push({ at: tab.now, outcome });
  return { answer: react(tab, url, outcome), latencyMs: outcome.latencyMs };
}

/** A token as a library finds it in its storage at the start, where it needs one to begin with. */
export function firstToken(tab: Tab): Record<string, unknown> {
  const answer = goodAnswer(tab);
  lastGood.set(tab, answer);
  return JSON.parse(answer.body) as Record<string, unknown>;
}
