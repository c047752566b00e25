import type { MediaSettings } from '../settings.ts';
import type { Publisher } from './publisher.ts';
import { Room } from './room.ts';

/** Who is in a room, for the fault panel. */
export interface RoomReport {
  app: string;
  room: string;
  publishers: { streamId: string; tracks: string[]; held: boolean }[];
  /** `publishId` is the player's own stream id; `''` when it only plays. */
  players: { publishId: string }[];
}

/**
 * One application of the server, as in `/{app}/websocket`: rooms and stream ids of different applications know
 * nothing of each other, so two of them can stand for two servers.
 */
export class Application {
  readonly name: string;
  readonly #rooms = new Map<string, Room>();
  readonly #publishers = new Map<string, Publisher>();
  readonly #held = new Map<Publisher, NodeJS.Timeout>();

  readonly #settings: MediaSettings;

  constructor(name: string, settings: MediaSettings) {
    this.name = name;
    this.#settings = settings;
  }

  /** The room, when somebody publishes in it. */
  room(id: string): Room | undefined {
    const room = this.#rooms.get(id);
    return room && room.publishers.length > 0 ? room : undefined;
  }

  /** The publisher of a stream id, started or not, or kept after its socket was lost. */
  publisher(streamId: string): Publisher | undefined {
    return this.#publishers.get(streamId);
  }

  /** Reserves the stream id of a publisher that has not started. */
  reserve(publisher: Publisher): void {
    this.#publishers.set(publisher.info.streamId, publisher);
  }

  /** Lets a publisher into its room. */
  start(publisher: Publisher, options?: { announce?: boolean }): void {
    this.#openRoom(publisher.info.roomId).addPublisher(publisher, options);
  }

  /** Takes a publisher out and frees it and its stream id. */
  async end(publisher: Publisher, options?: { announce?: boolean }): Promise<void> {
    const { streamId, roomId } = publisher.info;
    clearTimeout(this.#held.get(publisher));
    this.#held.delete(publisher);
    if (this.#publishers.get(streamId) === publisher) this.#publishers.delete(streamId);
    this.#rooms.get(roomId)?.removePublisher(publisher, options);
    this.#forget(roomId);
    await publisher.close();
  }

  /** Keeps a publisher whose socket is lost for `ms`, then calls `expired`. */
  hold(publisher: Publisher, ms: number, expired: () => void): void {
    this.#held.set(publisher, setTimeout(expired, ms));
  }

  isHeld(publisher: Publisher): boolean {
    return this.#held.has(publisher);
  }

  /** Frees the room's name when nobody is left in it. */
  leave(room: Room): void {
    this.#forget(room.id);
  }

  report(): RoomReport[] {
    return [...this.#rooms.values()].map((room) => ({
      app: this.name,
      room: room.id,
      publishers: room.publishers.map((publisher) => ({
        streamId: publisher.info.streamId,
        tracks: publisher.sources.map(({ trackId }) => trackId),
        held: this.isHeld(publisher),
      })),
      players: room.players.map(({ publishId }) => ({ publishId })),
    }));
  }

  /** Frees every publisher that is kept without a socket. */
  async close(): Promise<void> {
    await Promise.all([...this.#held.keys()].map((publisher) => this.end(publisher)));
  }

  #openRoom(id: string): Room {
    const room = this.#rooms.get(id) ?? new Room(id, this.#settings);
    this.#rooms.set(id, room);
    return room;
  }

  #forget(id: string): void {
    if (this.#rooms.get(id)?.empty) this.#rooms.delete(id);
  }
}
