import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { FakeWebSocket } from '../../fake-web-socket.ts';
import { setUp } from './ant-media-stage.ts';
import { FakeAudioContext, FakePeerConnection } from './fake-media.ts';
import { WebRTCAdaptor } from './silent-vendor.ts';

const broken = (): never => {
  throw new TypeError('broken');
};

/** Makes a step throw in place of doing its work. */
const steps: [step: string, breakIt: () => { mockRestore(): void }][] = [
  ['stop', () => vi.spyOn(WebRTCAdaptor.prototype, 'stop').mockImplementation(broken)],
  [
    'closePeerConnection',
    () => vi.spyOn(WebRTCAdaptor.prototype, 'closePeerConnection').mockImplementation(broken),
  ],
  ['closeWebSocket', () => vi.spyOn(WebRTCAdaptor.prototype, 'closeWebSocket').mockImplementation(broken)],
];

describe('at the end of an attempt', () => {
  test.each(steps)('nothing is left open where %s throws', async (_step, breakIt) => {
    const { join, session, server, pass, open } = setUp();
    server.others.push('bob');
    await join();
    await pass(1_000);
    expect(FakePeerConnection.open.size).toBe(2);
    const spy = breakIt();
    onTestFinished(() => spy.mockRestore());
    await session.leave();
    await pass(0);
    expect(open()).toEqual([]);
  });

  test('the socket and the connections are closed where the AudioContext throws at once', async () => {
    const { join, session, pass, open } = setUp();
    await join();
    const spy = vi.spyOn(FakeAudioContext.prototype, 'close').mockImplementation(broken);
    onTestFinished(() => spy.mockRestore());
    await session.leave();
    await pass(0);
    expect(open()).toEqual(['an AudioContext']);
  });

  test('the other connections are closed where one throws', async () => {
    const { join, session, server, pass } = setUp();
    server.others.push('bob');
    await join();
    await pass(1_000);
    const spy = vi.spyOn(FakePeerConnection.prototype, 'close').mockImplementationOnce(broken);
    onTestFinished(() => spy.mockRestore());
    await session.leave();
    expect(FakePeerConnection.open.size).toBe(0);
    expect(server.network.open()).toEqual([]);
  });

  test('a reconnect follows where every step throws', async () => {
    const { join, session, server, pass } = setUp();
    await join();
    const spies = [...steps.map(([, breakIt]) => breakIt()), vi.spyOn(FakeWebSocket.prototype, 'close')];
    server.drop();
    for (const spy of spies) spy.mockRestore();
    await pass(3_000);
    expect(session.state).toBe('connected');
    expect(server.network.open()).toHaveLength(1);
  });
});
