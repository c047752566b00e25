/** Jest as apps have it: CommonJS, and no configuration. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { entries } from '../../entries.ts';
import { makeProject, type Project } from './project.ts';

const jests = join(import.meta.dirname, 'jest');
let project: Project;

beforeAll(() => {
  if (!existsSync(join(jests, 'node_modules'))) {
    const options = { cwd: jests, shell: process.platform === 'win32', encoding: 'utf8' } as const;
    const { status, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], options);
    if (status !== 0) throw new Error(`Jest could not be installed in ${jests}: ${stderr}`);
  }
  project = makeProject();
  project.write(
    'required.test.js',
    `const { RoomSession, RoomSessionError } = require('room-session');
     const { FakeAdapter } = require('room-session/testing');
     test('an app joins a room', async () => {
       const adapter = new FakeAdapter();
       const session = new RoomSession({ adapter });
       await session.join('standup');
       adapter.attempt.participantJoined({ id: 'ada' });
       expect(session.participants).toEqual([{ id: 'ada' }]);
       await session.leave();
     });
     test('an error is of one class, whichever entry point made it', () => {
       const { antMedia } = require('room-session/ant-media');
       const { RoomSessionError: Again } = require('room-session/token');
       expect(Again).toBe(RoomSessionError);
       expect(() => antMedia({ websocketUrl: 'nonsense' })).toThrow(RoomSessionError);
     });
     test.each(${JSON.stringify(entries.map(({ name }) => name))})('%s is there', (name) => {
       expect(Object.keys(require(name))).not.toEqual([]);
     });`,
  );
}, 300_000);

const inBrowser = ['--testEnvironmentOptions', '{"customExportConditions":["browser"]}'];

test.each([
  ['jest-29', 'as on Node', []],
  ['jest-29', 'as in a browser', inBrowser],
  ['jest-30', 'as on Node', []],
  ['jest-30', 'as in a browser', inBrowser],
] as const)(
  'the tests of an app start in %s without configuration, %s',
  (name, _, flags) => {
    const jest = join(jests, 'node_modules', name, 'bin/jest.js');
    const { status, stderr } = spawnSync(process.execPath, [jest, '--rootDir', project.folder, ...flags], {
      cwd: project.folder,
      encoding: 'utf8',
    });
    expect(stderr).toContain(`Tests:       ${entries.length + 2} passed`);
    expect(status).toBe(0);
  },
  120_000,
);
