import type { Candidate, ConnectionEvents } from '../media/connection.ts';
import type { Source } from '../media/source.ts';
import { type ClientJsep, JanusError, pluginName, type ServerFrame } from './messages.ts';
import { PublishedMedia } from './published-media.ts';
import { SubscribedMedia } from './subscribed-media.ts';

/** What a handle has joined as. */
export interface Joined {
  role: 'publisher' | 'subscriber';
  room: string;
  user: string;
  /** Whether it is told who joins and leaves. */
  notifications: boolean;
  /** Whether it is sent the messages of the kind `data`. */
  data: boolean;
}

/** What a handle tells its owner. */
export interface HandleEvents {
  /** A frame for the client, without the session's id. */
  push(frame: ServerFrame): void;
  /** It took an offer: its tracks may have changed. */
  published(): void;
  /** A message on one of its data channels. */
  data(label: string, data: string | Buffer): void;
  /** Somebody wants it gone. */
  kicked(): void;
}

/** A client's attachment to the plugin, with at most one connection: it publishes, or gets one other's media. */
export class Handle {
  readonly id: number;
  /** The number of its socket, for the log. */
  readonly socket: number;
  readonly #events: HandleEvents;
  #media: PublishedMedia | SubscribedMedia | undefined;
  #joined: Joined | undefined;
  /** Offers, answers and candidates are taken one after the other. */
  #work: Promise<unknown> = Promise.resolve();
  #hasOffered = false;
  #destroyed = false;

  constructor(id: number, socket: number, events: HandleEvents) {
    this.id = id;
    this.socket = socket;
    this.#events = events;
  }

  /** What it has joined as: once, for good. */
  get joined(): Joined | undefined {
    return this.#joined;
  }

  set joined(joined: Joined) {
    this.#joined = joined;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  /** Whether it has made an offer. */
  get hasOffered(): boolean {
    return this.#hasOffered;
  }

  /** The tracks it publishes. */
  get sources(): readonly Source[] {
    return this.#media instanceof PublishedMedia ? this.#media.sources : [];
  }

  /** Pushes an event of the plugin. */
  notify(data: Record<string, unknown>, jsep?: { type: string; sdp: string }): void {
    this.#push('event', { plugindata: { plugin: pluginName, data }, ...(jsep ? { jsep } : {}) });
  }

  /**
   * Takes an offer, and gives the answer to it, or an answer.
   *
   * @throws {@link JanusError}
   */
  takeJsep(jsep: ClientJsep): Promise<{ type: 'answer'; sdp: string } | undefined> {
    return this.#inTurn(() => this.#takeJsep(jsep));
  }

  async #takeJsep({ type, sdp }: ClientJsep): Promise<{ type: 'answer'; sdp: string } | undefined> {
    try {
      if (type === 'offer') return { type: 'answer', sdp: await this.#answer(sdp) };
      if (this.#media instanceof SubscribedMedia && (await this.#media.takeAnswer(sdp))) return undefined;
    } catch (error) {
      throw new JanusError(
        465,
        `Error processing ${type}: ${error instanceof Error ? error.message : error}`,
      );
    }
    throw new JanusError(465, 'Unexpected ANSWER (did we offer?)');
  }

  /** Begins to get a publisher's tracks: gives the offer for them. */
  async subscribe(sources: readonly Source[]): Promise<{ type: 'offer'; sdp: string }> {
    const media: SubscribedMedia = new SubscribedMedia({
      ...this.#connectionEvents(() => media),
      offer: (sdp) => this.notify({}, { type: 'offer', sdp }),
    });
    this.#media = media;
    media.follow(sources);
    return { type: 'offer', sdp: await media.offer() };
  }

  /** Whether it could still begin to get somebody's media. */
  get idle(): boolean {
    return this.#media === undefined;
  }

  /** Gets these tracks from now on instead. */
  follow(sources: readonly Source[]): void {
    if (this.#media instanceof SubscribedMedia) this.#media.follow(sources);
  }

  /** Sends the subscriber a new offer. */
  offerAgain(): void {
    if (!(this.#media instanceof SubscribedMedia)) return;
    this.#media.offerAgain().catch((error: unknown) => console.error('Janus: no new offer:', error));
  }

  /** Takes a candidate of the client. One that makes no sense is dropped, as by a real server. */
  addCandidate(candidate: Candidate): Promise<void> {
    return this.#inTurn(async () => {
      await this.#media?.addCandidate(candidate).catch(() => undefined);
    });
  }

  /** Sends on the publisher's data channel of this label. */
  send(label: string, data: string | Buffer): void {
    if (this.#media instanceof PublishedMedia) this.#media.send(label, data);
  }

  /** Frees its connection, if it has one, and says so. The handle stays, and may be given another offer. */
  hangUp(reason: string): void {
    const media = this.#media;
    if (!media) return;
    this.#media = undefined;
    this.#push('hangup', { reason });
    void close(media);
  }

  /** Has its owner detach it. */
  kick(): void {
    this.#events.kicked();
  }

  /** Lets all media die without a word. */
  async silence(): Promise<void> {
    await this.#media?.silence();
  }

  /** Frees everything; nothing is pushed afterwards. */
  async destroy(): Promise<void> {
    this.#destroyed = true;
    if (this.#media) await close(this.#media);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => {});
    return done;
  }

  async #answer(sdp: string): Promise<string> {
    if (this.#media instanceof SubscribedMedia) throw new Error('the server makes the offers here');
    const media = this.#media ?? this.#publish();
    const answer = await media.answer(sdp);
    this.#hasOffered = true;
    if (!this.#destroyed) this.#events.published();
    return answer;
  }

  #publish(): PublishedMedia {
    const media: PublishedMedia = new PublishedMedia({
      ...this.#connectionEvents(() => media),
      receiving: (type, receiving) => this.#push('media', { type, receiving }),
      data: (label, data) => this.#events.data(label, data),
    });
    this.#media = media;
    return media;
  }

  #connectionEvents(media: () => PublishedMedia | SubscribedMedia): ConnectionEvents {
    return {
      connected: () => this.#push('webrtcup', {}),
      lost: () => media() === this.#media && this.hangUp('ICE failed'),
      closed: () => media() === this.#media && this.hangUp('DTLS alert'),
    };
  }

  #push(janus: string, more: Record<string, unknown>): void {
    if (!this.#destroyed) this.#events.push({ janus, sender: this.id, ...more });
  }
}

async function close(media: PublishedMedia | SubscribedMedia): Promise<void> {
  try {
    await media.close();
  } catch (error) {
    console.error('Janus: a connection did not close:', error);
  }
}
