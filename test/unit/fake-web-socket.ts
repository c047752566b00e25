import { onTestFinished, vi } from 'vitest';
import { FakeWebSocket } from '../../src/testing/fake-web-socket.ts';

export { FakeWebSocket };

/** Puts a `WebSocket` into the page for one test; `connect` is the network: it accepts or breaks each one. */
export function fakeNetwork(connect: (socket: FakeWebSocket) => void) {
  const sockets: FakeWebSocket[] = [];
  const Socket = class extends FakeWebSocket {
    constructor(url: string, protocol?: string) {
      super(url, protocol);
      sockets.push(this);
      connect(this);
    }
  };
  vi.stubGlobal('WebSocket', Socket);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  return {
    sockets,
    open: () => sockets.filter(({ readyState }) => readyState < 2),
  };
}
