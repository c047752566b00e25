import { expect, onTestFinished, test, vi } from 'vitest';
import { antMedia } from '../../../../src/adapters/ant-media/index.ts';
import { loadQuietly } from '../../../../src/adapters/ant-media/load-vendor.ts';
import { RoomSession } from '../../../../src/index.ts';
import { FakeClock } from '../../../../src/testing/index.ts';
import { localStream } from '../fake-stream.ts';
import { passOn } from '../pass-on.ts';
import { FakeAms } from './fake-ams.ts';
import { openThings, stubPlatform } from './platform.ts';

const page = globalThis as { log?: unknown };

// This file imports the vendor's module here only, so that its import really happens during the join.
const load = () =>
  import('@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js').then((module) => module.WebRTCAdaptor);

test('window.log is the page’s own again after the vendor was loaded, and the vendor’s is silent', async () => {
  stubPlatform();
  const said: unknown[] = [];
  for (const method of ['trace', 'debug', 'log', 'info', 'warn', 'error'] as const) {
    vi.spyOn(console, method).mockImplementation((...values) => said.push(values));
  }
  onTestFinished(() => {
    vi.restoreAllMocks();
    delete page.log;
  });
  const own = { mine: true };
  page.log = own;
  const clock = new FakeClock();
  const server = new FakeAms('standup');
  const pass = passOn(clock);
  const adapter = antMedia({
    websocketUrl: 'wss://media.example.org/a/websocket',
    load,
    localStream: localStream(),
  });
  const session = new RoomSession({ adapter, identity: 'ada', tokenSource: () => 'a-token', clock });
  const join = session.join('standup');
  // A real import takes real time.
  await load();
  await pass(0);
  await join;
  expect(page.log).toBe(own);
  // The vendor's client warns at each of these, where its log is on.
  session.vendor?.webSocketAdaptor?.send('{"command":"x"}');
  server.drop();
  await pass(3_000);
  await session.leave();
  await pass(0);
  expect(page.log).toBe(own);
  expect(said).toEqual([]);
  expect(openThings(server, clock)).toEqual([]);
});

test('a page that had no window.log has none after the vendor was loaded', async () => {
  delete page.log;
  const levels: unknown[] = [];
  const loaded = await loadQuietly(async () => {
    page.log = { setLevel: (...values: unknown[]) => levels.push(values) };
    return 'the vendor';
  });
  expect(loaded).toBe('the vendor');
  expect(levels).toEqual([['silent', false]]);
  expect(page.log).toBeUndefined();
});

test('window.log is the page’s own again where loading failed', async () => {
  const own = { mine: true };
  page.log = own;
  onTestFinished(() => {
    delete page.log;
  });
  const failing = loadQuietly(async () => {
    page.log = {};
    throw new Error('404');
  });
  await expect(failing).rejects.toThrow('404');
  expect(page.log).toBe(own);
});
