import { RoomSessionError } from '../../errors.ts';
import type { AntMediaOptions } from './options.ts';

/**
 * The websocket to open: the `serverUrl` of the token's answer, else the option `websocketUrl`; `undefined` where the
 * vendor is to ask `httpEndpointUrl`.
 *
 * @throws `invalid_argument` where there is none, or none that a page can open
 */
export function serverAddress(
  serverUrl: unknown,
  { websocketUrl, httpEndpointUrl }: AntMediaOptions,
): string | undefined {
  if (serverUrl !== undefined && serverUrl !== null)
    return checkedUrl(serverUrl, "the serverUrl of the token's answer");
  if (websocketUrl !== undefined) return checkedUrl(websocketUrl, 'websocketUrl');
  if (httpEndpointUrl !== undefined) return undefined;
  throw new RoomSessionError(
    'invalid_argument',
    'No media server to join: give antMedia a websocketUrl or an httpEndpointUrl, or answer a serverUrl with the token.',
  );
}

/** @throws `invalid_argument` unless `value` is the address of a websocket */
export function checkedUrl(value: unknown, name: string): string {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (!url || !/^wss?:$/.test(url.protocol)) {
    throw new RoomSessionError(
      'invalid_argument',
      `${name} must be the address of a websocket, such as wss://media.example.org:5443/LiveApp/websocket.`,
    );
  }
  const local = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'ws:' && globalThis.location?.protocol === 'https:' && !local) {
    throw new RoomSessionError('invalid_argument', `${name} must be wss: a page from https cannot open ws.`);
  }
  return url.href;
}
