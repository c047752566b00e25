import type { WebSocket } from 'ws';
import type { RemoteCommand } from './messages.ts';
import { nameOf, parseRoomAddress } from './room-address.ts';

/** An open meeting page. */
export interface Page {
  readonly socket: WebSocket;
  /** The page's own, by which its session names it. */
  readonly key: string;
  readonly room: string;
  /** The display name that it was opened with. */
  readonly name: string;
}

/** The open meeting pages, in a meeting or not, by the sockets over which things are done to them. */
export class RemotePages {
  readonly #pages = new Set<Page>();

  get size(): number {
    return this.#pages.size;
  }

  /** Takes a page's socket, whose address says which page it is. */
  open(socket: WebSocket, query: URLSearchParams): void {
    const page: Page = {
      socket,
      key: query.get('page') ?? '',
      room: nameOf(parseRoomAddress(query.get('room') ?? '')),
      name: query.get('name') ?? '',
    };
    this.#pages.add(page);
    socket.on('close', () => this.#pages.delete(page));
  }

  /** Does something to the pages that fit, and says to how many. */
  command(fits: (page: Page) => boolean, command: RemoteCommand): number {
    const matching = [...this.#pages].filter(fits);
    for (const { socket } of matching) socket.send(JSON.stringify(command));
    return matching.length;
  }

  close(): void {
    for (const { socket } of this.#pages) socket.terminate();
  }
}
