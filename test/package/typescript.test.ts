/** Projects in TypeScript that are not the newest, or not like ours. */
import { beforeAll, expect, test } from 'vitest';
import { entries } from '../../entries.ts';
import { makeProject, type Project } from './project.ts';

const limitMs = 120_000;
let project: Project;

beforeAll(() => {
  project = makeProject();
  project.write(
    'all.ts',
    entries.map(({ name }, index) => `export * as entry${index} from '${name}';`).join('\n'),
  );
  project.write(
    'app.ts',
    `import { RoomSession, type RoomSessionError } from 'room-session';
     import { antMedia } from 'room-session/ant-media';
     import { TokenRefresher } from 'room-session/token';
     import { FakeAdapter } from 'room-session/testing';
     export const session = new RoomSession({ adapter: antMedia({ websocketUrl: 'wss://media.example.org/app/websocket' }) });
     export const vendor = session.vendor?.publishToken;
     export const cause = (error: RoomSessionError): unknown => error.cause;
     // @ts-expect-error: the types are there, and not any.
     session.join(12);
     export { FakeAdapter, TokenRefresher };`,
  );
});

const node10 = '--moduleResolution node10 --ignoreDeprecations 6.0';

test.each([
  ['bundler', '--target es2022 --module esnext --moduleResolution bundler --exactOptionalPropertyTypes'],
  ['node, ES modules', `--target es2022 --module esnext ${node10}`],
  ['node, CommonJS', `--target es2022 --module commonjs ${node10} --esModuleInterop`],
  ['nodenext, CommonJS', '--target es2022 --module nodenext --moduleResolution nodenext'],
  ['node16, CommonJS', '--target es2022 --module node16 --moduleResolution node16'],
])(
  'each entry point compiles with moduleResolution %s',
  (_, flags) => {
    for (const file of ['all.ts', 'app.ts']) expect(project.compile(file, flags), file).toBe('');
  },
  limitMs,
);

test.each([
  ['ES2020', 'es2020,dom', 'es2020'],
  ['ES2020 with iterable DOM lists', 'es2020,dom,dom.iterable', 'es2020'],
  ['ES2021', 'es2021,dom', 'es2021'],
  ['the newest lib', 'esnext,dom', 'esnext'],
])(
  'each entry point compiles with %s, and the libraries are checked',
  (_, lib, target) => {
    const flags = `--lib ${lib} --target ${target} --module esnext --moduleResolution bundler`;
    for (const file of ['all.ts', 'app.ts']) expect(project.compile(file, flags), file).toBe('');
  },
  limitMs,
);
