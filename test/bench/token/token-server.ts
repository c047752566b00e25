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
  /** Where a redirect led. */
  readonly url?: string;
}

export interface Reaction {
  readonly answer: Answer | 'hang' | 'refuse';
  readonly latencyMs: number;
}

const lastGood = new WeakMap<Tab, Answer>();
/** The token that a backend keeps, and when it was made. */
const kept = new WeakMap<
  Tab,
  { readonly madeAt: number; readonly token: string; readonly idToken: string }
>();
let made = 0;

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function jwt(claims: object): string {
  const id = `${made++}`;
  return `${base64({ alg: 'RS256', typ: 'JWT', kid: 'k' })}.${base64({ jti: id, ...claims })}.${base64({ signature: id.padStart(32, '0') })}`;
}

/** When the token ends by the server's clock, ms from the start of the run. */
export function endOf(token: string): number {
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    exp: number;
  };
  return exp * 1000 - epoch;
}

interface Good {
  readonly tellsEnd?: boolean;
  readonly madeAt?: number | undefined;
  readonly inWords?: boolean | undefined;
}

function goodAnswer(tab: Tab, { tellsEnd = false, madeAt = tab.now, inWords = false }: Good = {}): Answer {
  const life = tab.options.lifeMs / 1000;
  // Servers write whole seconds.
  const iat = Math.floor((epoch + madeAt + tab.serverShiftMs) / 1000);
  const exp = iat + life;
  const identity = {
    iss: 'https://app.example.org/',
    aud: 'app',
    sub: 'ada',
    session_id: 's',
    sid: 's',
    azp: 'app',
  };
  const before = kept.get(tab);
  const { token, idToken } =
    before?.madeAt === madeAt
      ? before
      : {
          token: jwt({ ...identity, iat, exp, room: 'standup', role: 'authenticated' }),
          idToken: jwt({ ...identity, iat, exp }),
        };
  kept.set(tab, { madeAt, token, idToken });
  const left = Math.floor((madeAt - tab.now) / 1000) + life;
  const body = {
    token,
    access_token: token,
    id_token: idToken,
    refresh_token: jwt({ ...identity, iat, exp: iat + 10_000_000, typ: 'Refresh' }),
    participant_token: token,
    server_url: 'wss://media.example.org',
    token_type: 'Bearer',
    scope: 'openid offline_access',
    expires_in: inWords ? `${left / 60}m` : left,
    // Supabase's server says both.
    ...(tellsEnd && { expires_at: exp }),
    user: { id: 'ada', aud: 'authenticated', email: 'ada@example.org', app_metadata: {}, user_metadata: {} },
  };
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...dateOf(tab) },
    body: JSON.stringify(body),
  };
}

function dateOf({ now, serverShiftMs, dateShiftMs }: Tab): Record<string, string> {
  if (dateShiftMs === undefined) return {};
  return { date: new Date(epoch + now + serverShiftMs + dateShiftMs).toUTCString() };
}

function react(tab: Tab, url: URL, outcome: Outcome): Answer | 'hang' | 'refuse' {
  const date = dateOf(tab);
  switch (outcome.kind) {
    case 'good': {
      const answer = goodAnswer(tab, { ...outcome, tellsEnd: url.pathname.startsWith('/auth') });
      lastGood.set(tab, answer);
      return answer;
    }
    case 'stale':
      return lastGood.get(tab) ?? goodAnswer(tab);
    case 'html':
    case 'portal':
      return {
        status: 200,
        headers: { 'content-type': 'text/html', ...date },
        body: '<!doctype html><h1>Sign in',
        ...(outcome.kind === 'portal' && { url: 'https://portal.example.net/hello' }),
      };
    case 'status': {
      const headers: Record<string, string> = { 'content-type': 'application/json', ...date };
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
