import { type MediaStreamTrack, RTCPeerConnection, useOPUS, useSdesMid } from 'werift';
import type { VideoCodec } from './codecs.ts';

/** What a connection tells its owner; each at most once, and nothing after the owner closed it. */
export interface ConnectionEvents {
  /** ICE and DTLS are up. */
  connected(): void;
  /** The other side closed it, or ICE failed. */
  lost(): void;
  /** The other side said that it closes. Without this, {@link lost} comes when ICE has failed, half a minute later. */
  closed?(): void;
}

/** A candidate as a browser makes it. */
export interface Candidate {
  candidate: string;
  sdpMid: string;
  sdpMLineIndex: number;
}

/**
 * Keeps a peer connection from asking a public STUN server, as the library does when none is named, and from waiting
 * 5 s where there is no network to find it by. To be called before each local description, which begins to ask.
 */
export function withoutStun(peer: RTCPeerConnection): void {
  for (const { connection } of peer.iceTransports) delete connection.stunServer;
}

/**
 * A peer connection that talks to this machine only: its one candidate is UDP on 127.0.0.1, and it asks no STUN
 * server. Opus, one video codec, and data channels.
 */
export class Connection {
  readonly peer: RTCPeerConnection;
  readonly #videoCodec: VideoCodec;
  readonly #events: ConnectionEvents;
  #connected = false;
  #over = false;

  constructor(videoCodec: VideoCodec, events: ConnectionEvents) {
    this.#videoCodec = videoCodec;
    this.#events = events;
    this.peer = new RTCPeerConnection({
      iceServers: [],
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
      bundlePolicy: 'max-bundle',
      codecs: { audio: [useOPUS()], video: [videoCodec.parameters()] },
      // Ids of header extensions differ per connection: with none but the mid, none has to be rewritten.
      headerExtensions: { audio: [useSdesMid()], video: [useSdesMid()] },
    });
    this.peer.connectionStateChange.subscribe((state) => this.#changed(state));
  }

  /** Whether it was up at some time. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Whether it is closed, lost or silenced. */
  get over(): boolean {
    return this.#over;
  }

  /** The tracks the other side sends, as of the last answer. */
  get receivedTracks(): readonly MediaStreamTrack[] {
    return this.peer
      .getTransceivers()
      .filter(({ currentDirection }) => currentDirection === 'recvonly' || currentDirection === 'sendrecv')
      .flatMap(({ receiver }) => receiver.tracks);
  }

  /** Takes an offer of the other side and gives the answer to it. */
  async answer(sdp: string): Promise<string> {
    await this.peer.setRemoteDescription({ type: 'offer', sdp: this.#videoCodec.narrow(sdp) });
    withoutStun(this.peer);
    await this.peer.setLocalDescription(await this.peer.createAnswer());
    return this.peer.localDescription?.sdp ?? '';
  }

  /** Makes an offer to the other side. */
  async offer(): Promise<string> {
    withoutStun(this.peer);
    await this.peer.setLocalDescription(await this.peer.createOffer());
    return this.peer.localDescription?.sdp ?? '';
  }

  /** Takes the answer to the last offer. */
  async takeAnswer(sdp: string): Promise<void> {
    // Later answers repeat the candidates of the first, and the library would list them anew each time.
    const fresh = this.#connected ? sdp.replace(/^a=candidate:.*\r?\n/gm, '') : sdp;
    await this.peer.setRemoteDescription({ type: 'answer', sdp: fresh });
  }

  /** Adds a candidate of the other side. mDNS names are left out: resolving one may take for ever. */
  async addCandidate(candidate: Candidate): Promise<void> {
    if (this.#over || candidate.candidate === '' || candidate.candidate.includes('.local ')) return;
    await this.peer.addIceCandidate(candidate);
  }

  /**
   * Stops sending and answering without a word, as a server does that lost its network. Chromium reports the ICE
   * state `disconnected` 6 s later, and may never report `failed`.
   */
  async silence(): Promise<void> {
    this.#over = true;
    await Promise.all(this.peer.iceTransports.map((transport) => transport.stop()));
  }

  async close(): Promise<void> {
    this.#over = true;
    await this.peer.close();
  }

  #changed(state: RTCPeerConnection['connectionState']): void {
    if (this.#over) return;
    if (state === 'connected' && !this.#connected) {
      this.#connected = true;
      for (const { onStateChange } of this.peer.dtlsTransports)
        onStateChange.subscribe((dtls) => {
          if (dtls === 'closed' && !this.#over) this.#events.closed?.();
        });
      this.#events.connected();
    }
    if (state === 'failed' || state === 'closed') {
      this.#over = true;
      this.#events.lost();
    }
  }
}
