import type { EventLog } from '../event-log.ts';
import type { Candidate } from '../media/connection.ts';
import type { Source } from '../media/source.ts';
import type { Application } from './application.ts';
import { errorMessage, notification, type Recipient } from './messages.ts';
import { Player } from './player.ts';
import { Publisher, type PublisherInfo } from './publisher.ts';
import type { Room } from './room.ts';
import type { Slots } from './slots.ts';

/** What one socket publishes and plays: one publisher at most, and any number of rooms. */
export class Participation {
  readonly #owner: Recipient;
  readonly #app: Application;
  readonly #log: EventLog;
  readonly #players = new Map<string, { player: Player; room: Room }>();
  #publisher: Publisher | undefined;

  /** @param owner Who is told what happens: the socket. */
  constructor(owner: Recipient, app: Application, log: EventLog) {
    this.#owner = owner;
    this.#app = app;
    this.#log = log;
  }

  get publishing(): boolean {
    return this.#publisher !== undefined;
  }

  isPlaying(roomId: string): boolean {
    return this.#players.has(roomId);
  }

  /** Whether it publishes or plays in this room, under this stream id; what is undefined fits all. */
  matches(room: string | undefined, identity: string | undefined): boolean {
    const info = this.#publisher?.info;
    const players = this.#allPlayers();
    return (
      (room === undefined || info?.roomId === room || players.some(({ roomId }) => roomId === room)) &&
      (identity === undefined ||
        info?.streamId === identity ||
        players.some(({ publishId }) => publishId === identity))
    );
  }

  /** Begins a publish: the client is told to send its offer. */
  async publish(info: PublisherInfo): Promise<void> {
    const { streamId, roomId } = info;
    const held = this.#app.publisher(streamId);
    if (held) await this.#app.end(held, { announce: false });
    const room = (): Room | undefined => this.#app.room(roomId);
    const publisher = new Publisher(info, this.#owner, {
      started: () => {
        this.#app.start(publisher, { announce: !held });
        const definition = held ? 'session_restored' : 'publish_started';
        this.#owner.send(notification(definition, streamId, { room: roomId, ATTR_ROOM_NAME: roomId }));
      },
      changed: () => room()?.updatePlayers(),
      message: (data) => room()?.relay(data, this.#owner),
      ended: (reason) => {
        if (this.#publisher !== publisher) return;
        if (reason === 'timeout') this.#owner.send(errorMessage('publishTimeoutError', streamId));
        void this.#stopPublishing(publisher);
      },
    });
    this.#publisher = publisher;
    this.#app.reserve(publisher);
    this.#owner.send({ command: 'start', streamId });
  }

  /** Begins to play a room: the client is sent an offer. */
  async play(room: Room, publishId: string, subscriberId = ''): Promise<void> {
    const streamId = room.id;
    const who = { roomId: streamId, publishId, subscriberId, owner: this.#owner };
    const player: Player = new Player(who, (self) => room.linesFor(self), {
      open: () => room.opened(player),
      offer: (offer) => this.#owner.send({ command: 'takeConfiguration', streamId, type: 'offer', ...offer }),
      started: () => this.#owner.send(notification('play_started', streamId)),
      message: (data) => room.relay(data, this.#owner),
      lost: () => {
        if (this.#players.get(streamId)?.player === player) void this.#stopPlaying(streamId);
      },
    });
    this.#players.set(streamId, { player, room });
    room.addPlayer(player);
    room.updatePlayer(player);
  }

  /** Takes an offer of what is published; the client is sent the answer. */
  async takeOffer(streamId: string, sdp: string): Promise<void> {
    if (this.#publisher?.info.streamId !== streamId) return;
    const answer = await this.#publisher.answer(sdp);
    this.#owner.send({ command: 'takeConfiguration', streamId, type: 'answer', sdp: answer });
  }

  /** Takes an answer of what is played. */
  async takeAnswer(roomId: string, sdp: string): Promise<void> {
    await this.#players.get(roomId)?.player.takeAnswer(sdp);
  }

  /** Takes a candidate of what is published or played under this id. */
  async takeCandidate(streamId: string, candidate: Candidate): Promise<void> {
    const publisher = this.#publisher?.info.streamId === streamId ? this.#publisher : undefined;
    await (publisher ?? this.#players.get(streamId)?.player)?.addCandidate(candidate);
  }

  /** Pauses or resumes tracks of a participant in a room it plays. */
  enable(roomId: string, streamId: string, enabled: boolean, kinds?: readonly Source['kind'][]): void {
    this.#players.get(roomId)?.player.enable(streamId, enabled, kinds);
  }

  /** Changes what it says of itself. */
  updateMetaData(streamId: string, metaData: string): void {
    if (this.#publisher?.info.streamId === streamId) this.#publisher.info.metaData = metaData;
  }

  /** Changes the slots of those of its rooms that have slots. */
  changeSlots(roomId: string | undefined, change: (slots: Slots) => void): void {
    for (const { player, room } of this.#players.values()) {
      const slots = room.slotsOf(player);
      if (!slots || (roomId !== undefined && roomId !== room.id)) continue;
      change(slots);
      room.updatePlayer(player);
    }
  }

  /** Sends a data channel message made for the player of a room. */
  sendData(roomId: string, make: (room: Room, player: Player) => string): void {
    const playing = this.#players.get(roomId);
    if (playing) playing.player.send(make(playing.room, playing.player));
  }

  /** Stops what is published, whatever its id. */
  async stopPublisher(): Promise<void> {
    if (this.#publisher) await this.#stopPublishing(this.#publisher);
  }

  /** Stops what is published or played under this id. */
  async stop(streamId: string): Promise<void> {
    if (this.#publisher?.info.streamId === streamId) await this.#stopPublishing(this.#publisher);
    if (this.#players.has(streamId)) await this.#stopPlaying(streamId);
  }

  /** Lets all media die without a word. */
  async silence(): Promise<void> {
    const players = this.#allPlayers();
    await Promise.all([this.#publisher?.silence(), ...players.map((player) => player.silence())]);
  }

  /** Stops everything; what is published only after `holdMs`, if that is above 0. */
  async end(holdMs: number): Promise<void> {
    const publisher = this.#publisher;
    this.#publisher = undefined;
    await Promise.all([...this.#players.keys()].map((roomId) => this.#stopPlaying(roomId)));
    if (!publisher) return;
    if (holdMs > 0 && publisher.started) this.#app.hold(publisher, holdMs, () => void this.#free(publisher));
    else await this.#free(publisher);
  }

  #allPlayers(): Player[] {
    return [...this.#players.values()].map(({ player }) => player);
  }

  async #stopPublishing(publisher: Publisher): Promise<void> {
    this.#publisher = undefined;
    await this.#free(publisher);
    this.#owner.send(notification('publish_finished', publisher.info.streamId, { subscriberId: '' }));
  }

  async #stopPlaying(roomId: string): Promise<void> {
    const playing = this.#players.get(roomId);
    if (!playing) return;
    this.#players.delete(roomId);
    playing.room.removePlayer(playing.player);
    this.#app.leave(playing.room);
    await playing.player.close();
    this.#owner.send(notification('play_finished', roomId));
  }

  async #free(publisher: Publisher): Promise<void> {
    const { streamId, roomId } = publisher.info;
    if (publisher.started) this.#log.add({ type: 'left', app: this.#app.name, room: roomId, streamId });
    await this.#app.end(publisher);
  }
}
