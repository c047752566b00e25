import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RoomReport } from '../ant-media/application.ts';
import type { EventLog } from '../event-log.ts';
import type { Settings } from '../settings.ts';
import { Sfu } from './sfu.ts';
import { type JanusDropKind, Socket } from './socket.ts';
import type { JanusTokens } from './tokens.ts';

/** Which sockets to cut off; what is left out fits all. */
export interface JanusDropRequest {
  room?: string;
  /** The user id, or the identity in it. */
  identity?: string;
  /** Default `terminate`. */
  how?: JanusDropKind;
}

/** What the server works with. */
export interface JanusServerParts {
  settings: Settings;
  tokens: JanusTokens;
  log: EventLog;
}

const subprotocol = 'janus-protocol';
const maxFrameBytes = 1_048_576;

/**
 * A stand-in for Janus with janus-plugin-sfu: the protocol at `/janus`, the plugin's token checks, and rooms whose
 * media and data really flow. For development.
 */
export class JanusServer {
  readonly #parts: JanusServerParts;
  readonly #sfu: Sfu;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    handleProtocols: () => subprotocol,
  });
  readonly #sockets = new Set<Socket>();
  readonly #owners = new Map<number, Socket>();
  #nextId = 1;

  constructor(parts: JanusServerParts) {
    this.#parts = parts;
    this.#sfu = new Sfu(parts);
  }

  /** What is open, for tests that look for leftovers. */
  get open(): { sockets: number; sessions: number; handles: number } {
    const sockets = [...this.#sockets];
    const sessions = sockets.flatMap((socket) => socket.sessions);
    const handles = sessions.flatMap((session) => session.handles);
    return {
      sockets: sockets.filter(({ isOpen }) => isOpen).length,
      sessions: sessions.length,
      handles: handles.length,
    };
  }

  /** Takes over an upgrade to `/janus`; false when the path is another one. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (!/^\/janus\/?(?:\?|$)/.test(request.url ?? '')) return false;
    const { settings, log } = this.#parts;
    if (!settings.janus.acceptSockets) {
      socket.destroy();
      return true;
    }
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
    if (!offered.includes(subprotocol)) {
      socket.destroy();
      return true;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const opened = new Socket(this.#nextId, webSocket, {
        settings,
        log,
        sfu: this.#sfu,
        owners: this.#owners,
      });
      this.#nextId += 1;
      this.#sockets.add(opened);
      void opened.ended.then(() => this.#sockets.delete(opened));
    });
    return true;
  }

  /** Cuts off the sockets that match, and says how many did. */
  async drop({ room, identity, how = 'terminate' }: JanusDropRequest): Promise<number> {
    const matching = [...this.#sockets].filter((socket) => socket.matches(room, identity));
    await Promise.all(matching.map((socket) => socket.drop(how)));
    return matching.length;
  }

  /**
   * What clients see of a restart: every socket is cut off, nobody is told that anybody left, and sessions, rooms
   * and blocks are forgotten. Says how many sockets there were.
   */
  async restart(): Promise<number> {
    this.#sfu.forget();
    const sockets = [...this.#sockets];
    await Promise.all(sockets.map((socket) => socket.close()));
    return sockets.length;
  }

  /** Who is in which room. */
  rooms(): RoomReport[] {
    return this.#sfu.report();
  }

  /** Cuts everybody off and frees everything. */
  async close(): Promise<void> {
    await this.restart();
    this.#webSockets.close();
  }
}
