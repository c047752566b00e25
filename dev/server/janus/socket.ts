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
 * media die without a word (`ice`). `vanish` is a network that changed: the client's side dies, and the server does not
 * notice, so that the sessions live until their timeout.
 */
export type JanusDropKind = 'terminate' | 'close' | 'ice' | 'vanish';

/** What a socket works with. */
export interface SocketParts {
  settings: Settings;
  log: EventLog;
  sfu: Sfu;
  /** Which socket has a session, by the session's id: a request about it may come over any other. */
  owners: Map<number, Socket>;
}

const goingAway = 1001;

/** One websocket: its requests, answered one after the other. Its sessions end with it, as far as the server notices. */
export class Socket implements Recipient {
  readonly #id: number;
  readonly #socket: WebSocket;
  readonly #parts: SocketParts;
  readonly #sessions = new Map<number, Session>();
  readonly #ended = Promise.withResolvers<void>();
  #queue: Promise<void> = Promise.resolve();
  #closed = false;
  #vanished = false;

  constructor(id: number, socket: WebSocket, parts: SocketParts) {
    this.#id = id;
    this.#socket = socket;
    this.#parts = parts;
    socket.on('message', (frame) => this.#receive(String(frame)));
    socket.on('error', () => socket.terminate());
    socket.on('close', (code) => {
      this.#closed = true;
      parts.log.add({ type: 'socket-close', app: 'janus', socket: id, code });
      if (!this.#vanished) void this.#endSessions();
    });
    parts.log.add({ type: 'socket-open', app: 'janus', socket: id });
  }

  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** Whether the client's side of it is there. */
  get isOpen(): boolean {
    return !this.#closed;
  }

  /** Resolves when it is closed and everything of it is freed. */
  get ended(): Promise<void> {
    return this.#ended.promise;
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
    if (how === 'terminate' || how === 'vanish') {
      this.#vanished = how === 'vanish';
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
    this.#vanished = false;
    this.#socket.terminate();
    if (this.#closed) void this.#endSessions();
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
    if (janus === 'create' && id === undefined) {
      const session = this.#create();
      return this.send({ janus: 'success', transaction, data: { id: session.id } });
    }
    if (id === undefined) throw new JanusError(457, `Unhandled request '${janus}' at this path`);
    const owner = this.#parts.owners.get(Number(id)) ?? this;
    const session = owner.#sessions.get(Number(id));
    if (!session) throw new JanusError(458, `No such session ${id}`);
    if (janus !== 'destroy') return session.answer(frame);
    this.send({ janus: 'success', session_id: session.id, transaction });
    await owner.#end(session);
  }

  #create(): Session {
    const session: Session = new Session(this, {
      sfu: this.#parts.sfu,
      socket: this.#id,
      timeoutMs: () => this.#parts.settings.janus.sessionTimeoutMs,
      expired: () => {
        // The socket stays open: a client that slept learns it from this, or from its next request.
        this.send({ janus: 'timeout', session_id: session.id });
        void this.#end(session);
      },
    });
    this.#sessions.set(session.id, session);
    this.#parts.owners.set(session.id, this);
    return session;
  }

  async #end(session: Session): Promise<void> {
    this.#parts.owners.delete(session.id);
    this.#sessions.delete(session.id);
    await session.end();
    if (this.#closed && this.#sessions.size === 0) this.#ended.resolve();
  }

  async #endSessions(): Promise<void> {
    await Promise.all(this.sessions.map((session) => this.#end(session)));
    this.#ended.resolve();
  }
}
