/** The browsers that docs/browsers.md promises: nothing in the package is younger than they are. */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { floor, hasYoungSyntax, releaseDay, youngIn } from '../browsers/floor.ts';

const built = globSync('dist/**/*.{js,cjs}').sort();
const sources = globSync('src/**/*.{ts,tsx}').sort();

/** Young, but used only where it is there. */
const fallbacks: Readonly<Record<string, string>> = {
  'RTCPeerConnection.connectionState': 'src/adapters/naf-janus/joins.ts',
  'MediaDevices.getDisplayMedia': 'src/screen.ts',
};

/** What is too young in a file of its own. */
function youngInCode(code: string): string[] {
  const folder = mkdtempSync(join(import.meta.dirname, 'floor-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'probe.ts');
  writeFileSync(file, code);
  return youngIn([file]).map(({ what }) => what);
}

describe('the oldest browsers', () => {
  test('have all that the sources and the built files use', () => {
    expect(built.length).toBeGreaterThan(15);
    const young = youngIn([...sources, ...built]).filter(
      ({ what, file }) => !(what in fallbacks && (fallbacks[what] === file || built.includes(file))),
    );
    expect(young).toEqual([]);
  });

  test('understand the syntax of the built files', async () => {
    const young = await Promise.all(built.map((file) => hasYoungSyntax(readFileSync(file, 'utf8'))));
    expect(built.filter((_, index) => young[index])).toEqual([]);
  });

  test('are those in docs/browsers.md', () => {
    const page = readFileSync('docs/browsers.md', 'utf8');
    expect(page).toContain(`| Chrome, Edge | ${floor.chrome} | ${releaseDay('chrome')} |`);
    expect(page).toContain(`| Firefox | ${floor.firefox} | ${releaseDay('firefox')} |`);
    expect(page).toContain(`| Safari, iOS | ${floor.safari} | ${releaseDay('safari')} |`);
    expect(floor.safari_ios).toBe(floor.safari);
  });
});

describe('the check itself', () => {
  test.each([
    ['a static method of an interface', 'export const x = AbortSignal.any([]);', 'AbortSignal.any'],
    ['a static method of a constructor', "export const x = URL.canParse('a');", 'URL.canParse'],
    ['a method of a built-in', 'export const x = [1].findLast(Boolean);', 'Array.findLast'],
    ['a static method of a built-in', 'export const x = Promise.withResolvers();', 'Promise.withResolvers'],
    ['an interface', "export const x = new WebTransport('https://example.org');", 'WebTransport'],
    ['a member of a mixin', 'export const x = navigator.userActivation;', 'Navigator.userActivation'],
    [
      'a property of what a function is given',
      'export const x = (conn: RTCPeerConnection) => conn.connectionState;',
      'RTCPeerConnection.connectionState',
    ],
  ])('finds %s', (_, code, what) => {
    expect(youngInCode(code)).toEqual([what]);
  });

  test('leaves alone what the oldest browsers have, and types', () => {
    const code = `export const x = [1].at(-1) ?? structuredClone(Object.hasOwn({}, 'a'));
      export const y = (signal: AbortSignal) => signal.throwIfAborted();
      export const z = async () => navigator.locks.request('a', () => new BroadcastChannel('a'));
      export type Transport = WebTransport;`;
    expect(youngInCode(code)).toEqual([]);
  });

  test.each([
    ['a static block', 'export class A { static { A.name; } }'],
    ['a look behind in a regular expression', 'export const a = /(?<=a)b/;'],
    ['a flag v', 'export const a = /a/v;'],
    ['a using declaration', 'export function a(b) { using c = b; }'],
  ])('finds %s', async (_, code) => {
    expect(await hasYoungSyntax(code)).toBe(true);
  });

  test('leaves alone private members, ?. and ??=', async () => {
    const code = 'export class A { #a; static #b = 1; #c() { return this.#a ??= #a in this && A.#b?.c; } }';
    expect(await hasYoungSyntax(code)).toBe(false);
  });
});
