import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MediaServer } from './ant-media/media-server.ts';
import type { DropKind } from './ant-media/session.ts';
import type { EventLog } from './event-log.ts';
import { HttpError, readJsonObject, sendJson } from './http.ts';
import type { JanusServer } from './janus/janus-server.ts';
import type { JanusDropKind } from './janus/socket.ts';
import type { JitsiDropKind, JitsiServer } from './jitsi/jitsi-server.ts';
import { answerJitsiFault } from './jitsi/panel.ts';
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
  backend?: 'ant-media' | 'janus' | 'jitsi';
  /** An application of Ant Media: the others have none. */
  app?: string;
  room?: string;
  identity?: string;
  how?: DropKind | JitsiDropKind;
}

const backends: readonly string[] = ['ant-media', 'janus', 'jitsi'];
const dropKinds: readonly DropKind[] = ['terminate', 'close', 'server_will_stop', 'ice'];
const janusDropKinds: readonly JanusDropKind[] = ['terminate', 'close', 'ice', 'vanish'];
const jitsiDropKinds: readonly JitsiDropKind[] = ['terminate', 'forget'];

/**
 * The fault panel, for pages and tests:
 * - `GET /faults`: the settings; `POST /faults`: merges a JSON patch into them; `POST /faults/reset`.
 * - `POST /faults/drop` with `{backend?, app?, room?, identity?, how?}`: cuts sessions off, answers
 *   `{dropped: n}`. `how` is `terminate` (default); `close` or `ice`, not for Jitsi; for Janus `vanish`; for Ant Media
 *   `server_will_stop`; for Jitsi `forget`.
 * - `POST /faults/restart`: what clients see of a restart of Janus, answers `{dropped: n}`.
 * - `POST /faults/jitsi` with `{do, room?, identity?, …}`: does to a meeting what {@link JitsiServer} can, answers
 *   `{done: n}`.
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
      sendJson(response, 200, {
        dropped: await drop(readDrop(await readJsonObject(request)), { media, janus, jitsi }),
      });
      return true;
    case 'POST /faults/restart':
      sendJson(response, 200, { dropped: await janus.restart() });
      return true;
    case 'POST /faults/jitsi':
      sendJson(response, 200, { done: answerJitsiFault(await readJsonObject(request), jitsi) });
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
  const kinds: readonly string[] =
    { janus: janusDropKinds, jitsi: jitsiDropKinds }[String(backend)] ?? dropKinds;
  if (how !== undefined && !isOne(kinds, String(how)))
    throw new HttpError(400, 'bad_drop', `how must be one of ${kinds.join(', ')}`);
  return body;
}

/** Cuts off what fits in every backend that knows this way of it, or in the one that is named. */
async function drop(
  { backend, app, how = 'terminate', ...who }: DropBody,
  { media, janus, jitsi }: Pick<PanelParts, 'media' | 'janus' | 'jitsi'>,
): Promise<number> {
  const isFor = (name: string): boolean =>
    (backend ?? name) === name && (app === undefined || name === 'ant-media');
  const ofApp = app === undefined ? {} : { app };
  let dropped = 0;
  if (isFor('ant-media') && isOne(dropKinds, how)) dropped += await media.drop({ ...who, ...ofApp, how });
  if (isFor('janus') && isOne(janusDropKinds, how)) dropped += await janus.drop({ ...who, how });
  if (isFor('jitsi') && isOne(jitsiDropKinds, how)) dropped += jitsi.drop({ ...who, how });
  return dropped;
}

function isOne<Kind extends string>(kinds: readonly Kind[], how: string): how is Kind {
  return (kinds as readonly string[]).includes(how);
}
