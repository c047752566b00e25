/** The globals of a page, as far as the libraries need them, on top of a {@link Tab}. */
import { epoch } from './epoch.ts';
import type { Tab } from './tab.ts';
import { type Reaction, tokenResponse } from './token-server.ts';

/** The server's side of a socket of a simulated page. */
export interface ServerSocket {
  readonly url: string;
  send(data: string): void;
  close(code: number, reason: string): void;
  later(afterMs: number, run: () => void): void;
  /** True time, ms since the epoch. */
  now(): number;
}

/** Called for each connection; returns what takes its messages. */
export type SocketServer = (socket: ServerSocket) => (data: string) => void;

class SimResponse {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: Headers;
  readonly url: string;
  readonly type = 'basic';
  readonly redirected: boolean;
  readonly statusText = '';
  readonly #text: string;

  constructor(
    url: string,
    { status, headers, body, url: redirectedTo }: Exclude<Reaction['answer'], string>,
  ) {
    this.redirected = redirectedTo !== undefined;
    this.url = redirectedTo ?? url;
    this.status = status;
    this.ok = status >= 200 && status < 300;
    this.headers = new Headers(headers);
    this.#text = body;
  }

  get body() {
    let done = false;
    const read = async () => {
      if (done) return { done: true, value: undefined };
      done = true;
      return { done: false, value: new TextEncoder().encode(this.#text) };
    };
    const cancel = async () => {};
    return { getReader: () => ({ read, cancel }), cancel };
  }

  async text(): Promise<string> {
    return this.#text;
  }

  async json(): Promise<unknown> {
    return JSON.parse(this.#text);
  }

  clone(): SimResponse {
    return this;
  }
}

function makeFetch(tab: Tab) {
  return (input: string | URL | { url: string }, init: RequestInit = {}): Promise<SimResponse> => {
    const url = new URL(
      typeof input === 'object' && 'url' in input ? input.url : `${input}`,
      'https://app.example.org/',
    );
    return new Promise((resolve, reject) => {
      const { signal } = init;
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      const fail = () => reject(new TypeError('Failed to fetch'));
      if (!tab.isNetworkUp) {
        tab.at(tab.now + 20, fail);
        return;
      }
      const { answer, latencyMs } = tokenResponse(tab, url);
      if (answer === 'hang') return;
      tab.deliver(latencyMs, () => {
        if (answer === 'refuse') fail();
        else resolve(new SimResponse(url.href, answer));
      });
    });
  };
}

function makeSocketClass(tab: Tab) {
  const open = new Set<SimWebSocket>();
  tab.breakSockets = () => {
    for (const socket of [...open]) socket.end(1006, '');
  };
  class SimWebSocket extends EventTarget {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    readonly url: string;
    readonly protocol = '';
    binaryType = 'blob';
    bufferedAmount = 0;
    readyState = 0;
    onopen: ((event: Event) => void) | null = null;
    onmessage: ((event: Event) => void) | null = null;
    onclose: ((event: Event) => void) | null = null;
    onerror: ((event: Event) => void) | null = null;
    #receive: (data: string) => void = () => {};

    constructor(url: string | URL) {
      super();
      this.url = `${url}`;
      open.add(this);
      const { socketServer } = tab.options;
      if (!tab.isNetworkUp || !socketServer) {
        tab.at(tab.now + 20, () => this.end(1006, ''));
        return;
      }
      tab.deliver(40, () => {
        this.readyState = 1;
        this.#receive = socketServer({
          url: this.url,
          send: (data) => tab.deliver(20, () => this.#emit('message', { data })),
          close: (code, reason) => tab.deliver(20, () => this.end(code, reason)),
          later: (afterMs, run) => tab.at(tab.now + afterMs, () => this.readyState === 1 && run()),
          now: () => epoch + tab.now,
        });
        this.#emit('open', {});
      });
    }

    send(data: string): void {
      if (tab.isNetworkUp) tab.deliver(20, () => this.#receive(data));
    }

    close(code = 1000, reason = ''): void {
      if (this.readyState < 2) tab.at(tab.now, () => this.end(code, reason));
    }

    end(code: number, reason: string): void {
      if (this.readyState === 3) return;
      this.readyState = 3;
      open.delete(this);
      this.#emit('close', { code, reason, wasClean: code !== 1006 });
    }

    #emit(type: 'open' | 'message' | 'close', fields: object): void {
      if (type === 'message' && this.readyState !== 1) return;
      const event = Object.assign(new Event(type), fields);
      this[`on${type}`]?.(event);
      this.dispatchEvent(event);
    }
  }
  return SimWebSocket;
}

class SimStorage {
  readonly #items = new Map<string, string>();

  get length(): number {
    return this.#items.size;
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, `${value}`);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }

  clear(): void {
    this.#items.clear();
  }
}

/** A date class that reads the tab's wall clock. */
function makeDate(tab: Tab): DateConstructor {
  class SimDate extends Date {
    constructor(...parts: unknown[]) {
      if (parts.length === 0) super(tab.wall);
      else super(...(parts as [number]));
    }

    static override now(): number {
      return Math.floor(tab.wall);
    }
  }
  return SimDate as unknown as DateConstructor;
}

/** The page's `window`, and the names that a script in it finds without saying `window`. */
export function makePage(tab: Tab): { window: Record<string, unknown>; names: string[] } {
  const math = Object.create(Math, { random: { value: tab.random } }) as Math;
  const page = Object.assign(new EventTarget(), {
    readyState: 'complete',
    cookie: '',
    title: '',
    currentScript: null,
    createElement: () => ({ style: {}, setAttribute() {}, appendChild() {}, addEventListener() {} }),
    getElementsByTagName: () => [],
    querySelector: () => null,
    hasFocus: () => tab.hiddenSince === undefined,
    body: { appendChild() {}, removeChild() {} },
  });
  Object.defineProperty(page, 'visibilityState', {
    get: () => (tab.hiddenSince === undefined ? 'visible' : 'hidden'),
  });
  Object.defineProperty(page, 'hidden', { get: () => tab.hiddenSince !== undefined });
  const navigator = { userAgent: 'Simulated', language: 'en', product: '', mediaDevices: undefined };
  Object.defineProperty(navigator, 'onLine', { get: () => tab.onLine });
  const timer =
    (repeats: boolean) =>
    (callback: (...values: unknown[]) => void, delayMs = 0, ...values: unknown[]) =>
      tab.setTimer(() => callback(...values), delayMs, repeats);
  const clear = (pending?: { cancelled: boolean }) => {
    if (pending) pending.cancelled = true;
  };
  const silent = () => {};
  const window = new EventTarget() as EventTarget & Record<string, unknown>;
  Object.assign(window, {
    document: page,
    navigator,
    location: new URL('https://app.example.org/room'),
    history: { state: null, replaceState: silent, pushState: silent },
    localStorage: new SimStorage(),
    sessionStorage: new SimStorage(),
    Date: makeDate(tab),
    Math: math,
    performance: { now: () => tab.monotonic, timeOrigin: epoch, mark: silent, measure: silent },
    setTimeout: timer(false),
    setInterval: timer(true),
    clearTimeout: clear,
    clearInterval: clear,
    fetch: makeFetch(tab),
    Response: SimResponse,
    WebSocket: makeSocketClass(tab),
    console: { log: silent, info: silent, warn: silent, error: silent, debug: silent, trace: silent },
    isSecureContext: true,
    origin: 'https://app.example.org',
    crypto,
    reportError: silent,
    // Not in this tab: so that nobody finds Node's.
    ...{ process: undefined, Buffer: undefined, global: undefined, require: undefined, module: undefined },
    ...{ Worker: undefined, BroadcastChannel: undefined, SharedWorker: undefined, MessageChannel: undefined },
    ...{ XMLHttpRequest: undefined, indexedDB: undefined, setImmediate: undefined, exports: undefined },
  });
  for (const name of ['window', 'self', 'globalThis', 'top', 'parent']) window[name] = window;
  window['addEventListener'] = window.addEventListener.bind(window);
  window['removeEventListener'] = window.removeEventListener.bind(window);
  window['dispatchEvent'] = window.dispatchEvent.bind(window);
  tab.tell = (target, type) => {
    if (!tab.tellsPage) return;
    // A document's events bubble to its window.
    if (target === 'document') page.dispatchEvent(new Event(type));
    window.dispatchEvent(new Event(type));
  };
  // Found through `globalThis` by some.
  const own = new Set(Object.keys(window));
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (
      own.has(name) ||
      /^(global|process|navigator|crypto|performance|localStorage|sessionStorage)$/.test(name)
    )
      continue;
    window[name] ??= (globalThis as Record<string, unknown>)[name];
  }
  return { window, names: [...own] };
}
