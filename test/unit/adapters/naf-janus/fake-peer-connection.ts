import { FakeTrack } from '../fake-stream.ts';

/** The server's offers hold, in place of an SDP, JSON of what it sends. */
export type OfferedTrack = { readonly kind: 'audio' | 'video'; readonly id: string };

interface Description {
  readonly type: 'offer' | 'answer';
  sdp: string;
}

const later = (work: () => void): void => {
  Promise.resolve().then(work);
};

class FakeChannel extends EventTarget {
  readonly label: string;
  readyState: 'connecting' | 'open' | 'closed' = 'connecting';

  constructor(label: string) {
    super();
    this.label = label;
  }

  open(): void {
    if (this.readyState !== 'connecting') return;
    this.readyState = 'open';
    this.dispatchEvent(new Event('open'));
  }

  send(): void {
    if (this.readyState !== 'open') throw new DOMException('Not open.', 'InvalidStateError');
  }
}

interface Sender {
  track: FakeTrack;
  replaceTrack(track: FakeTrack): Promise<void>;
}

/** As much of `RTCPeerConnection` as naf-janus-adapter uses. It is connected when it has both descriptions. */
export class FakePeerConnection extends EventTarget {
  /** Those that are not closed, in the order in which they were made. */
  static readonly open: Set<FakePeerConnection> = new Set();
  static made = 0;
  /** What the network lets through. */
  static works = true;
  readonly configuration: RTCConfiguration;
  connectionState: RTCPeerConnectionState = 'new';
  iceConnectionState: RTCIceConnectionState = 'new';
  signalingState: RTCSignalingState = 'stable';
  readonly channels: FakeChannel[] = [];
  readonly #senders: Sender[] = [];
  #received: FakeTrack[] = [];
  #willNegotiate = false;

  constructor(configuration: RTCConfiguration) {
    super();
    this.configuration = structuredClone(configuration);
    FakePeerConnection.made++;
    FakePeerConnection.open.add(this);
  }

  /** What it sends. */
  get sent(): FakeTrack[] {
    return this.#senders.map(({ track }) => track);
  }

  createDataChannel(label: string): FakeChannel {
    const channel = new FakeChannel(label);
    this.channels.push(channel);
    this.#negotiate();
    return channel;
  }

  addTrack(track: FakeTrack): Sender {
    const sender: Sender = {
      track,
      async replaceTrack(other) {
        sender.track = other;
      },
    };
    this.#senders.push(sender);
    this.#negotiate();
    return sender;
  }

  getSenders(): readonly Sender[] {
    return this.#senders;
  }

  getReceivers(): readonly { track: FakeTrack }[] {
    return this.#received.map((track) => ({ track }));
  }

  async createOffer(): Promise<Description> {
    return { type: 'offer', sdp: '[]' };
  }

  async createAnswer(): Promise<Description> {
    return { type: 'answer', sdp: '[]' };
  }

  async setLocalDescription({ type }: Description): Promise<void> {
    if (type === 'answer') later(() => this.#connect());
    const candidate = { candidate: 'candidate:1 1 udp 1', sdpMid: '0', sdpMLineIndex: 0 };
    this.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate }));
    this.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate: null }));
  }

  async setRemoteDescription({ type, sdp }: Description): Promise<void> {
    if (this.signalingState === 'closed') throw new DOMException('It is closed.', 'InvalidStateError');
    if (type === 'answer') later(() => this.#connect());
    else this.#received = (JSON.parse(sdp) as OfferedTrack[]).map(({ kind, id }) => new FakeTrack(kind, id));
  }

  close(): void {
    if (this.signalingState === 'closed') return;
    this.signalingState = this.iceConnectionState = this.connectionState = 'closed';
    for (const track of this.#received) track.readyState = 'ended';
    FakePeerConnection.open.delete(this);
  }

  /** The media connection becomes another one; no event comes of a closed one, as in a browser. */
  become(state: 'connecting' | 'connected' | 'disconnected' | 'failed'): void {
    if (this.signalingState === 'closed' || this.connectionState === state) return;
    this.connectionState = state;
    this.iceConnectionState = state === 'connecting' ? 'checking' : state;
    this.dispatchEvent(new Event('iceconnectionstatechange'));
    this.dispatchEvent(new Event('connectionstatechange'));
  }

  /** The network lets it through after all. */
  comeUp(): void {
    this.become('connected');
    for (const channel of this.channels) channel.open();
  }

  #connect(): void {
    if (this.connectionState !== 'new') return;
    this.become('connecting');
    if (FakePeerConnection.works) this.comeUp();
  }

  #negotiate(): void {
    if (this.#willNegotiate) return;
    this.#willNegotiate = true;
    later(() => {
      this.#willNegotiate = false;
      if (this.signalingState !== 'closed') this.dispatchEvent(new Event('negotiationneeded'));
    });
  }
}
