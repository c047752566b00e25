/**
 * The Firefox that browser tests run in: FIREFOX_PATH, else one installed in a usual place. Playwright drives it as it is
 * (WebDriver BiDi), so any stock Firefox does.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { LaunchOptions } from 'playwright';

const howToGetIt = 'Install Firefox (Debian: apt-get install firefox-esr xvfb), or set FIREFOX_PATH.';

/** Where Firefox is, or `undefined` where none is found. */
function firefoxPath(): string | undefined {
  const { FIREFOX_PATH, PROGRAMFILES } = process.env;
  if (FIREFOX_PATH) return FIREFOX_PATH;
  return [
    ...onPath('firefox', 'firefox-esr'),
    ...['/Applications', join(homedir(), 'Applications')].map((folder) =>
      join(folder, 'Firefox.app/Contents/MacOS/firefox'),
    ),
    ...(PROGRAMFILES ? [join(PROGRAMFILES, 'Mozilla Firefox/firefox.exe')] : []),
  ].find((path) => existsSync(path));
}

const onPath = (...names: string[]): string[] =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => names.map((name) => join(folder, name)));

/** Why the tests cannot run in Firefox here, and how to get what is missing; `undefined` where they can. */
export function missingForFirefox(): string | undefined {
  if (!firefoxPath()) return `No Firefox found. ${howToGetIt}`;
  const needsDisplay = process.platform === 'linux' && !process.env['DISPLAY'];
  if (!needsDisplay || onPath('Xvfb').some((path) => existsSync(path))) return undefined;
  return `No display and no Xvfb found, without which Firefox has no WebGL. ${howToGetIt}`;
}

/**
 * For `firefox.launch()`: which Firefox, with fake devices and WebRTC on loopback.
 *
 * @throws Error saying how to get a Firefox, where none is found
 */
export function firefoxLaunchOptions(): LaunchOptions {
  const executablePath = firefoxPath();
  if (!executablePath) throw new Error(missingForFirefox());
  return {
    channel: 'moz-firefox',
    executablePath,
    firefoxUserPrefs: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'media.peerconnection.ice.loopback': true,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      // WebGL without a graphics card. It needs a display all the same.
      'webgl.force-enabled': true,
    },
  };
}
