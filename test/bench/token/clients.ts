/** The clients, each bundled as an app would bundle it, and started in a simulated tab. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { First } from './clients/first.ts';
import { Tab } from './tab.ts';
import { firstToken } from './token-server.ts';

/** What a client's file gives: the token that the app would use at this moment. */
export interface Running {
  token(): string | undefined;
  stop(): void;
}

interface Module {
  readonly note: string;
  start(): Running | Promise<Running>;
}

export interface Client {
  readonly name: string;
  readonly version: string;
  readonly note: string;
  /** Of its bundle, minified. */
  readonly gzipBytes: number;
  start(tab: Tab): Promise<Running>;
}

const packages: Readonly<Record<string, string | undefined>> = {
  'room-session': undefined,
  'seed-recipe': undefined,
  ably: 'ably',
  centrifuge: 'centrifuge',
  livekit: 'livekit-client',
  'oidc-client-ts': 'oidc-client-ts',
  supabase: '@supabase/auth-js',
  auth0: '@auth0/auth0-spa-js',
  keycloak: 'keycloak-js',
};

export const clientNames: readonly string[] = Object.keys(packages);

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

async function bundle(path: string, minify: boolean): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [file(path)],
    bundle: true,
    minify,
    write: false,
    // A page's script, with what it exports in a variable.
    format: minify ? 'esm' : 'iife',
    ...(!minify && { globalName: '__client' }),
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

const gzipped = (code: string): number => gzipSync(code, { level: 9 }).length;

/** The size of `room-session/token` with all that it imports: minified, then gzip -9. */
export async function tokenEntryBytes(): Promise<number> {
  return gzipped(await bundle('../../../src/token/index.ts', true));
}

export async function loadClient(name: string): Promise<Client> {
  const path = `clients/${name}.ts`;
  const code = await bundle(path, false);
  const load = (tab: Tab): Module => {
    const { window, names } = tab.page;
    return new Function(...names, `${code}\nreturn __client;`)(
      ...names.map((each) => window[each]),
    ) as Module;
  };
  const idle = new Tab({ seed: 1, lifeMs: 1, outcomeAt: () => ({ kind: 'hang', latencyMs: 0 }) });
  const packageName = packages[name];
  return {
    name,
    note: load(idle).note,
    gzipBytes: gzipped(await bundle(path, true)),
    version: packageName ? versionOf(packageName) : '',
    async start(tab) {
      const { access_token, ...rest } = firstToken(tab) as unknown as First;
      const profile = JSON.parse(Buffer.from(rest.id_token.split('.')[1] ?? '', 'base64url').toString());
      tab.page.window['firstToken'] = { ...rest, access_token, profile };
      let running: Running | undefined;
      Promise.resolve(load(tab).start()).then(
        (result) => {
          running = result;
        },
        () => {},
      );
      await new Promise(setImmediate);
      return { token: () => running?.token(), stop: () => running?.stop() };
    },
  };
}

function versionOf(name: string): string {
  const path = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
