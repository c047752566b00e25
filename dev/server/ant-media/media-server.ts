import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { EventLog } from '../event-log.ts';
import type { Settings } from '../settings.ts';
import type { Tokens } from '../tokens.ts';
import { Application, type RoomReport } from './application.ts';
import { type DropKind, Session } from './session.ts';

/** Which sessions to cut off; what is left out fits all. */
export interface DropRequest {
  app?: string;
  room?: string;
  /** The participant's stream id. */
  identity?: string;
  /** Default `terminate`. */
  how?: DropKind;
}

/** What the media server works with. */
export interface MediaServerParts {
  settings: Settings;
  tokens: Tokens;
  log: EventLog;
}

/** 80 KiB, the real server's text buffer; more closes with 1009. */
const maxFrameBytes = 81_920;

/** A socket that answers a close without a code with 1000, as the real server does. */
class ServerSocket extends WebSocket {
  override close(code = 1000, data?: string | Buffer): void {
    super.close(code, data);
  }
}

/**
 * A stand-in for Ant Media Server: its signalling at `/{app}/websocket`, its token checks, and rooms whose media
 * really flow. For development: nothing is recorded, mixed or transcoded.
 */
export class MediaServer {
  readonly #parts: MediaServerParts;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    perMessageDeflate: true,
    WebSocket: ServerSocket,
  });
  readonly #apps = new Map<string, Application>();
  readonly #sessions = new Map<Session, Application>();
  #nextId = 1;

  constructor(parts: MediaServerParts) {
    this.#parts = parts;
  }

  /** Takes over an upgrade to `/{app}/websocket`; false when the path is another one. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const [, name] = /^\/([A-Za-z0-9_-]+)\/websocket(?:\?|$)/.exec(request.url ?? '') ?? [];
    if (name === undefined) return false;
    if (!this.#parts.settings.media.acceptSockets) {
      socket.destroy();
      return true;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const app = this.#application(name);
      const session = new Session(this.#nextId, webSocket, { ...this.#parts, app });
      this.#nextId += 1;
      this.#sessions.set(session, app);
      webSocket.once('close', () => this.#sessions.delete(session));
    });
    return true;
  }

  /** Cuts off the sessions that match, and says how many did. */
  async drop({ app, room, identity, how = 'terminate' }: DropRequest): Promise<number> {
    const matching = [...this.#sessions]
      .filter(([session, { name }]) => (app === undefined || app === name) && session.matches(room, identity))
      .map(([session]) => session);
    await Promise.all(matching.map((session) => session.drop(how)));
    return matching.length;
  }

  /** Who is in which room. */
  rooms(): RoomReport[] {
    return [...this.#apps.values()].flatMap((app) => app.report());
  }

  /** Cuts everybody off and frees everything. */
  async close(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((session) => session.close()));
    await Promise.all([...this.#apps.values()].map((app) => app.close()));
    this.#sockets.close();
  }

  #application(name: string): Application {
    const app = this.#apps.get(name) ?? new Application(name, this.#parts.settings.media);
    this.#apps.set(name, app);
    return app;
  }
}
