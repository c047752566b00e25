import type { MediaStreamTrack, RTCPeerConnection, RTCRtpSender, RtpPacket } from 'werift';
import type { VideoCodec } from './codecs.ts';

const keyframeRetryMs = 300;
const keyframeTries = 10;
/** Opus packs 20 ms of silence into a few bytes. */
const silentBytes = 30;

/** One track somebody publishes, forwarded packet by packet to those who play it. */
export class Source {
  readonly kind: 'audio' | 'video';
  /** The publisher's own track. */
  readonly track: MediaStreamTrack;
  /** The track id those who play it see. */
  readonly trackId: string;
  readonly #codec: VideoCodec;
  readonly #sendPli: () => void;
  readonly #unsubscribe: () => void;
  readonly #sinks = new Set<RTCRtpSender>();
  /** When it last had a sound louder than silence; `Date.now()`. */
  loudAt = 0;
  #triesLeft = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(trackId: string, track: MediaStreamTrack, connection: RTCPeerConnection, codec: VideoCodec) {
    this.trackId = trackId;
    this.track = track;
    this.kind = track.kind === 'video' ? 'video' : 'audio';
    this.#codec = codec;
    const receiver = connection.getReceivers().find(({ tracks }) => tracks.includes(track));
    this.#sendPli = () => {
      if (track.ssrc !== undefined) void receiver?.sendRtcpPLI(track.ssrc);
    };
    this.#unsubscribe = track.onReceiveRtp.subscribe((packet) => this.#forward(packet)).unSubscribe;
  }

  /** Starts forwarding to a player. */
  addSink(sender: RTCRtpSender): void {
    this.#sinks.add(sender);
  }

  /** Stops forwarding to a player. */
  removeSink(sender: RTCRtpSender): void {
    this.#sinks.delete(sender);
  }

  /**
   * Asks the publisher for a keyframe at once, and again every 300 ms until one came (10 times at most). Calls
   * while it is asking are one and the same request, so any number of newcomers cannot flood the publisher.
   * To be called when a player can receive, not before: browsers ignore a second request within 300 ms.
   */
  requestKeyframe(): void {
    if (this.kind !== 'video' || this.#timer !== undefined) return;
    this.#triesLeft = keyframeTries;
    this.#askForKeyframe();
  }

  /** Stops forwarding. */
  close(): void {
    this.#unsubscribe();
    this.#sinks.clear();
    this.#stopAsking();
  }

  #forward(packet: RtpPacket): void {
    if (packet.payload.length > silentBytes) this.loudAt = Date.now();
    if (this.#timer !== undefined && this.#codec.isKeyframe(packet.payload)) this.#stopAsking();
    // Their ids belong to the publisher's connection; players' connections number them differently.
    packet.header.extensions = [];
    for (const sender of this.#sinks) sender.sendRtp(packet).catch(() => this.#sinks.delete(sender));
  }

  #askForKeyframe(): void {
    if (this.#triesLeft === 0) return this.#stopAsking();
    this.#triesLeft -= 1;
    this.#sendPli();
    this.#timer = setTimeout(() => this.#askForKeyframe(), keyframeRetryMs);
  }

  #stopAsking(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
