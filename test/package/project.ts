/** The package as users get it: packed, and unpacked into a project of its own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { entries } from '../../entries.ts';

/** What the tests look at in the packed package.json. */
export interface Manifest {
  readonly unpkg: string;
  readonly main: string;
  readonly types: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<'import' | 'require', Target>>>>;
  readonly typesVersions: Readonly<Record<'*', Readonly<Record<string, readonly string[]>>>>;
}

interface Target {
  readonly types: string;
  readonly default: string;
}

/** A project that has the package installed. */
export interface Project {
  readonly folder: string;
  /** Where the package lies in it. */
  readonly installed: string;
  readonly manifest: Manifest;
  /** Writes a file into the project. */
  write(name: string, text: string): void;
  /**
   * Compiles a file with these flags of TypeScript, and answers what the compiler printed.
   *
   * @param tsc the compiler. Default: the one of this repository
   */
  compile(name: string, flags: string, tsc?: string): string;
}

const root = join(import.meta.dirname, '../..');

/** Packs the built package and installs it in a new project, until the tests of the file have ended. */
export function makeProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'room-session-package-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const installed = join(folder, 'node_modules/room-session');
  execFileSync('npm', ['pack', '--pack-destination', folder, '--silent'], {
    cwd: root,
    shell: process.platform === 'win32',
  });
  mkdirSync(installed, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const packed = join(folder, `room-session-${version}.tgz`);
  execFileSync('tar', ['-xzf', packed, '-C', installed, '--strip-components=1']);
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest;
  for (const name of Object.keys(manifest.dependencies)) {
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
  // The frameworks that apps bring. Their own dependencies are found from where they really are.
  mkdirSync(join(folder, 'node_modules/@types'));
  for (const name of ['react', '@types/react', 'vue']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('package.json', '{ "name": "app", "private": true }');
  return {
    ...{ folder, installed, manifest, write },
    compile(name, flags, tsc = join(root, 'node_modules/typescript/bin/tsc')) {
      const parameters = [tsc, '--noEmit', '--strict', ...flags.split(' '), ...name.split(' ')];
      const { stdout, stderr } = spawnSync(process.execPath, parameters, { cwd: folder, encoding: 'utf8' });
      return stdout + stderr;
    },
  };
}

/** The files of {@link writeTypedApp}. */
export const typedFiles: readonly string[] = ['all.ts', 'app.ts'];

/** Writes an app in TypeScript: one file with every entry point, one that uses some. */
export function writeTypedApp(project: Project): void {
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
}
