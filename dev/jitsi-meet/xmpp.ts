import type { ClientMessage, PageSettings, ServerMessage } from '../server/jitsi/messages.ts';
import { expiryOf, type PageAddress } from './page-address.ts';
import { readSettings } from './settings.ts';

/** What the connection tells the page. */
export interface XmppListener {
  loggedIn(): void;
  /** The token was refused, at the first login or a later one. */
  refused(text: string | null): void;
  /** It cannot be had, or be had back. */
  broken(wasConnected: boolean): void;
  /** The token is over and the socket lost: nothing is tried any more. */
  stranded(settings: PageSettings): void;
  message(message: ServerMessage): void;
}

const tries = 3;

/**
 * The page's signalling, in place of XMPP over a websocket: logs in with the token of the page's address, and when the
 * socket is lost again with that very token.
 */
export class Xmpp {
  readonly #address: PageAddress;
  readonly #page: string;
  readonly #name: () => string;
  readonly #listener: XmppListener;
  #socket: WebSocket | undefined;
  #session: string | null = null;
  #closed = false;
  #tried = 0;

  constructor(address: PageAddress, page: string, name: () => string, listener: XmppListener) {
    this.#address = address;
    this.#page = page;
    this.#name = name;
    this.#listener = listener;
  }

  get isOpen(): boolean {
    return this.#session !== null && this.#socket?.readyState === WebSocket.OPEN;
  }

  /** What the vendor's `getSessionId` is for. */
  get session(): string {
    return this.#session ?? '';
  }

  /** Logs in; anew when it was logged in before. */
  connect(): void {
    void this.close();
    this.#closed = false;
    this.#open(null);
  }

  send(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Logs out; resolves when the server knows, or cannot be told. `code` is 4001 where the page is left. */
  close(code?: number): Promise<void> {
    this.#closed = true;
    this.#session = null;
    this.#tried = 0;
    const socket = this.#socket;
    this.#socket = undefined;
    return new Promise((resolve) => {
      if (!socket || socket.readyState === WebSocket.CLOSED) return resolve();
      socket.addEventListener('close', () => resolve());
      socket.close(code);
    });
  }

  #open(resume: string | null): void {
    const url = new URL('/jitsi/xmpp', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.searchParams.set('room', this.#address.path);
    if (this.#address.jwt) url.searchParams.set('token', this.#address.jwt);
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => this.send({ type: 'login', resume, page: this.#page, name: this.#name() });
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(JSON.parse(String(data)) as ServerMessage, resume);
    };
    socket.onclose = () => {
      if (socket === this.#socket && !this.#closed) void this.#lost();
    };
  }

  #receive(message: ServerMessage, resume: string | null): void {
    if (message.type === 'login-failed') {
      void this.close();
      return this.#listener.refused(message.text);
    }
    if (message.type !== 'logged-in') return this.#listener.message(message);
    if (resume !== null && !message.resumed) {
      void this.close();
      return this.#listener.broken(true);
    }
    this.#session = message.session;
    this.#tried = 0;
    if (resume === null) this.#listener.loggedIn();
  }

  async #lost(): Promise<void> {
    const session = this.#session;
    if (session === null) return this.#listener.broken(false);
    const settings = await readSettings();
    if (this.#closed) return;
    const isOver = Date.now() >= expiryOf(this.#address.jwt).expires;
    if (isOver && settings.resumption === 'limbo') {
      addEventListener('online', () => !this.#closed && this.#open(session), { once: true });
      return this.#listener.stranded(settings);
    }
    this.#tried += 1;
    if (this.#tried > tries) {
      void this.close();
      return this.#listener.broken(true);
    }
    setTimeout(() => !this.#closed && this.#open(session), settings.resumeAfterMs * this.#tried);
  }
}
