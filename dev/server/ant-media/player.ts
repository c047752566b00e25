import type { RTCDataChannel, RTCRtpTransceiver } from 'werift';
import { vp8 } from '../media/codecs.ts';
import { type Candidate, Connection } from '../media/connection.ts';
import type { Source } from '../media/source.ts';
import type { Recipient } from './messages.ts';
import { trackId } from './publisher.ts';

/** An offer of the server, with the names of its tracks. */
export interface PlayOffer {
  sdp: string;
  /** Media section (`mid`) to track id: what the client looks a new track's name up in. */
  idMapping: Record<string, string>;
}

/** What a player tells its session. */
export interface PlayerEvents {
  /** A new offer; the next one comes only after the answer to this one. */
  offer(offer: PlayOffer): void;
  /** Media can flow: the server now says `play_started`. At most once. */
  started(): void;
  /** A message on its data channel. */
  message(data: string | Buffer): void;
  /** The connection is gone. At most once. */
  lost(): void;
}

/** Someone who plays a room: one connection on which a browser receives everybody else. */
export class Player {
  readonly roomId: string;
  /** Its own stream id, whose tracks it does not get; `''` when it only plays. */
  readonly publishId: string;
  readonly owner: Recipient;
  readonly #wanted: () => readonly Source[];
  readonly #events: PlayerEvents;
  readonly #connection: Connection;
  readonly #channel: RTCDataChannel;
  readonly #playing = new Map<Source, RTCRtpTransceiver>();
  readonly #muted = new Set<string>();
  #offering = false;
  #outdated = false;
  #offered = false;

  /** @param wanted What it should get now; asked again at each {@link update}. */
  constructor(
    roomId: string,
    publishId: string,
    owner: Recipient,
    wanted: (player: Player) => readonly Source[],
    events: PlayerEvents,
  ) {
    this.roomId = roomId;
    this.publishId = publishId;
    this.owner = owner;
    this.#wanted = () => wanted(this);
    this.#events = events;
    this.#connection = new Connection(vp8, {
      connected: () => events.started(),
      lost: () => events.lost(),
    });
    // Also keeps one media section alive when the last track goes: an offer without any cannot be bundled.
    this.#channel = this.#connection.peer.createDataChannel(roomId);
    this.#channel.onMessage.subscribe((data) => events.message(data));
  }

  /** Brings the connection up to what is wanted now: an offer goes out when anything changed. */
  async update(): Promise<void> {
    if (this.#connection.over) return;
    if (this.#offering) {
      this.#outdated = true;
      return;
    }
    this.#outdated = false;
    if (!this.#changeTracks() && this.#offered) return;
    this.#offering = true;
    this.#offered = true;
    const sdp = await this.#connection.offer();
    if (!this.#connection.over) this.#events.offer({ sdp, idMapping: this.#idMapping() });
  }

  /** Takes the browser's answer to the last offer. */
  async takeAnswer(sdp: string): Promise<void> {
    if (!this.#offering) return;
    await this.#connection.takeAnswer(sdp);
    this.#offering = false;
    if (this.#connection.connected) for (const source of this.#playing.keys()) source.requestKeyframe();
    if (this.#outdated) await this.update();
  }

  /** Takes a candidate of the browser. */
  addCandidate(candidate: Candidate): Promise<void> {
    return this.#connection.addCandidate(candidate);
  }

  /** Pauses or resumes tracks of one participant: all of them, or those of one kind. */
  enable(streamId: string, enabled: boolean, kinds: readonly Source['kind'][] = ['audio', 'video']): void {
    for (const kind of kinds) {
      const id = trackId(streamId, kind);
      if (enabled) this.#muted.delete(id);
      else this.#muted.add(id);
    }
    for (const [source, { sender }] of this.#playing) {
      if (this.#muted.has(source.trackId)) {
        source.removeSink(sender);
      } else {
        source.addSink(sender);
        source.requestKeyframe();
      }
    }
  }

  /** Sends on its data channel; dropped when that is not open. */
  send(data: string | Buffer): void {
    if (this.#channel.readyState === 'open') this.#channel.send(data);
  }

  /** Lets the connection die without a word. */
  silence(): Promise<void> {
    return this.#connection.silence();
  }

  /** Frees the connection; nothing is reported afterwards. */
  async close(): Promise<void> {
    for (const [source, { sender }] of this.#playing) source.removeSink(sender);
    this.#playing.clear();
    await this.#connection.close();
  }

  /** Adds and removes tracks; false when there was nothing to do. */
  #changeTracks(): boolean {
    const wanted = new Set(this.#wanted());
    const gone = [...this.#playing].filter(([source]) => !wanted.has(source));
    const added = [...wanted].filter((source) => !this.#playing.has(source));
    for (const [source, transceiver] of gone) {
      const { sender } = transceiver;
      source.removeSink(sender);
      this.#playing.delete(source);
      transceiver.stop();
      // A stopped sender stays subscribed to its connection, with its last packets and all it holds on to.
      for (const unsubscribe of sender['dtlsDisposer']) unsubscribe();
      sender.onReady.allUnsubscribe();
      sender.onPictureLossIndication.allUnsubscribe();
    }
    for (const source of added) this.#add(source);
    return gone.length + added.length > 0;
  }

  #add(source: Source): void {
    const transceiver = this.#connection.peer.addTransceiver(source.kind, { direction: 'sendonly' });
    const { sender } = transceiver;
    sender.streamIds = ['ARDAMS'];
    // What the browser shows as track.id; the library has no other way to choose it.
    Object.assign(sender, { trackId: source.trackId });
    sender.onReady.subscribe(() => source.requestKeyframe());
    sender.onPictureLossIndication.subscribe(() => source.requestKeyframe());
    this.#playing.set(source, transceiver);
    if (!this.#muted.has(source.trackId)) source.addSink(sender);
  }

  #idMapping(): Record<string, string> {
    const entries = [...this.#playing].map(([source, { mid }]) => [String(mid), source.trackId]);
    return Object.fromEntries(entries);
  }
}
