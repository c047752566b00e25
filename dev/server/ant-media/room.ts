import type { MediaSettings } from '../settings.ts';
import { notification, type Recipient } from './messages.ts';
import type { Line, Player } from './player.ts';
import type { Publisher } from './publisher.ts';
import { audioAssignments, videoAssignments } from './queries.ts';
import { Slots } from './slots.ts';

/** How often it is looked who speaks. */
const lookMs = 100;

/**
 * Who publishes and who plays under one main track. For clients a room exists while somebody publishes in it;
 * players stay when the last publisher goes.
 */
export class Room {
  readonly id: string;
  readonly #publishers = new Set<Publisher>();
  /** Those who play, with their slots, where they have slots. */
  readonly #players = new Map<Player, Slots | undefined>();
  /** The newest list of slots that each player was sent. */
  readonly #lists = new WeakMap<Player, string>();
  readonly #settings: MediaSettings;
  #timer: NodeJS.Timeout | undefined;
  #turnedAt = 0;

  constructor(id: string, settings: MediaSettings) {
    this.id = id;
    this.#settings = settings;
  }

  /** Those whose media can flow. */
  get publishers(): readonly Publisher[] {
    return [...this.#publishers];
  }

  get players(): readonly Player[] {
    return [...this.#players.keys()];
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
    this.#tellOfChange();
  }

  /** Takes a publisher out; the others hear `subtrackRemoved` unless it is about to come back. */
  removePublisher(publisher: Publisher, { announce = true } = {}): void {
    if (!this.#publishers.delete(publisher)) return;
    if (announce) this.#tellOthers(publisher, 'subtrackRemoved');
    this.updatePlayers();
    this.#tellOfChange();
  }

  /** A player comes. With a limit of tracks it gets slots, else a track under the name of each participant. */
  addPlayer(player: Player): void {
    const { slots } = this.#settings;
    this.#players.set(player, slots ? new Slots(slots) : undefined);
    if (slots) this.#timer ??= setInterval(() => this.#look(), lookMs);
  }

  removePlayer(player: Player): void {
    this.#players.delete(player);
    if (![...this.#players.values()].some(Boolean)) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  slotsOf(player: Player): Slots | undefined {
    return this.#players.get(player);
  }

  /** What a player gets: the tracks of all but itself, or as many slots as it may have. */
  linesFor(player: Player): readonly Line[] {
    const slots = this.#players.get(player);
    const others = this.othersOf(player);
    if (!slots) return others.flatMap(({ sources }) => sources);
    slots.follow(others);
    return slots.all;
  }

  othersOf(player: Player): readonly Publisher[] {
    return this.publishers.filter(
      ({ owner, info }) => owner !== player.owner && info.streamId !== player.publishId,
    );
  }

  /** Makes each player's connection follow what is published now. */
  updatePlayers(): void {
    for (const player of this.players) this.updatePlayer(player);
  }

  /** The same of one player, after its slots have changed. */
  updatePlayer(player: Player): void {
    this.linesFor(player);
    player.update().catch((error: unknown) => console.error('No new offer for a player:', error));
    this.#sendList(player);
  }

  /** The data channel of a player has opened. */
  opened(player: Player): void {
    // A list that was sent before is lost for good.
    if (this.#settings.slotLists === 'lost') return;
    this.#lists.delete(player);
    this.#sendList(player);
  }

  #tellOfChange(): void {
    if (this.#settings.slotLists === 'lost') return;
    const text = JSON.stringify({ eventType: 'TRACK_LIST_UPDATED', streamId: this.id });
    for (const [player, slots] of this.#players) if (slots) player.send(text);
  }

  /** Pushes the list of slots where it has changed, if the server is one that does. */
  #sendList(player: Player): void {
    const slots = this.#players.get(player);
    const { slotLists } = this.#settings;
    if (!slots || slotLists === 'asked' || (slotLists === 'lost' && this.#lists.has(player))) return;
    const list = videoAssignments(this, player);
    if (this.#lists.get(player) === list) return;
    this.#lists.set(player, list);
    player.send(list);
  }

  /** Who speaks gets a slot; the levels are told. */
  #look(): void {
    const { slotTurnMs, audioLevels } = this.#settings;
    const turns = slotTurnMs !== null && Date.now() - this.#turnedAt >= slotTurnMs;
    if (turns) this.#turnedAt = Date.now();
    for (const [player, slots] of this.#players) {
      if (!slots) continue;
      slots.followSpeakers();
      if (turns) slots.turn();
      player.refill();
      this.#sendList(player);
      if (audioLevels) player.send(audioAssignments(this.id, slots));
    }
  }

  /** Passes a data channel message on to everybody else who plays the room. */
  relay(data: string | Buffer, from: Recipient): void {
    for (const player of this.players) if (player.owner !== from) player.send(data);
  }

  #tellOthers(publisher: Publisher, definition: string): void {
    if (this.#settings.edition !== 'enterprise') return;
    const others = new Set([...this.#publishers, ...this.players].map(({ owner }) => owner));
    others.delete(publisher.owner);
    const message = notification(definition, this.id, { trackId: publisher.info.streamId });
    for (const other of others) other.send(message);
  }
}
