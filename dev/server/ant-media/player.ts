import { type RTCDataChannel, type RTCRtpTransceiver, RtpHeader } from 'werift';
import { vp8 } from '../media/codecs.ts';
import { type Candidate, Connection } from '../media/connection.ts';
import type { Source } from '../media/source.ts';
import type { Recipient } from './messages.ts';
import { trackId } from './publisher.ts';
import { Slot } from './slots.ts';

/** What a player gets as one track: what one participant sends, under that name, or a slot. */
export type Line = Source | Slot;

const sourceOf = (line: Line): Source | undefined => (line instanceof Slot ? line.source : line);

/** A line as it is sent, and what was in it last. */
interface Playing {
  readonly transceiver: RTCRtpTransceiver;
  source: Source | undefined;
}

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
  /** Its data channel is open. */
  open(): void;
  /** A message on its data channel. */
  message(data: string | Buffer): void;
  /** The connection is gone. At most once. */
  lost(): void;
}

/** Who plays. */
export interface PlayerInfo {
  readonly roomId: string;
  /** Its own stream id, whose tracks it does not get; `''` when it only plays. */
  readonly publishId: string;
  /** What it calls itself as a subscriber; may be `''`. */
  readonly subscriberId: string;
  readonly owner: Recipient;
}

/** Someone who plays a room: one connection on which a browser receives everybody else. */
export class Player {
  readonly roomId: string;
  readonly publishId: string;
  readonly subscriberId: string;
  readonly owner: Recipient;
  readonly #wanted: () => readonly Line[];
  readonly #events: PlayerEvents;
  readonly #connection: Connection;
  readonly #channel: RTCDataChannel;
  readonly #playing = new Map<Line, Playing>();
  readonly #muted = new Set<string>();
  #offering = false;
  #outdated = false;
  #offered = false;

  /** @param wanted What it should get now; asked again at each {@link update}. */
  constructor(info: PlayerInfo, wanted: (player: Player) => readonly Line[], events: PlayerEvents) {
    this.roomId = info.roomId;
    this.publishId = info.publishId;
    this.subscriberId = info.subscriberId;
    this.owner = info.owner;
    this.#wanted = () => wanted(this);
    this.#events = events;
    this.#connection = new Connection(vp8, {
      connected: () => events.started(),
      lost: () => events.lost(),
    });
    // Also keeps one media section alive when the last track goes: an offer without any cannot be bundled.
    this.#channel = this.#connection.peer.createDataChannel(info.roomId);
    this.#channel.onMessage.subscribe((data) => events.message(data));
    this.#channel.stateChanged.subscribe((state) => {
      if (state === 'open') events.open();
    });
  }

  /** Brings the connection up to what is wanted now: an offer goes out when anything changed. */
  async update(): Promise<void> {
    if (this.#connection.over) return;
    if (this.#offering) {
      this.#outdated = true;
      return;
    }
    this.#outdated = false;
    this.refill();
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
    if (this.#connection.connected)
      for (const { source } of this.#playing.values()) source?.requestKeyframe();
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
    for (const { source, transceiver } of this.#playing.values()) {
      if (!source) continue;
      source.removeSink(transceiver.sender);
      this.#connect(source, transceiver);
    }
  }

  /** Puts into each slot what is to be sent in it now. It needs no new offer. */
  refill(): void {
    for (const [line, playing] of this.#playing) {
      const source = sourceOf(line);
      if (source === playing.source) continue;
      playing.source?.removeSink(playing.transceiver.sender);
      playing.source = source;
      if (source) this.#connect(source, playing.transceiver);
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
    for (const { source, transceiver } of this.#playing.values()) source?.removeSink(transceiver.sender);
    this.#playing.clear();
    await this.#connection.close();
  }

  /** Adds and removes tracks; false when there was nothing to do. */
  #changeTracks(): boolean {
    const wanted = new Set(this.#wanted());
    const gone = [...this.#playing].filter(([line]) => !wanted.has(line));
    const added = [...wanted].filter((line) => !this.#playing.has(line));
    for (const [line, { transceiver, source }] of gone) {
      const { sender } = transceiver;
      source?.removeSink(sender);
      this.#playing.delete(line);
      transceiver.stop();
      // A stopped sender stays subscribed to its connection, with its last packets and all it holds on to.
      for (const unsubscribe of sender['dtlsDisposer']) unsubscribe();
      sender.onReady.allUnsubscribe();
      sender.onPictureLossIndication.allUnsubscribe();
    }
    for (const line of added) this.#add(line);
    return gone.length + added.length > 0;
  }

  #add(line: Line): void {
    const transceiver = this.#connection.peer.addTransceiver(line.kind, { direction: 'sendonly' });
    const { sender } = transceiver;
    sender.streamIds = ['ARDAMS'];
    // What the browser shows as track.id; the library has no other way to choose it.
    Object.assign(sender, { trackId: line.trackId });
    const playing: Playing = { transceiver, source: sourceOf(line) };
    sender.onReady.subscribe(() => playing.source?.requestKeyframe());
    sender.onPictureLossIndication.subscribe(() => playing.source?.requestKeyframe());
    this.#playing.set(line, playing);
    if (playing.source) this.#connect(playing.source, transceiver);
  }

  /** Sends what a source gives, unless the client has paused it. */
  #connect(source: Source, { sender }: RTCRtpTransceiver): void {
    if (this.#muted.has(source.trackId)) return;
    // Numbers and times go on where those of the source before ended. A step of 20 ms at 48 kHz, or 33 ms at 90 kHz.
    sender.replaceRTP(new RtpHeader(), false, source.kind === 'audio' ? 960 : 3000);
    source.addSink(sender);
    source.requestKeyframe();
  }

  #idMapping(): Record<string, string> {
    const entries = [...this.#playing].map(([line, { transceiver }]) => [
      String(transceiver.mid),
      line.trackId,
    ]);
    return Object.fromEntries(entries);
  }
}
