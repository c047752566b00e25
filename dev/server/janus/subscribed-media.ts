import { type RTCRtpSender, RtcpPayloadSpecificFeedback } from 'werift';
import { h264 } from '../media/codecs.ts';
import { type Candidate, Connection, type ConnectionEvents } from '../media/connection.ts';
import type { Source } from '../media/source.ts';

/** The number of this feedback message (RFC 5104). */
const fullIntraRequest = 4;

/** What a subscriber's connection tells its handle. */
export interface SubscribedMediaEvents extends ConnectionEvents {
  /** An offer after the first; the next one comes only after the answer to this one. */
  offer(sdp: string): void;
}

/**
 * What a subscriber gets of one publisher, on one connection that the server makes the offers for. They always have
 * audio, video and data, whatever the publisher sends: a track that comes late flows at once.
 */
export class SubscribedMedia {
  readonly #connection: Connection;
  readonly #events: SubscribedMediaEvents;
  readonly #senders: ReadonlyMap<Source['kind'], RTCRtpSender>;
  readonly #following = new Map<Source['kind'], Source>();
  #offering = false;
  #outdated = false;

  constructor(events: SubscribedMediaEvents) {
    this.#events = events;
    this.#connection = new Connection(h264, events);
    const [audio, video] = [this.#addSender('audio'), this.#addSender('video')];
    this.#senders = new Map([
      ['audio', audio],
      ['video', video],
    ]);
    this.#connection.peer.createDataChannel('janus');
    const wantsKeyframe = (): void => this.#following.get('video')?.requestKeyframe();
    video.onPictureLossIndication.subscribe(wantsKeyframe);
    video.onReady.subscribe(() => {
      wantsKeyframe();
      // A full intra request names no source in its head, so the library does not know whom it is for.
      video.transport.onRtcp.subscribe((packet) => {
        if (packet instanceof RtcpPayloadSpecificFeedback && packet.feedback.count === fullIntraRequest)
          wantsKeyframe();
      });
    });
  }

  /** Makes what it gets follow the publisher's tracks of now; none while one of the two has blocked the other. */
  follow(sources: readonly Source[]): void {
    for (const [kind, sender] of this.#senders) {
      const current = this.#following.get(kind);
      const next = sources.find((source) => source.kind === kind);
      if (next === current) continue;
      current?.removeSink(sender);
      this.#following.delete(kind);
      if (!next) continue;
      // Packet numbers go on where those of the last track ended: for the browser it is one and the same.
      sender.replaceRTP({ sequenceNumber: 0, timestamp: 0 });
      next.addSink(sender);
      this.#following.set(kind, next);
      if (this.#connection.connected) next.requestKeyframe();
    }
  }

  /** The first offer. */
  offer(): Promise<string> {
    this.#offering = true;
    return this.#connection.offer();
  }

  /** Sends a new offer, at once or when the last one is answered. */
  async offerAgain(): Promise<void> {
    if (this.#connection.over) return;
    if (this.#offering) {
      this.#outdated = true;
      return;
    }
    this.#outdated = false;
    const sdp = await this.offer();
    if (!this.#connection.over) this.#events.offer(sdp);
  }

  /** Takes the client's answer; false when there is no offer that it could answer. */
  async takeAnswer(sdp: string): Promise<boolean> {
    if (!this.#offering) return false;
    await this.#connection.takeAnswer(sdp);
    this.#offering = false;
    if (this.#outdated) await this.offerAgain();
    return true;
  }

  /** Takes a candidate of the client. */
  addCandidate(candidate: Candidate): Promise<void> {
    return this.#connection.addCandidate(candidate);
  }

  /** Lets the connection die without a word. */
  silence(): Promise<void> {
    return this.#connection.silence();
  }

  /** Frees the connection; nothing is reported afterwards. */
  async close(): Promise<void> {
    this.follow([]);
    await this.#connection.close();
  }

  #addSender(kind: Source['kind']): RTCRtpSender {
    const { sender } = this.#connection.peer.addTransceiver(kind, { direction: 'sendonly' });
    sender.streamIds = ['janus'];
    // What the browser shows as track.id, as with a real server; the library has no other way to choose it.
    Object.assign(sender, { trackId: `janus${kind.charAt(0)}0` });
    return sender;
  }
}
