import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DropRequest, MediaServer } from './ant-media/media-server.ts';
import type { DropKind } from './ant-media/session.ts';
import type { EventLog } from './event-log.ts';
import { HttpError, readJsonObject, sendJson } from './http.ts';
import type { Settings } from './settings.ts';
import { patchSettings, restoreSettings, SettingsError } from './settings-patch.ts';

/** What the panel works with. */
export interface PanelParts {
  settings: Settings;
  /** What `POST /faults/reset` goes back to. */
  original: Settings;
  log: EventLog;
  media: MediaServer;
}

const dropKinds: readonly string[] = ['terminate', 'close', 'server_will_stop', 'ice'] satisfies DropKind[];

/**
 * The fault panel, for pages and tests:
 * - `GET /faults`: the settings; `POST /faults`: merges a JSON patch into them; `POST /faults/reset`.
 * - `POST /faults/drop` with `{app?, room?, identity?, how?}`: cuts sessions off, answers `{dropped: n}`.
 * - `GET /events?since=N`: the log after entry N (default 0), a JSON list.
 * - `GET /rooms`: who is in which room.
 *
 * @returns false when the path is none of these.
 * @throws HttpError for a request that is not understood.
 */
export async function answerPanelRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { settings, original, log, media }: PanelParts,
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
      sendJson(response, 200, { dropped: await media.drop(readDrop(await readJsonObject(request))) });
      return true;
    case 'GET /events':
      sendJson(response, 200, log.since(Number(searchParams.get('since')) || 0));
      return true;
    case 'GET /rooms':
      sendJson(response, 200, media.rooms());
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

function readDrop(body: Record<string, unknown>): DropRequest {
  for (const [name, value] of Object.entries(body)) {
    if (!['app', 'room', 'identity', 'how'].includes(name))
      throw new HttpError(400, 'bad_drop', `${name} is not a field.`);
    if (typeof value !== 'string') throw new HttpError(400, 'bad_drop', `${name} must be a string.`);
  }
  const { how } = body;
  if (how !== undefined && !dropKinds.includes(String(how)))
    throw new HttpError(400, 'bad_drop', `how must be one of ${dropKinds.join(', ')}`);
  return body;
}
