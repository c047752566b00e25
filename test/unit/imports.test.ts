// @vitest-environment node
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fileOf, files, importsOf } from './structure/sources.ts';

interface Part {
  /** Files in src/ beside the one, or the folder, that the part is named after. */
  files?: string[];
  values?: string[];
  /** Allowed as `import type` only. */
  types?: string[];
}

/** Who may import whom in src/: parts, and npm packages by their names. `adapters/*` is each folder in adapters/. */
const arrows: Record<string, Part> = {
  index: { values: ['session', 'token'], types: ['adapter', 'log', 'report', 'emitter'] },
  session: {
    files: [
      'options',
      'checks',
      'join',
      'attempt',
      'attempt-errors',
      'attempt-calls',
      'join-refresher',
      'reconnect',
      'scope',
      'signals',
      'bind-members',
      'adapter-calls',
      'session-core',
      'local-participant',
      'speakers',
      'page-hide',
      'participants',
      'view',
      'borrowed-tracks',
      'recorder',
      'recorded-session',
      'session-id',
      'local-media',
      'own-devices',
      'open-devices',
      'published',
      'screen',
      'device-list',
      'capabilities',
      'message-checks',
      'events',
    ],
    values: ['clock', 'emitter', 'errors', 'report-error', 'timers', 'token', 'untrusted'],
    types: ['log', 'report', 'adapter'],
  },
  adapter: { files: ['connect-attempt', 'participant'], types: ['clock', 'session', 'token'] },
  timers: { types: ['clock'] },
  token: { values: ['clock', 'errors', 'report-error', 'untrusted', 'jwt-decode'] },
  errors: { files: ['secrets'] },
  emitter: { values: ['report-error', 'eventemitter3'] },
  'report-error': {},
  untrusted: {},
  clock: { files: ['wake'] },
  'adapters/shared': {
    files: ['load', 'failure', 'packets', 'check-url'].map((name) => `adapters/${name}`),
    values: ['errors'],
    types: ['adapter', 'clock', 'token'],
  },
  'adapters/*': {
    values: ['adapters/shared', 'errors', 'report-error', 'timers', 'untrusted'],
    types: ['adapter', 'clock', 'session', 'token'],
  },
  log: { values: ['clock'], types: ['errors', 'session', 'token'] },
  report: { values: ['log'], types: ['adapter', 'session'] },
  testing: { values: ['errors', 'session', 'token'], types: ['adapter', 'clock', 'events'] },
  aframe: { values: ['adapters/*', 'errors', 'session', 'token'] },
  bindings: { types: ['session', 'adapter', 'errors'] },
  react: { values: ['bindings', 'react'], types: ['session', 'adapter'] },
  vue: { values: ['bindings', 'vue'], types: ['session', 'adapter'] },
  global: { values: ['index', 'adapters/*', 'aframe'] },
};

/** These npm packages are imported in one file each. */
const packages: Record<string, string> = {
  eventemitter3: 'src/emitter.ts',
  'jwt-decode': 'src/token/jwt.ts',
};

/** `src/wake.ts` → `clock`, `src/token/jwt.ts` → `token`, `src/adapters/ant-media/index.ts` → `adapters/ant-media`. */
function partOf(file: string): string {
  const path = file
    .replace(/^src\//, '')
    .replace(/\.ts$/, '')
    .split('/');
  const name = path.slice(0, path[0] === 'adapters' ? 2 : 1).join('/');
  return Object.keys(arrows).find((part) => arrows[part]?.files?.includes(name)) ?? name;
}

const rowOf = (part: string): string =>
  part.startsWith('adapters/') && !(part in arrows) ? 'adapters/*' : part;

function wrongArrows(file: string): string[] {
  const part = partOf(file);
  const row = arrows[rowOf(part)];
  if (!row) return [`${file} has no row in the table`];
  return importsOf(file).flatMap(({ specifier, typeOnly }) => {
    const relative = specifier.startsWith('.');
    const target = relative ? partOf(fileOf(file, specifier)) : specifier;
    if (target === part) return [];
    const allowed = [...(row.values ?? []), ...(typeOnly ? (row.types ?? []) : [])];
    return allowed.includes(relative ? rowOf(target) : target) ? [] : [`${part} → ${target}`];
  });
}

describe('the sources', () => {
  test('import each other only along the arrows in the table', () => {
    expect(files.flatMap(wrongArrows)).toEqual([]);
  });

  test.each(Object.entries(packages))('import %s in %s only', (name, home) => {
    expect(files.filter((file) => importsOf(file).some(({ specifier }) => specifier === name))).toEqual([
      home,
    ]);
  });

  test('are files of at most 250 lines', () => {
    expect(files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 251)).toEqual([]);
  });
});
