import { EventEmitter } from 'eventemitter3';
import { ConnectionError, ConnectionState, DisconnectReason, type Room, type Track } from 'livekit-client';
import type { FakeClock } from '../../../src/testing/index.ts';
import { FakeTrack } from '../adapters/fake-stream.ts';

/** The vendor gives up a connection that is not answered. */
const connectTimeoutMs = 15_000;
/** Its pauses before it restores a lost connection again. After the last one it gives up. */
const retryDelaysMs = [250, 300, 1_200, 2_700, 4_800, 7_000, 7_000, 7_000, 7_000, 7_000];

interface Other {
  readonly name: string;
  getTrackPublications(): { track: { mediaStreamTrack: FakeTrack } }[];
}

const makeOther = (name: string): Other => {
  const track = { mediaStreamTrack: new FakeTrack('video') };
  return { name, getTrackPublications: () => [{ track }] };
};

/** A published track of our own. */
class FakePublication {
  readonly source: Track.Source | undefined;
  readonly track: MediaStreamTrack;
  isMuted = false;

  constructor(track: MediaStreamTrack, source: Track.Source | undefined) {
    this.track = track;
    this.source = source;
  }

  async mute(): Promise<void> {
    this.isMuted = true;
  }

  async unmute(): Promise<void> {
    this.isMuted = false;
  }
}

/** A LiveKit server in memory, and its client's `Room` as far as an adapter uses it. */
export class FakeLiveKit {
  readonly clock: FakeClock;
  readonly tokens: string[] = [];
  readonly rooms: FakeRoom[] = [];
  /** Identities of the others, with their names. */
  readonly others = new Map<string, string>();
  contacts = 0;
  isSilent = false;
  /** A lost connection cannot be resumed: the vendor makes the whole connection anew. */
  forgetsConnections = false;
  isRejected = (_token: string): boolean => false;

  constructor(clock: FakeClock) {
    this.clock = clock;
  }

  /** For the adapter. */
  readonly makeRoom = (): Room => {
    const room = new FakeRoom(this);
    this.rooms.push(room);
    return room as unknown as Room;
  };

  get open(): string[] {
    return this.rooms.flatMap(({ isOpen }) => (isOpen ? ['a connection'] : []));
  }

  join(id: string): void {
    this.others.set(id, id);
    for (const room of this.#reachable()) room.otherJoined(id);
  }

  leave(id: string): void {
    this.others.delete(id);
    for (const room of this.#reachable()) room.otherLeft(id);
  }

  drop(): void {
    for (const room of this.rooms) if (room.state === ConnectionState.Connected) room.lose();
  }

  /** The server ends all connections. */
  end(reason: DisconnectReason): void {
    for (const room of this.rooms) room.end(reason);
  }

  /** @throws the vendor's error for a rejected token */
  check(token: string): void {
    this.tokens.push(token);
    if (this.isRejected(token)) throw ConnectionError.notAllowed('invalid authorization token', 401);
  }

  #reachable(): FakeRoom[] {
    return this.isSilent ? [] : this.rooms.filter(({ state }) => state === ConnectionState.Connected);
  }
}

export class FakeRoom extends EventEmitter {
  state: ConnectionState = ConnectionState.Disconnected;
  isOpen = false;
  remoteParticipants = new Map<string, Other>();
  readonly publications: FakePublication[] = [];
  readonly localParticipant = {
    publishTrack: async (track: MediaStreamTrack, { source }: { source?: Track.Source }) => {
      // After 15 s without a connection, the vendor stops the track.
      if (this.state !== ConnectionState.Connected) track.stop();
      await this.#hops(5);
      this.publications.push(new FakePublication(track, source));
    },
    getTrackPublication: (source: Track.Source) =>
      this.publications.find((publication) => publication.source === source),
  };
  readonly #server: FakeLiveKit;
  #token = '';
  #stopTimer = (): void => {};
  #rejectConnect: (error: Error) => void = () => {};

  constructor(server: FakeLiveKit) {
    super();
    this.#server = server;
  }

  async connect(_url: string, token: string): Promise<void> {
    await this.#hops(2);
    this.state = ConnectionState.Connecting;
    this.#token = token;
    const aborted = new Promise<never>((_, reject) => {
      this.#rejectConnect = reject;
    });
    try {
      await Promise.race([aborted, this.#reach()]);
    } catch (error) {
      // The event comes before the rejection.
      const isRejected = error instanceof ConnectionError && error.status === 401;
      this.end(isRejected ? DisconnectReason.USER_REJECTED : DisconnectReason.JOIN_FAILURE);
      throw error;
    }
    this.#setState(ConnectionState.Connected);
    this.emit('connected');
    await this.#hops(2);
  }

  async disconnect(): Promise<void> {
    await this.#hops(2);
    if (this.state === ConnectionState.Connecting)
      this.#rejectConnect(ConnectionError.cancelled('Cancelled'));
    this.end(DisconnectReason.CLIENT_INITIATED);
    await this.#hops(5);
  }

  otherJoined(id: string): void {
    const name = this.#server.others.get(id) ?? id;
    this.remoteParticipants.set(id, makeOther(name));
    this.emit('participantConnected');
    queueMicrotask(() => this.emit('trackSubscribed'));
  }

  otherLeft(id: string): void {
    if (this.remoteParticipants.delete(id)) this.emit('participantDisconnected');
  }

  /** The connection breaks. The vendor resumes it, with the token that it has. */
  lose(): void {
    this.isOpen = false;
    if (this.#server.forgetsConnections) this.#restarting();
    else this.#setState(ConnectionState.SignalReconnecting);
    if (this.state === ConnectionState.SignalReconnecting) this.emit('signalReconnecting');
    this.#restore(0);
  }

  end(reason?: DisconnectReason): void {
    if (this.state === ConnectionState.Disconnected) return;
    this.#stopTimer();
    this.isOpen = false;
    this.remoteParticipants.clear();
    this.#setState(ConnectionState.Disconnected);
    this.emit('disconnected', reason);
  }

  #restarting(): void {
    // In this order: the participants go first.
    for (const id of [...this.remoteParticipants.keys()]) this.otherLeft(id);
    this.#setState(ConnectionState.Reconnecting);
    this.emit('reconnecting');
  }

  #restore(tries: number): void {
    const delayMs = retryDelaysMs[tries];
    if (delayMs === undefined) return this.end();
    this.#stopTimer = this.#server.clock.setTimer(async () => {
      if (tries > 0) this.#restarting();
      try {
        await this.#reach();
      } catch (error) {
        if (error instanceof ConnectionError && error.status === 401) this.end();
        else if (this.state !== ConnectionState.Disconnected) this.#restore(tries + 1);
        return;
      }
      if (this.state === ConnectionState.Disconnected) return;
      this.#setState(ConnectionState.Connected);
      this.emit('reconnected');
    }, delayMs);
  }

  /** Opens the connection and sends the token. */
  async #reach(): Promise<void> {
    const { clock } = this.#server;
    this.#server.contacts++;
    this.isOpen = true;
    await this.#hops(5);
    if (!this.isOpen) throw ConnectionError.cancelled('Cancelled');
    this.#server.check(this.#token);
    if (this.#server.isSilent) {
      await new Promise((_, reject) => {
        const giveUp = () => reject(ConnectionError.timeout('No answer'));
        this.#stopTimer = clock.setTimer(giveUp, connectTimeoutMs);
      });
    }
    await this.#hops(5);
    if (!this.isOpen) throw ConnectionError.cancelled('Cancelled');
    for (const [id, name] of this.#server.others)
      if (!this.remoteParticipants.has(id)) this.remoteParticipants.set(id, makeOther(name));
    for (const id of this.remoteParticipants.keys())
      if (!this.#server.others.has(id)) this.remoteParticipants.delete(id);
  }

  #setState(state: ConnectionState): void {
    this.state = state;
    this.emit('connectionStateChanged', state);
  }

  async #hops(count: number): Promise<void> {
    for (let hop = 0; hop < count; hop++) await undefined;
  }
}
