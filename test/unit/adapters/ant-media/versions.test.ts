import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { AntMediaOptions } from '../../../../src/adapters/ant-media/index.ts';
import { setUp } from './ant-media-stage.ts';
import { WebRTCAdaptor as Newest } from './silent-vendor.ts';

// Its log looks for a module system first, and the test runner has one that a browser has not.
const takeLog = (make: () => unknown) => Object.assign(globalThis, { log: make() });
vi.stubGlobal('define', Object.assign(takeLog, { amd: true }));
const { WebRTCAdaptor: Oldest } = await import('webrtc_adaptor-2.6/dist/es/webrtc_adaptor.js');
vi.unstubAllGlobals();

const silence = () =>
  (globalThis as { log?: { setLevel(level: string, persist: boolean): void } }).log?.setLevel(
    'silent',
    false,
  );
silence();

const file = (path: string) => readFileSync(`node_modules/${path}`, 'utf8');
const versionOf = (path: string) => JSON.parse(file(`${path}/package.json`)).version;

/** Runs the vendor's own file as a script tag does. */
function runScript(path: string): void {
  const page = globalThis as { webrtc_adaptor?: unknown };
  new Function(file(path)).call(globalThis);
  silence();
  onTestFinished(() => {
    delete page.webrtc_adaptor;
  });
}

describe('the vendor’s client', () => {
  test.each([
    ['2.6.2', 'webrtc_adaptor-2.6', Oldest],
    ['2.16.2', '@antmedia/webrtc_adaptor', Newest],
  ])('%s joins, hears, sees, reconnects and leaves clean', async (version, path, vendor) => {
    expect(versionOf(path)).toBe(version);
    const adapter = { vendor: vendor as unknown as AntMediaOptions['vendor'] };
    const { join, server, session, pass, states, open } = setUp({ adapter });
    server.others.push('bob');
    await join();
    await pass(1_000);
    expect(session.tracks.map(({ track }) => track.kind).sort()).toEqual(['audio', 'video']);
    expect(session.participants.map(({ id }) => id)).toEqual(['bob']);
    await session.setMicrophone(false);
    await pass(20_000);
    server.drop();
    await pass(5_000);
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
    expect(session.tracks).toHaveLength(2);
    const tokens = server.commands('publish').map(({ token }) => token);
    expect(new Set(tokens).size).toBe(2);
    await session.leave();
    await pass(10_000);
    expect(open()).toEqual([]);
  });
});

describe('the vendor’s script for a page', () => {
  const script = '@antmedia/webrtc_adaptor/dist/browser/webrtc_adaptor.js';
  const page = globalThis as { SelfieSegmentation?: unknown };

  test('without the script of mediapipe is named, with the reason as cause', async () => {
    runScript(script);
    const { session, pass, open } = setUp({ adapter: { vendor: undefined } });
    const join = session.join('standup').catch((error) => error);
    await pass(2_000);
    const error = await join;
    expect(error).toMatchObject({
      code: 'vendor_missing',
      message: expect.stringContaining('SelfieSegmentation is not defined'),
    });
    expect(error.cause).toMatchObject({ name: 'ReferenceError' });
    expect(open()).toEqual([]);
  });

  test('with the script of mediapipe before it joins', async () => {
    page.SelfieSegmentation = class {
      setOptions(): void {}
      onResults(): void {}
    };
    onTestFinished(() => {
      delete page.SelfieSegmentation;
    });
    runScript(script);
    const { join, session, pass, server } = setUp({ adapter: { vendor: undefined } });
    server.others.push('bob');
    await join();
    await pass(1_000);
    expect(session.tracks).toHaveLength(2);
  });
});
