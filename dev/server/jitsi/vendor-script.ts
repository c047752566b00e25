import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * The releases of the vendor's `external_api.js` that are here, as releases of the npm package with its sources, and what
 * the registry must send for each. The first one is the default.
 *
 * - `13.2.0`: September 2026.
 * - `11.1.2`: 2025; it has no `getConnectionStats`.
 * - `0.3.0`: 2023; it puts the token into the query only.
 */
export const vendorScripts = {
  '13.2.0': 'sha512-J7itSoy85IScxeC4letOtoS33Sp0tH5hLYFHYtH+v3WQwLjganuWlFCjlDbL5ks9ebGhVNsCyCBdML9qC+SAWw==',
  '11.1.2': 'sha512-NNwBOlYBiK/+mh+Em9dXjRFG5QWkeEsYoxZjyyvJvEcoERDbZNykbB2ps8rgxIezECeSF+cBpITT2IWYUy1nOA==',
  '0.3.0': 'sha512-qKMkeZve362yp48EPer+Ht0RyEwG83WBHCGdgnYaE86ZFQ+4BJaa6BSruZxYK1xFDVOuhqRAf3xHoNon83Lsyw==',
} as const;

export type VendorScriptVersion = keyof typeof vendorScripts;

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const run = promisify(execFile);
const scripts = new Map<VendorScriptVersion, Promise<string>>();

/**
 * The vendor's own script, from the vendor's sources. No package has it built, and the one with its sources would install
 * React Native. So its archive is fetched from the registry once, and the script is built beside the installed packages.
 */
export function vendorScript(version: VendorScriptVersion = '13.2.0'): Promise<string> {
  const script = scripts.get(version) ?? makeScript(version).finally(() => scripts.delete(version));
  scripts.set(version, script);
  return script;
}

/**
 * The script for a deployment without https, which the vendor's knows nothing of: its frames have the scheme of the page.
 */
export function withoutHttps(script: string): string {
  const scheme = /`https:(?=\/\/\$\{domain\}\/#)/g;
  if (script.match(scheme)?.length !== 1) throw new Error('The vendor makes the address in another way now.');
  return script.replace(scheme, () => ['`$', '{location.protocol}'].join(''));
}

async function makeScript(version: VendorScriptVersion): Promise<string> {
  const file = join(modules, '.cache', 'jitsi', `external_api-${version}.js`);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const cache = dirname(file);
  mkdirSync(cache, { recursive: true });
  // Several processes may do this at once.
  const folder = mkdtempSync(`${file}-`);
  try {
    await unpack(version, folder);
    const built = join(folder, 'external_api.js');
    await build(join(folder, 'package'), built);
    renameSync(built, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return readFileSync(file, 'utf8');
}

async function unpack(version: VendorScriptVersion, folder: string): Promise<void> {
  const name = `@jitsi/react-native-sdk@${version}`;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { stdout } = await run(npm, ['pack', name, '--silent', '--pack-destination', folder], {
    cwd: folder,
    shell: process.platform === 'win32',
  });
  const archive = join(folder, stdout.trim());
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== vendorScripts[version]) throw new Error(`The registry's ${name} is another one: ${found}`);
  await run('tar', [
    '-xzf',
    archive,
    '-C',
    folder,
    'package/package.json',
    'package/modules',
    'package/react',
  ]);
}

async function build(sources: string, outfile: string): Promise<void> {
  // Loaded here because it is large, and needed once.
  const esbuild = await import('esbuild');
  await esbuild.build({
    entryPoints: [join(sources, 'modules/API/external/index.js')],
    outfile,
    bundle: true,
    format: 'iife',
    globalName: 'JitsiMeetExternalAPI',
    platform: 'browser',
    loader: { '.js': 'jsx' },
    resolveExtensions: ['.web.ts', '.web.tsx', '.ts', '.tsx', '.js', '.json'],
    define: { 'process.env.NODE_ENV': '"production"', __filename: '"external_api.js"' },
    nodePaths: [modules],
    logLevel: 'warning',
  });
}

// After an installation: what the registry has is fetched while it can be reached.
if (import.meta.main)
  for (const version of Object.keys(vendorScripts)) await vendorScript(version as VendorScriptVersion);
