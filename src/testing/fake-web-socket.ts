const later = (work: () => void): void => {
  void Promise.resolve().then(work);
};

/** The page's end of a connection, with as much of the platform's `WebSocket` as clients use. */
export class FakeWebSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
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

  constructor(url: string | URL, protocol = '') {
    super();
    this.url = `${url}`;
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
      this.#dispatch('close', { code: 1005 });
    });
  }

  /** The server's side: accepts the connection. */
  accept(onSent: (text: string) => void, onClosed: () => void): void {
    this.#onSent = onSent;
    this.#onClosed = onClosed;
    later(() => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.#dispatch('open');
    });
  }

  /** The server sends a text as it is, and anything else as JSON. */
  deliver(message: unknown): void {
    const data = typeof message === 'string' ? message : JSON.stringify(message);
    later(() => {
      if (this.readyState === 1) this.#dispatch('message', { data });
    });
  }

  /** The connection breaks, or never comes about; with another `code` the server closes it. */
  break(code = 1006): void {
    later(() => {
      if (this.readyState === 3) return;
      const failed = this.readyState === 0;
      this.readyState = 3;
      this.#onClosed();
      if (failed) this.#dispatch('error');
      this.#dispatch('close', { code });
    });
  }

  #dispatch(type: 'open' | 'message' | 'error' | 'close', details: object = {}): void {
    const event = Object.assign(new Event(type), details);
    this.dispatchEvent(event);
    // happy-dom's EventTarget calls `onopen` and the like; Node's does not.
    if (handlersAreCalled) return;
    const handler: unknown = Reflect.get(this, `on${type}` as string);
    if (typeof handler === 'function') handler.call(this, event);
  }
}

/** Whether this platform's `EventTarget` calls the `on…` properties of its subclasses, which a browser's does not. */
const handlersAreCalled = ((): boolean => {
  let isCalled = false;
  class Probe extends EventTarget {
    onprobe = (): void => {
      isCalled = true;
    };
  }
  new Probe().dispatchEvent(new Event('probe'));
  return isCalled;
})();
