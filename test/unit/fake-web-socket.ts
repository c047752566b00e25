import { onTestFinished, vi } from 'vitest';

const later = (work: () => void): void => {
  Promise.resolve().then(work);
};

/** The page's end of a connection, with as much of the platform's `WebSocket` as clients use. */
export class FakeWebSocket extends EventTarget {
  readonly url: string;
  readyState: 0 | 1 | 2 | 3 = 0;
  readonly protocol: string;
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: Event & { data: string }) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  onclose: ((event: Event & { code: number }) => void) | null = null;
  /** What the page sent. */
  readonly sent: string[] = [];
  #onSent: (text: string) => void = () => {};
  #onClosed: () => void = () => {};

  constructor(url: string, protocol = '') {
    super();
    this.url = url;
    this.protocol = protocol;
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
      this.#tell('close', { code: 1005 });
    });
  }

  /** The server's side, for a network of {@link fakeNetwork}: accepts the connection. */
  accept(onSent: (text: string) => void, onClosed: () => void): void {
    this.#onSent = onSent;
    this.#onClosed = onClosed;
    later(() => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.#tell('open');
    });
  }

  /** The server sends. */
  deliver(message: unknown): void {
    const data = typeof message === 'string' ? message : JSON.stringify(message);
    later(() => {
      if (this.readyState === 1) this.#tell('message', { data });
    });
  }

  /** The connection breaks, or never comes about; with another `code` it is the server that closes it. */
  break(code = 1006): void {
    later(() => {
      if (this.readyState === 3) return;
      const failed = this.readyState === 0;
      this.readyState = 3;
      this.#onClosed();
      if (failed) this.#tell('error');
      this.#tell('close', { code });
    });
  }

  #tell(type: 'open' | 'message' | 'error' | 'close', more: object = {}): void {
    // happy-dom's calls `onopen` and the like, too.
    this.dispatchEvent(Object.assign(new Event(type), more));
  }
}

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
