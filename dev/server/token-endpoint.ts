import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { isRoomName } from '../../examples/token-recipes/node.ts';
import type { EventLog } from './event-log.ts';
import { HttpError, readJsonObject, send } from './http.ts';
import type { JanusTokens } from './janus/tokens.ts';
import { parseRoomAddress } from './jitsi/room-address.ts';
import type { JitsiTokens } from './jitsi/tokens.ts';
import type { EndpointMode, EndpointSettings, Settings } from './settings.ts';
import type { Tokens } from './tokens.ts';

/** What the endpoint works with. */
export interface TokenEndpointParts {
  settings: Settings;
  tokens: Tokens;
  janusTokens: JanusTokens;
  jitsiTokens: JitsiTokens;
  log: EventLog;
}

interface TokenRequest {
  room: string;
  identity: string | null;
  backend: 'ant-media' | 'janus' | 'jitsi';
  /** For Jitsi. */
  role: 'moderator' | 'participant' | 'guest';
}

interface Answer {
  status: number;
  body: string;
  contentType?: string;
  headers?: OutgoingHttpHeaders;
  expiresInMs?: number;
}

const json = (status: number, body: unknown, headers: OutgoingHttpHeaders = {}): Answer => ({
  status,
  body: JSON.stringify(body),
  headers,
});

/**
 * `POST /token` with `{room, identity?, backend?, role?}`, of which any may stand in the query instead: answers
 * `{token, expiresIn}` (s), or `{subscriberId, subscriberCode}` with `totpPeriodS`, and `serverUrl` when the setting says so, or whatever fault `settings.endpoint.mode` asks for.
 * `backend` is `ant-media` (default), `janus` or `jitsi`; `role` is for Jitsi: `participant` (default), `moderator`, or
 * `guest`, who is answered `null`: no token. A real endpoint would first look at who asks; this one gives a token to
 * anybody on this machine.
 *
 * @throws HttpError for a body that is not understood.
 */
export async function answerTokenRequest(
  request: IncomingMessage,
  response: ServerResponse,
  parts: TokenEndpointParts,
): Promise<void> {
  const asked = await readTokenRequest(request, parts.log);
  const { room, identity, backend } = asked;
  const mode = nextMode(parts.settings.endpoint);
  const record = (status: number | null, expiresInMs?: number): void =>
    parts.log.add({
      type: 'token',
      room,
      identity,
      ...(backend === 'ant-media' ? {} : { backend }),
      outcome: mode,
      status,
      ...(expiresInMs === undefined ? {} : { expiresInMs }),
    });

  if (mode === 'down' || mode === 'hang') {
    record(null);
    if (mode === 'down') request.socket.destroy();
    return;
  }
  if (mode === 'slow' && !(await delay(parts.settings.endpoint.delayMs, response))) return record(null);
  const { status, body, contentType, headers, expiresInMs } = await answerFor(mode, asked, parts);
  record(status, expiresInMs);
  send(response, status, contentType ?? 'application/json', body, headers);
}

async function readTokenRequest(request: IncomingMessage, log: EventLog): Promise<TokenRequest> {
  try {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const {
      room,
      identity = null,
      backend = 'ant-media',
      role = 'participant',
    } = { ...Object.fromEntries(searchParams), ...(await readJsonObject(request)) };
    if (!isRoomName(room))
      throw new HttpError(400, 'bad_room', 'room must be a name of 1 to 200 characters without *.');
    if (identity !== null && typeof identity !== 'string')
      throw new HttpError(400, 'bad_identity', 'identity must be a string.');
    if (backend !== 'ant-media' && backend !== 'janus' && backend !== 'jitsi')
      throw new HttpError(400, 'unknown_backend', 'backend must be ant-media, janus or jitsi.');
    if (role !== 'moderator' && role !== 'participant' && role !== 'guest')
      throw new HttpError(400, 'bad_role', 'role must be moderator, participant or guest.');
    return { room, identity, backend, role };
  } catch (error) {
    if (error instanceof HttpError)
      log.add({ type: 'token', room: '', identity: null, outcome: error.error, status: error.status });
    throw error;
  }
}

/** The mode for this request; counts `times` down. */
function nextMode(endpoint: EndpointSettings): EndpointMode {
  const { mode } = endpoint;
  if (endpoint.times !== null) {
    endpoint.times -= 1;
    if (endpoint.times <= 0) Object.assign(endpoint, { mode: 'ok', times: null });
  }
  return mode;
}

/** Resolves with true after `ms`, or with false when the client left before. */
function delay(ms: number, response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const left = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      response.off('close', left);
      resolve(true);
    }, ms);
    response.once('close', left);
  });
}

async function answerFor(
  mode: EndpointMode,
  asked: TokenRequest,
  parts: TokenEndpointParts,
): Promise<Answer> {
  const { endpoint } = parts.settings;
  switch (mode) {
    case 'refuse':
      return json(endpoint.status, { error: 'refused', message: 'You may not enter this room.' });
    case 'rate-limited':
      return json(
        429,
        { error: 'rate_limited', message: 'Too many requests.' },
        { 'Retry-After': String(endpoint.retryAfterS) },
      );
    case 'server-error':
      return json(500, { error: 'server_error', message: 'Something went wrong here.' });
    case 'html':
      return { status: 200, body: signInPage, contentType: 'text/html; charset=utf-8' };
    case 'empty':
      return { status: 200, body: '' };
    case 'undefined':
      return { status: 200, body: 'undefined', contentType: 'text/plain; charset=utf-8' };
    case 'no-token':
      return json(200, { room: asked.room, expiresIn: parts.settings.tokenLifetimeS });
    case 'echo': {
      const { janusTokens, jitsiTokens, tokens } = parts;
      const { issued } = { 'ant-media': tokens, janus: janusTokens, jitsi: jitsiTokens }[asked.backend];
      const token = issued.at(-1) ?? (await issue(asked, parts)).token;
      return json(500, { error: 'server_error', message: `Could not store ${token}` });
    }
    case 'expired': {
      const { token } = await issue(asked, parts, -60);
      return { ...json(200, { token }), expiresInMs: -60_000 };
    }
    default: {
      if (asked.backend === 'jitsi' && asked.role === 'guest') return json(200, null);
      const { serverUrl, totpPeriodS, tokenType: type } = parts.settings;
      if (asked.backend === 'ant-media' && totpPeriodS !== null) {
        const streamId = parts.settings.tokenRoom ?? asked.room;
        const subscriberId = asked.identity ?? 'guest';
        const subscriberCode = parts.tokens.code({ subscriberId, streamId, type }, totpPeriodS);
        return json(200, { subscriberId, subscriberCode });
      }
      const { token, expiresIn } = await issue(asked, parts);
      const body = { token, expiresIn, ...(serverUrl === null ? {} : { serverUrl }) };
      return { ...json(200, body), expiresInMs: expiresIn * 1000 };
    }
  }
}

const signInPage = '<!doctype html><title>Sign in</title><p>Please sign in to go on.</p>';

async function issue(
  { room: askedRoom, identity, backend, role }: TokenRequest,
  { settings, tokens, janusTokens, jitsiTokens }: TokenEndpointParts,
  lifetimeS: number = settings.tokenLifetimeS,
): Promise<{ token: string; expiresIn: number }> {
  const room = settings.tokenRoom ?? askedRoom;
  return { token: await make(), expiresIn: lifetimeS };

  function make(): Promise<string> {
    const { tokenType: type, oneTime, tokenScope: scope, janus, jitsi } = settings;
    switch (backend) {
      case 'janus':
        return janusTokens.issue({ ...janus, room, identity, lifetimeS });
      case 'jitsi': {
        const [address, moderator] = [parseRoomAddress(room), role === 'moderator'];
        return jitsiTokens.issue({ address, identity, moderator, lifetimeS, fault: jitsi.tokenFault });
      }
      default:
        return tokens.issue({ room, type, lifetimeS, oneTime, scope });
    }
  }
}
