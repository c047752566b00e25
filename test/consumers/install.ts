/** What apps build with, installed in tools/ once: it is not part of the repository's own packages. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'tools');

/** Where the tools of apps are. */
export const modules: string = join(folder, 'node_modules');

/** Installs them where they are not there yet. @throws what npm says where it fails */
export function installTools(): void {
  if (existsSync(join(modules, 'next'))) return;
  const options = {
    cwd: folder,
    shell: process.platform === 'win32',
    encoding: 'utf8',
  } as const;
  const { status, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], options);
  if (status !== 0) throw new Error(`The tools of apps could not be installed: ${stderr}`);
}
