/**
 * The Chromium that tests run in: CHROMIUM_PATH, else one installed in a usual place, else one that Playwright has
 * downloaded, else the one inside the npm package @sparticuz/chromium (Linux on x64), so that `npm ci` is enough.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BrowserContextOptions, chromium, type LaunchOptions } from 'playwright';

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  // Ten frames a second: several participants then fit on a small machine. Ask for 320 x 240 in getUserMedia.
  '--use-fake-device-for-media-stream=fps=10',
  '--use-fake-ui-for-media-stream',
  // With the permissions below: real candidates instead of mDNS names, and media where there is no network but loopback.
  '--allow-loopback-in-peer-connection',
];

/** Pages come back from the back/forward cache as they do for a person, in a Chromium that has one. */
const ignoreDefaultArgs = ['--disable-back-forward-cache'];

/** For `browser.newContext()`: camera and microphone are allowed. */
export const contextOptions: BrowserContextOptions = { permissions: ['camera', 'microphone'] };

/**
 * For `chromium.launch()`: which Chromium, and the flags for fake devices and WebRTC on loopback.
 *
 * @throws Error saying how to get a Chromium, where none is found and none can be unpacked
 */
export async function launchOptions(): Promise<LaunchOptions> {
  const executablePath = process.env['CHROMIUM_PATH'] || installed().find((path) => existsSync(path));
  return { ...(executablePath ? { executablePath } : await fromPackage()), args, ignoreDefaultArgs };
}

function installed(): string[] {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const windows = [
    process.env['PROGRAMFILES'],
    process.env['PROGRAMFILES(X86)'],
    process.env['LOCALAPPDATA'],
  ].filter((folder) => folder !== undefined);
  return [
    ...onPath.flatMap((folder) => names.map((name) => join(folder, name))),
    ...names.map((name) => join('/usr/bin', name)),
    ...['/Applications', join(homedir(), 'Applications')].flatMap((folder) => [
      join(folder, 'Google Chrome.app/Contents/MacOS/Google Chrome'),
      join(folder, 'Chromium.app/Contents/MacOS/Chromium'),
    ]),
    ...windows.flatMap((folder) => [
      join(folder, 'Google/Chrome/Application/chrome.exe'),
      join(folder, 'Chromium/Application/chrome.exe'),
    ]),
    chromium.executablePath(),
  ];
}

let unpacked: Promise<string> | undefined;

async function fromPackage(): Promise<LaunchOptions> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      'No Chromium found: install Chrome, run `npx playwright install chromium`, or set CHROMIUM_PATH.',
    );
  }
  unpacked ??= unpack();
  const home = await unpacked;
  const { LD_LIBRARY_PATH, ...env } = process.env;
  // The package carries the shared libraries that a bare Debian lacks.
  const libraries = [LD_LIBRARY_PATH, join(home, 'al2023', 'lib')].filter(Boolean).join(':');
  return {
    executablePath: join(home, 'chromium'),
    env: { ...env, LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: join(home, 'fonts.conf') },
  };
}

/** Unpacks the package's Chromium (200 MB, some seconds) once, and returns the folder. */
async function unpack(): Promise<string> {
  const entry = import.meta.resolve('@sparticuz/chromium');
  const pkg = fileURLToPath(new URL('..', entry));
  const { version } = JSON.parse(readFileSync(join(pkg, 'package.json'), 'utf8')) as { version: string };
  const cache = resolve(pkg, '..', '..', '.cache');
  const home = join(cache, `chromium-${version}`);
  if (existsSync(home)) return home;

  // It unpacks into the temporary folder and takes whatever lies there for good. So it gets a folder of its own, which is
  // moved into place when it is whole: several processes may do this at once.
  mkdirSync(cache, { recursive: true });
  const part = mkdtempSync(`${home}-`);
  try {
    const script = `
      import chromium, { inflate } from ${JSON.stringify(entry)};
      await inflate(${JSON.stringify(join(pkg, 'bin', 'al2023.tar.br'))});
      await chromium.executablePath();`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      env: { ...process.env, TMPDIR: part },
    });
    // The package's own file names the folders of one hosting service; without a font any form field is a crash.
    const fonts = `<fontconfig><dir>${join(home, 'fonts')}</dir><cachedir>${join(home, 'fonts-cache')}</cachedir></fontconfig>`;
    writeFileSync(join(part, 'fonts.conf'), `<?xml version="1.0"?>${fonts}\n`);
    renameSync(part, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return home;
}
