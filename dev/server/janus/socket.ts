import type { WebSocket } from 'ws';
import type { EventLog } from '../event-log.ts';
import type { Settings } from '../settings.ts';
import {
  type ClientFrame,
  checkFrame,
  errorFrame,
  JanusError,
  parseFrame,
  type Recipient,
  type ServerFrame,
} from './messages.ts';
import { Session } from './session.ts';
import type { Sfu } from './sfu.ts';

/**
 * How a socket is cut off: destroyed (`terminate`, code 1006), closed (`close`, code 1001), or left open while its
 * media die without a word (`ice`).
 */
export type JanusDropKind = 'terminate' | 'close' | 'ice';

/** What a socket works with. */
export interface SocketParts {
  settings: Settings;
  log: EventLog;
  sfu: Sfu;
}

const goingAway = 1001;

/** One websocket: its requests, answered one after the other. Its sessions end with it. */
export class Socket implements Recipient {
  readonly #id: number;
  readonly #socket: WebSocket;
  readonly #parts: SocketParts;
  readonly #sessions = new Map<number, Session>();
  readonly #ended = Promise.withResolvers<void>();
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(id: number, socket: WebSocket, parts: SocketParts) {
    this.#id = id;
    this.#socket = socket;
    this.#parts = parts;
    socket.on('message', (frame) => this.#receive(String(frame)));
    socket.on('error', () => socket.terminate());
    socket.on('close', (code) => this.#ended.resolve(this.#end(code)));
    parts.log.add({ type: 'socket-open', app: 'janus', socket: id });
  }

  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** Whether it has a handle in this room, as this user; what is undefined fits all. */
  matches(room: string | undefined, user: string | undefined): boolean {
    if (room === undefined && user === undefined) return true;
    return this.sessions.some((session) => session.matches(room, user));
  }

  /** Sends a frame; dropped when the socket is closed or the server is to be silent. */
  send(frame: ServerFrame): void {
    if (this.#parts.settings.janus.silent || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(JSON.stringify(frame));
  }

  /** Cuts the socket off. */
  async drop(how: JanusDropKind): Promise<void> {
    if (how === 'terminate') {
      this.#socket.terminate();
    } else if (how === 'close') {
      this.#socket.close(goingAway);
    } else {
      const handles = this.sessions.flatMap((session) => session.handles);
      await Promise.all(handles.map((handle) => handle.silence()));
    }
  }

  /** Destroys the socket; resolves when everything of it is freed. */
  close(): Promise<void> {
    this.#socket.terminate();
    return this.#ended.promise;
  }

  #receive(text: string): void {
    if (this.#parts.settings.janus.silent) return;
    this.#queue = this.#queue.then(async () => {
      if (this.#closed) return;
      let about = {};
      try {
        const frame = parseFrame(text);
        const { transaction, session_id } = frame;
        about = { transaction, session_id };
        await this.#answer(checkFrame(frame));
      } catch (error) {
        if (error instanceof JanusError) this.send(errorFrame(error, about));
        // What was begun for a client that left may fail for that alone.
        else if (!this.#closed) console.error('Janus: a request failed:', error);
      }
    });
  }

  async #answer(frame: ClientFrame): Promise<void> {
    const { janus, transaction, session_id: id } = frame;
    if (janus === 'create') {
      const session = this.#create();
      return this.send({ janus: 'success', transaction, data: { id: session.id } });
    }
    if (id === undefined) throw new JanusError(457, `Unhandled request '${janus}' at this path`);
    const session = this.#sessions.get(Number(id));
    if (!session) throw new JanusError(458, `No such session ${id}`);
    if (janus !== 'destroy') return session.answer(frame);
    this.#sessions.delete(session.id);
    this.send({ janus: 'success', session_id: session.id, transaction });
    await session.end();
  }

  #create(): Session {
    const session: Session = new Session(this, {
      sfu: this.#parts.sfu,
      socket: this.#id,
      timeoutMs: () => this.#parts.settings.janus.sessionTimeoutMs,
      expired: () => {
        // The socket stays open: a client that slept learns it from this, or from its next request.
        this.#sessions.delete(session.id);
        this.send({ janus: 'timeout', session_id: session.id });
        void session.end();
      },
    });
    this.#sessions.set(session.id, session);
    return session;
  }

  async #end(code: number): Promise<void> {
    this.#closed = true;
    this.#parts.log.add({ type: 'socket-close', app: 'janus', socket: this.#id, code });
    await Promise.all(this.sessions.map((session) => session.end()));
    this.#sessions.clear();
  }
}
