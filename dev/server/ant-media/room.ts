import type { Source } from '../media/source.ts';
import { notification, type Recipient } from './messages.ts';
import type { Player } from './player.ts';
import type { Publisher } from './publisher.ts';

/**
 * Who publishes and who plays under one main track. For clients a room exists while somebody publishes in it;
 * players stay when the last publisher goes.
 */
export class Room {
  readonly id: string;
  readonly #publishers = new Set<Publisher>();
  readonly #players = new Set<Player>();

  constructor(id: string) {
    this.id = id;
  }

  /** Those whose media can flow. */
  get publishers(): readonly Publisher[] {
    return [...this.#publishers];
  }

  get players(): readonly Player[] {
    return [...this.#players];
  }

  /** Whether nobody is left who publishes or plays. */
  get empty(): boolean {
    return this.#publishers.size === 0 && this.#players.size === 0;
  }

  /** Lets a publisher in; the others hear `subtrackAdded` unless it only takes its own place again. */
  addPublisher(publisher: Publisher, { announce = true } = {}): void {
    this.#publishers.add(publisher);
    if (announce) this.#tellOthers(publisher, 'subtrackAdded');
    this.updatePlayers();
  }

  /** Takes a publisher out; the others hear `subtrackRemoved` unless it is about to come back. */
  removePublisher(publisher: Publisher, { announce = true } = {}): void {
    if (!this.#publishers.delete(publisher)) return;
    if (announce) this.#tellOthers(publisher, 'subtrackRemoved');
    this.updatePlayers();
  }

  addPlayer(player: Player): void {
    this.#players.add(player);
  }

  removePlayer(player: Player): void {
    this.#players.delete(player);
  }

  /** What a player gets: the tracks of everybody but itself. */
  sourcesFor(player: Player): readonly Source[] {
    return this.publishers
      .filter(({ owner, info }) => owner !== player.owner && info.streamId !== player.publishId)
      .flatMap(({ sources }) => sources);
  }

  /** Makes each player's connection follow what is published now. */
  updatePlayers(): void {
    for (const player of this.players)
      player.update().catch((error: unknown) => console.error('No new offer for a player:', error));
  }

  /** Passes a data channel message on to everybody else who plays the room. */
  relay(data: string | Buffer, from: Recipient): void {
    for (const player of this.players) if (player.owner !== from) player.send(data);
  }

  #tellOthers(publisher: Publisher, definition: string): void {
    const others = new Set([...this.#publishers, ...this.#players].map(({ owner }) => owner));
    others.delete(publisher.owner);
    const message = notification(definition, this.id, { trackId: publisher.info.streamId });
    for (const other of others) other.send(message);
  }
}
