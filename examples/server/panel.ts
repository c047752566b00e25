import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MediaServer } from './ant-media/media-server.ts';
import type { DropKind } from './ant-media/session.ts';
import type { EventLog } from './event-log.ts';
import { HttpError, readJsonObject, sendJson } from './http.ts';
import type { JanusServer } from './janus/janus-server.ts';
import type { JanusDropKind } from './janus/socket.ts';
import type { JitsiServer } from './jitsi/jitsi-server.ts';
import type { Settings } from './settings.ts';
import { patchSettings, restoreSettings, SettingsError } from './settings-patch.ts';

/** What the panel works with. */
export interface PanelParts {
  settings: Settings;
  /** What `POST /faults/reset` goes back to. */
  original: Settings;
  log: EventLog;
  media: MediaServer;
  janus: JanusServer;
  jitsi: JitsiServer;
}

/** The body of `POST /faults/drop`. */
interface DropBody {
  backend?: 'ant-media' | 'janus';
  /** An application of Ant Media: Janus has none. */
  app?: string;
  room?: string;
  identity?: string;
  how?: DropKind;
}

const backends: readonly string[] = ['ant-media', 'janus'];
const dropKinds: readonly string[] = ['terminate', 'close', 'server_will_stop', 'ice'] satisfies DropKind[];
const janusDropKinds: readonly string[] = ['terminate', 'close', 'ice'] satisfies JanusDropKind[];

/**
 * The fault panel, for pages and tests:
 * - `GET /faults`: the settings; `POST /faults`: merges a JSON patch into them; `POST /faults/reset`.
 * - `POST /faults/drop` with `{backend?, app?, room?, identity?, how?}`: cuts sessions off, answers
 *   `{dropped: n}`. `how` is `terminate` (default), `close`, `ice`, or for Ant Media `server_will_stop`.
 * - `POST /faults/restart`: what clients see of a restart of Janus, answers `{dropped: n}`.
 * - `GET /events?since=N`: the log after entry N (default 0), a JSON list.
 * - `GET /rooms`: who is in which room.
 *
 * @returns false when the path is none of these.
 * @throws HttpError for a request that is not understood.
 */
export async function answerPanelRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { settings, original, log, media, janus, jitsi }: PanelParts,
): Promise<boolean> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  switch (`${method} ${pathname}`) {
    case 'GET /faults':
      sendJson(response, 200, settings);
      return true;
    case 'POST /faults':
      applyPatch(settings, await readJsonObject(request));
      sendJson(response, 200, settings);
      return true;
    case 'POST /faults/reset':
      restoreSettings(settings, original);
      sendJson(response, 200, settings);
      return true;
    case 'POST /faults/drop':
      sendJson(response, 200, { dropped: await drop(readDrop(await readJsonObject(request)), media, janus) });
      return true;
    case 'POST /faults/restart':
      sendJson(response, 200, { dropped: await janus.restart() });
      return true;
    case 'GET /events':
      sendJson(response, 200, log.since(Number(searchParams.get('since')) || 0));
      return true;
    case 'GET /rooms':
      sendJson(response, 200, [...media.rooms(), ...janus.rooms(), ...jitsi.rooms()]);
      return true;
    default:
      return false;
  }
}

function applyPatch(settings: Settings, patch: unknown): void {
  try {
    patchSettings(settings, patch);
  } catch (error) {
    if (error instanceof SettingsError) throw new HttpError(400, 'bad_setting', error.message);
    throw error;
  }
}

function readDrop(body: Record<string, unknown>): DropBody {
  for (const [name, value] of Object.entries(body)) {
    if (!['backend', 'app', 'room', 'identity', 'how'].includes(name))
      throw new HttpError(400, 'bad_drop', `${name} is not a field.`);
    if (typeof value !== 'string') throw new HttpError(400, 'bad_drop', `${name} must be a string.`);
  }
  const { backend, how } = body;
  if (backend !== undefined && !backends.includes(String(backend)))
    throw new HttpError(400, 'bad_drop', `backend must be one of ${backends.join(', ')}`);
  const kinds = backend === 'janus' ? janusDropKinds : dropKinds;
  if (how !== undefined && !kinds.includes(String(how)))
    throw new HttpError(400, 'bad_drop', `how must be one of ${kinds.join(', ')}`);
  return body;
}

async function drop(
  { backend, ...request }: DropBody,
  media: MediaServer,
  janus: JanusServer,
): Promise<number> {
  const { app, how, ...who } = request;
  const ofAntMedia = backend === 'janus' ? 0 : await media.drop(request);
  if (backend === 'ant-media' || app !== undefined || how === 'server_will_stop') return ofAntMedia;
  return ofAntMedia + (await janus.drop({ ...who, ...(how === undefined ? {} : { how }) }));
}
