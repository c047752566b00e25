import { vp8 } from '../media/codecs.ts';
import { type Candidate, Connection } from '../media/connection.ts';
import { Source } from '../media/source.ts';
import type { Recipient } from './messages.ts';

const startTimeoutMs = 10_000;
/** Between two words a speaker keeps the slot. */
const wordGapMs = 1_000;

/** What a publisher tells its session; each at most once, but `changed` and `message`. */
export interface PublisherEvents {
  /** Media can flow: the server now says `publish_started`. */
  started(): void;
  /** Tracks came or went after the start. */
  changed(): void;
  /** A message on its data channel. */
  message(data: string | Buffer): void;
  /** The connection is gone, or never came up (`timeout`, 10 s as the server's own default). */
  ended(reason: 'lost' | 'timeout'): void;
}

/** What a publish command says about the stream. */
export interface PublisherInfo {
  streamId: string;
  /** The room; the server's word for it is main track. */
  roomId: string;
  name: string;
  role: string;
  metaData: string;
}

/** The id players see a track under, by which they know whose it is and whether it is audio or video. */
export function trackId(streamId: string, kind: string): string {
  return `ARDAMS${kind.charAt(0)}${streamId}`;
}

/** A participant that publishes: one connection on which a browser sends. */
export class Publisher {
  readonly info: PublisherInfo;
  readonly owner: Recipient;
  readonly #connection: Connection;
  readonly #events: PublisherEvents;
  readonly #startTimer: NodeJS.Timeout;
  #sources: Source[] = [];
  #started = false;

  constructor(info: PublisherInfo, owner: Recipient, events: PublisherEvents) {
    this.info = info;
    this.owner = owner;
    this.#events = events;
    this.#startTimer = setTimeout(() => events.ended('timeout'), startTimeoutMs);
    this.#connection = new Connection(vp8, {
      connected: () => this.#start(),
      lost: () => events.ended('lost'),
    });
    const { peer } = this.#connection;
    peer.onTrack.subscribe((track) => {
      this.#sources.push(new Source(trackId(info.streamId, track.kind), track, peer, vp8));
    });
    peer.onDataChannel.subscribe((channel) => {
      channel.onMessage.subscribe((data) => events.message(data));
    });
  }

  /** The tracks it publishes. */
  get sources(): readonly Source[] {
    return this.#sources;
  }

  /** When it last had a sound; `Date.now()`. */
  get spokeAt(): number {
    return Math.max(0, ...this.#sources.filter(({ kind }) => kind === 'audio').map(({ loudAt }) => loudAt));
  }

  get isSpeaking(): boolean {
    return Date.now() - this.spokeAt < wordGapMs;
  }

  get started(): boolean {
    return this.#started;
  }

  /** Takes the browser's offer, its first or a later one. */
  async answer(sdp: string): Promise<string> {
    const answer = await this.#connection.answer(sdp);
    this.#dropInactive();
    if (this.#started) this.#events.changed();
    return answer;
  }

  /** Takes a candidate of the browser. */
  addCandidate(candidate: Candidate): Promise<void> {
    return this.#connection.addCandidate(candidate);
  }

  /** Lets the connection die without a word. */
  silence(): Promise<void> {
    return this.#connection.silence();
  }

  /** Frees the connection; nothing is reported afterwards. */
  async close(): Promise<void> {
    clearTimeout(this.#startTimer);
    for (const source of this.#sources) source.close();
    this.#sources = [];
    await this.#connection.close();
  }

  #start(): void {
    this.#started = true;
    clearTimeout(this.#startTimer);
    this.#events.started();
  }

  /** Tracks the browser no longer sends, after a later offer. */
  #dropInactive(): void {
    const sending = this.#connection.receivedTracks;
    this.#sources = this.#sources.filter((source) => {
      if (sending.includes(source.track)) return true;
      source.close();
      return false;
    });
  }
}
