import type { Settings, SettingsPatch } from '../server/settings.ts';

/** Where the media server is: the real one that the development server was told of, or its own stand-in. */
export interface MediaServerAddress {
  readonly websocketUrl: string;
  /** False for the stand-in, which has faults to turn on. */
  readonly isReal: boolean;
}

/** Asks the development server for the media server's address; any other web server means the stand-in's path. */
export async function mediaServerAddress(app = 'LiveApp'): Promise<MediaServerAddress> {
  const own = new URL(`/${app}/websocket`, location.href);
  own.protocol = own.protocol === 'https:' ? 'wss:' : 'ws:';
  const config = await readJson(fetch('/config')).catch(() => undefined);
  const real = (config as { websocketUrl?: string | null } | undefined)?.websocketUrl;
  return { websocketUrl: real ?? own.href, isReal: typeof real === 'string' };
}

/** A deployment of Jitsi: a real one that the development server was told of, or its own stand-in. */
export interface JitsiDeployment {
  readonly domain: string;
  /** For JaaS the AppID. */
  readonly tenant: string | null;
  readonly isReal: boolean;
}

/** Asks the development server where meetings are. */
export async function jitsiDeployment(): Promise<JitsiDeployment> {
  return ((await readJson(fetch('/config'))) as { jitsi: JitsiDeployment }).jitsi;
}

/** A Janus: a real one that the development server was told of, or its own stand-in. */
export interface JanusAddress {
  readonly url: string;
  readonly isReal: boolean;
}

/** Asks the development server where Janus is. */
export async function janusAddress(): Promise<JanusAddress> {
  return ((await readJson(fetch('/config'))) as { janus: JanusAddress }).janus;
}

/** Which connections to cut off, and how. */
export interface Drop {
  readonly backend: 'ant-media' | 'janus' | 'jitsi';
  readonly room?: string;
  readonly identity?: string;
  readonly how: 'terminate' | 'close' | 'server_will_stop' | 'ice' | 'forget';
}

/** The development server's fault panel over HTTP. Each call rejects with a message for a person. */
export const faults = {
  read: (): Promise<Settings> => readJson(fetch('/faults')) as Promise<Settings>,
  patch: (patch: SettingsPatch): Promise<Settings> => post('/faults', patch) as Promise<Settings>,
  reset: (): Promise<Settings> => post('/faults/reset', {}) as Promise<Settings>,
  /** Resolves to how many connections were cut off. */
  drop: async (drop: Drop): Promise<number> =>
    ((await post('/faults/drop', drop)) as { dropped: number }).dropped,
  /** What clients see of a restart of Janus; resolves to how many connections were cut off. */
  restartJanus: async (): Promise<number> =>
    ((await post('/faults/restart', {})) as { dropped: number }).dropped,
  /** Does something to a meeting on Jitsi; resolves to how many pages or people it was done to. */
  jitsi: async (fault: { readonly do: string; readonly [field: string]: string }): Promise<number> =>
    ((await post('/faults/jitsi', fault)) as { done: number }).done,
};

function post(path: string, body: unknown): Promise<unknown> {
  const headers = { 'Content-Type': 'application/json' };
  return readJson(fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function readJson(request: Promise<Response>): Promise<unknown> {
  const response = await request.catch(() => {
    throw new Error('The development server does not answer. Is it still running?');
  });
  if (!response.headers.get('content-type')?.includes('json')) {
    throw new Error(`The development server answered ${response.status} and no JSON.`);
  }
  const body: unknown = await response.json();
  if (response.ok) return body;
  const { message = `status ${response.status}` } = Object(body) as { message?: string };
  throw new Error(`The development server refused: ${message}`);
}
