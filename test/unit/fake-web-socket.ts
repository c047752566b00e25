import { onTestFinished, vi } from 'vitest';

const later = (work: () => void): void => {
  Promise.resolve().then(work);
};

/** The page's end of a connection, with as much of the platform's `WebSocket` as clients use. */
export class FakeWebSocket {
  readonly url: string;
  readyState: 0 | 1 | 2 | 3 = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onerror: ((event: object) => void) | null = null;
  onclose: ((event: object) => void) | null = null;
  /** What the page sent. */
  readonly sent: string[] = [];
  #onSent: (text: string) => void = () => {};
  #onClosed: () => void = () => {};

  constructor(url: string) {
    this.url = url;
  }

  send(text: string): void {
    if (this.readyState === 0) throw new DOMException('Still connecting.', 'InvalidStateError');
    if (this.readyState !== 1) return;
    this.sent.push(text);
    later(() => this.#onSent(text));
  }

  close(): void {
    if (this.readyState > 1) return;
    this.readyState = 2;
    this.#onClosed();
    later(() => {
      this.readyState = 3;
      this.onclose?.({ type: 'close' });
    });
  }

  /** The server's side, for a network of {@link fakeNetwork}: accepts the connection. */
  accept(onSent: (text: string) => void, onClosed: () => void): void {
    this.#onSent = onSent;
    this.#onClosed = onClosed;
    later(() => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.onopen?.();
    });
  }

  /** The server sends. */
  deliver(message: unknown): void {
    const data = typeof message === 'string' ? message : JSON.stringify(message);
    later(() => {
      if (this.readyState === 1) this.onmessage?.({ data });
    });
  }

  /** The connection breaks, or never comes about. */
  break(): void {
    later(() => {
      if (this.readyState === 3) return;
      const failed = this.readyState === 0;
      this.readyState = 3;
      this.#onClosed();
      if (failed) this.onerror?.({ type: 'error' });
      this.onclose?.({ type: 'close' });
    });
  }
}

/** Puts a `WebSocket` into the page for one test; `connect` is the network: it accepts or breaks each one. */
export function fakeNetwork(connect: (socket: FakeWebSocket) => void) {
  const sockets: FakeWebSocket[] = [];
  const Socket = class extends FakeWebSocket {
    constructor(url: string) {
      super(url);
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
