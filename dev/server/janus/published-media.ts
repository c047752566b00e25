import type { RTCDataChannel } from 'werift';
import { h264 } from '../media/codecs.ts';
import { type Candidate, Connection, type ConnectionEvents } from '../media/connection.ts';
import { Source } from '../media/source.ts';
import { sendData } from './data-channel.ts';

/** What a publisher's connection tells its handle. */
export interface PublishedMediaEvents extends ConnectionEvents {
  /** The first packet of a track came, or the track went. */
  receiving(kind: Source['kind'], receiving: boolean): void;
  /** A message on one of its data channels. */
  data(label: string, data: string | Buffer): void;
}

/** What a publisher sends: its tracks and data channels, on one connection that the client makes the offers for. */
export class PublishedMedia {
  readonly #connection: Connection;
  readonly #events: PublishedMediaEvents;
  readonly #channels = new Map<string, RTCDataChannel>();
  #sources: Source[] = [];

  constructor(events: PublishedMediaEvents) {
    this.#events = events;
    this.#connection = new Connection(h264, events);
    const { peer } = this.#connection;
    peer.onTrack.subscribe((track) => {
      const source = new Source(`janus${track.kind.charAt(0)}0`, track, peer, h264);
      this.#sources.push(source);
      track.onReceiveRtp.once(() => events.receiving(source.kind, true));
    });
    peer.onDataChannel.subscribe((channel) => {
      this.#channels.set(channel.label, channel);
      channel.onMessage.subscribe((data) => events.data(channel.label, data));
    });
  }

  /** One track of each kind, as there can be no more: the newest ones. */
  get sources(): readonly Source[] {
    const newest = new Map(this.#sources.map((source) => [source.kind, source]));
    return [...newest.values()];
  }

  /** Takes the client's offer, its first or a later one. */
  async answer(sdp: string): Promise<string> {
    const answer = await this.#connection.answer(sdp);
    const { receivedTracks } = this.#connection;
    const gone = this.#sources.filter(({ track }) => !receivedTracks.includes(track));
    this.#sources = this.#sources.filter((source) => !gone.includes(source));
    for (const source of gone) {
      source.close();
      this.#events.receiving(source.kind, false);
    }
    return answer;
  }

  /** Takes a candidate of the client. */
  addCandidate(candidate: Candidate): Promise<void> {
    return this.#connection.addCandidate(candidate);
  }

  /** Sends on the channel of this label; dropped when it is not open. */
  send(label: string, data: string | Buffer): void {
    const channel = this.#channels.get(label);
    try {
      if (channel) sendData(channel, data);
    } catch (error) {
      // One that cannot take it does not keep it from the others.
      console.error('Janus: a message was not passed on:', error);
    }
  }

  /** Lets the connection die without a word. */
  silence(): Promise<void> {
    return this.#connection.silence();
  }

  /** Frees the connection; nothing is reported afterwards. */
  async close(): Promise<void> {
    for (const source of this.#sources) source.close();
    this.#sources = [];
    this.#channels.clear();
    await this.#connection.close();
  }
}
