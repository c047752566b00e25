import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { FakeWebSocket } from '../../fake-web-socket.ts';
import { FakeStream, FakeTrack } from '../fake-stream.ts';
import { setUp } from './ant-media-stage.ts';
import { FakeAudioContext, FakePeerConnection } from './fake-media.ts';

/** The vendor's object with the members that an app might still call. */
interface WholeVendor {
  publish(streamId: string, token?: string): void;
  play(streamId: string, token?: string): void;
  stop(streamId: string): void;
  leaveFromRoom(room: string, streamId: string): void;
  getBroadcastObject(streamId: string): void;
  checkWebSocketConnection(): void;
  webSocketAdaptor: { send(text: string): void; isConnected(): boolean };
}

describe('a closed socket', () => {
  test.each<[string, (vendor: WholeVendor) => void]>([
    ['leaveFromRoom', (vendor) => vendor.leaveFromRoom('standup', 'ada')],
    ['getBroadcastObject', (vendor) => vendor.getBroadcastObject('standup')],
    ['stop', (vendor) => vendor.stop('ada')],
    ['publish', (vendor) => vendor.publish('ada', 'token')],
    ['play', (vendor) => vendor.play('standup', 'token')],
    ['checkWebSocketConnection', (vendor) => vendor.checkWebSocketConnection()],
    ['send', (vendor) => vendor.webSocketAdaptor.send('{}')],
  ])('does not come back by a late %s', async (_name, call) => {
    const { join, session, server, pass, open } = setUp();
    await join();
    const vendor = session.vendor as unknown as WholeVendor;
    await session.leave();
    call(vendor);
    await pass(10_000);
    expect(server.sockets).toHaveLength(1);
    expect(open()).toEqual([]);
  });

  test.each([0, 100, 400, 600, 1_000])(
    'does not come back when the room is left %i ms after a drop',
    async (ms) => {
      const { join, session, server, pass, open } = setUp();
      await join();
      server.drop();
      await pass(ms);
      await session.leave();
      const given = server.sockets.length;
      await pass(20_000);
      expect(server.sockets).toHaveLength(given);
      expect(open()).toEqual([]);
    },
  );

  test('does not come about when the cluster names it after the room was left', async () => {
    const { session, server, pass, open } = setUp({
      adapter: { websocketUrl: undefined, httpEndpointUrl: 'https://cluster.example.org/node' },
    });
    const answers: (() => void)[] = [];
    const json = {
      websocket_url: 'wss://node.example.org/a/websocket',
      http_url: 'https://node.example.org/',
    };
    vi.stubGlobal('fetch', () => {
      return new Promise((resolve) => {
        answers.push(() => resolve({ ok: true, status: 200, json: async () => json }));
      });
    });
    for (const asked of [1, 2]) {
      const join = session.join('standup').catch((error) => error);
      await pass(0);
      while (answers.length < asked) {
        answers.at(-1)?.();
        await pass(0);
      }
      await session.leave();
      await join;
      for (const answer of answers) answer();
      await pass(10_000);
      answers.length = 0;
    }
    expect(server.sockets).toEqual([]);
    expect(open()).toEqual([]);
  });

  test('is not pinged while it takes its time to close', async () => {
    const { join, session, pass } = setUp();
    await join();
    const close = vi.spyOn(FakeWebSocket.prototype, 'close').mockImplementation(function (
      this: FakeWebSocket,
    ) {
      this.readyState = 2;
    });
    await session.leave();
    close.mockRestore();
    expect(vi.getTimerCount()).toBe(0);
    await pass(10_000);
  });

  test('does not come back beside ours by the vendor’s own reconnecting', async () => {
    const { join, server, pass } = setUp();
    await join();
    server.drop();
    await pass(20_000);
    expect(server.sockets).toHaveLength(2);
    expect(server.commands('publish')).toHaveLength(2);
  });

  test('lets no late answer of the server make a peer connection', async () => {
    const { join, session, server, pass } = setUp();
    await join();
    const made = FakePeerConnection.made;
    const [socket] = server.sockets;
    session.leave();
    socket?.deliver({ command: 'start', streamId: 'ada' });
    socket?.deliver({
      command: 'takeCandidate',
      streamId: 'standup',
      label: 0,
      candidate: 'candidate:1 1 udp',
    });
    await pass(1_000);
    expect(FakePeerConnection.made).toBe(made);
    expect(FakePeerConnection.open.size).toBe(0);
  });
});

describe('the offline event', () => {
  test('has no listener of the vendor’s, during a stay and after it', async () => {
    const added: string[] = [];
    const { addEventListener } = globalThis;
    const spy = vi.fn((type: string, ...rest: [EventListener]) => {
      added.push(type);
      addEventListener.call(globalThis, type, ...rest);
    });
    vi.stubGlobal('addEventListener', spy);
    const { join, session, server, pass } = setUp();
    vi.stubGlobal('addEventListener', spy);
    await join();
    server.drop();
    await pass(3_000);
    // The session's own.
    expect(added).toEqual(['pagehide']);
    expect(globalThis.addEventListener).toBe(spy);
    await session.leave();
    expect(added).toEqual(['pagehide']);
  });

  test('does not make the vendor open a second socket', async () => {
    const { join, session, server, pass, states } = setUp();
    await join();
    globalThis.dispatchEvent(new Event('offline'));
    const vendor = session.vendor as unknown as WholeVendor;
    expect(vendor.webSocketAdaptor.isConnected()).toBe(true);
    await pass(2_000);
    const before = server.commands('getBroadcastObject').length;
    vendor.getBroadcastObject('standup');
    await pass(5_000);
    expect(server.sockets).toHaveLength(1);
    expect(server.commands('getBroadcastObject')).toHaveLength(before + 1);
    expect(states()).toEqual(['connecting', 'connected']);
  });
});

describe('the console', () => {
  /** The vendor's log at its loudest, and what it says. */
  function listen(): () => string {
    const said: unknown[] = [];
    for (const method of ['trace', 'debug', 'log', 'info', 'warn', 'error'] as const) {
      vi.spyOn(console, method).mockImplementation((...values) => said.push(...values));
    }
    const { log } = globalThis as { log?: { setLevel(level: string, persist: boolean): void } };
    log?.setLevel('trace', false);
    onTestFinished(() => {
      vi.restoreAllMocks();
      log?.setLevel('silent', false);
    });
    return () =>
      said.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))).join('\n');
  }

  const expectNoToken = (text: string, tokens: readonly string[]) => {
    for (const token of tokens) {
      for (let start = 0; start + 20 <= token.length; start++) {
        if (text.includes(token.slice(start, start + 20)))
          throw new Error(`The console shows ${token.slice(start)}`);
      }
    }
  };

  test('shows no token over a stay with refusals, drops and sends at the wrong time', async () => {
    const said = listen();
    const { join, session, server, pass, issued } = setUp();
    server.refuses = (token) => token === issued[0];
    server.others.push('bob');
    await join();
    await pass(10_000);
    const vendor = session.vendor as unknown as WholeVendor;
    server.drop();
    vendor.publish('ada', issued.at(-1));
    await pass(0);
    vendor.play('standup', issued.at(-1));
    await pass(20_000);
    const [socket] = server.network.open();
    if (socket) socket.readyState = 0;
    (session.vendor as unknown as WholeVendor).play('standup', issued.at(-1));
    if (socket) socket.readyState = 2;
    (session.vendor as unknown as WholeVendor).play('standup', issued.at(-1));
    if (socket) socket.readyState = 1;
    await session.leave();
    vendor.play('standup', issued.at(-1));
    await pass(1_000);
    // The vendor did say something: the spy hears it.
    expect(said()).not.toBe('');
    expectNoToken(said(), issued);
  });

  test('shows no token when sending fails, which counts as a lost connection', async () => {
    const said = listen();
    const { join, pass, issued, states, open, session } = setUp();
    await join();
    const send = vi.spyOn(FakeWebSocket.prototype, 'send').mockImplementationOnce(() => {
      throw new DOMException('Broken.', 'NetworkError');
    });
    const vendor = session.vendor as unknown as WholeVendor;
    vendor.play('standup', issued[0]);
    await pass(3_000);
    send.mockRestore();
    expectNoToken(said(), issued);
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
    await session.leave();
    await pass(0);
    expect(open()).toEqual([]);
  });

  test('shows no token when the publish of a join cannot be sent', async () => {
    const said = listen();
    const { session, pass, issued, open } = setUp();
    const original = FakeWebSocket.prototype.send;
    let failures = 0;
    const send = vi.spyOn(FakeWebSocket.prototype, 'send').mockImplementation(function (
      this: FakeWebSocket,
      text,
    ) {
      if (text.includes('"publish"') && failures++ === 0) throw new DOMException('Broken.', 'NetworkError');
      original.call(this, text);
    });
    const join = session.join('standup');
    await pass(3_000);
    await join;
    send.mockRestore();
    expect(failures).toBe(2);
    expectNoToken(said(), issued);
    await session.leave();
    await pass(0);
    expect(open()).toEqual([]);
  });
});

describe('an AudioContext', () => {
  test('is there once while connected, and closed at each end of a connection', async () => {
    const { join, session, server, pass } = setUp();
    await join();
    expect(FakeAudioContext.open.size).toBe(1);
    server.drop();
    await pass(0);
    expect(FakeAudioContext.open.size).toBe(0);
    await pass(3_000);
    expect(FakeAudioContext.open.size).toBe(1);
    await session.leave();
    expect(FakeAudioContext.open.size).toBe(0);
  });

  test('that cannot be closed is not felt', async () => {
    const { join, session } = setUp();
    await join();
    const close = vi
      .spyOn(FakeAudioContext.prototype, 'close')
      .mockRejectedValue(new DOMException('Closed already.', 'InvalidStateError'));
    await session.leave();
    expect(close).toHaveBeenCalledTimes(1);
    close.mockRestore();
  });
});

describe('alert()', () => {
  test.each(['NotFoundError', 'NotAllowedError'])(
    'is not called when getUserMedia fails with %s',
    async (name) => {
      const alert = vi.fn();
      const { join, pass } = setUp({ adapter: { localStream: undefined } });
      vi.stubGlobal('alert', alert);
      const ondevicechange = () => {};
      const mediaDevices = {
        getUserMedia: () => Promise.reject(new DOMException('no', name)),
        enumerateDevices: async () => [],
        ondevicechange,
      };
      Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: mediaDevices });
      onTestFinished(() => {
        Reflect.deleteProperty(navigator, 'mediaDevices');
      });
      await expect(join()).rejects.toMatchObject({ vendorCode: name });
      await pass(5_000);
      expect(alert).not.toHaveBeenCalled();
      expect(mediaDevices.ondevicechange).toBe(ondevicechange);
    },
  );

  test('is not called for a stream without sound, nor are devices asked for again', async () => {
    const alert = vi.fn();
    const getUserMedia = vi.fn();
    const stream = new FakeStream([new FakeTrack('video')]) as unknown as MediaStream;
    const { join, server, pass } = setUp({ adapter: { localStream: stream } });
    vi.stubGlobal('alert', alert);
    Object.defineProperty(navigator, 'mediaDevices', {
      configurable: true,
      value: { getUserMedia, enumerateDevices: async () => [] },
    });
    onTestFinished(() => {
      Reflect.deleteProperty(navigator, 'mediaDevices');
    });
    await join();
    server.drop();
    await pass(3_000);
    expect(server.commands('publish')).toMatchObject([
      { video: true, audio: false },
      { video: true, audio: false },
    ]);
    expect(alert).not.toHaveBeenCalled();
    expect(getUserMedia).not.toHaveBeenCalled();
  });
});
