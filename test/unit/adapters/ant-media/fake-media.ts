import { FakeStream, FakeTrack } from '../fake-stream.ts';

/** What a browser has of WebRTC and happy-dom lacks, as far as the vendor's client uses it. Nothing flows. */

export class FakeAudioContext {
  static readonly open: Set<FakeAudioContext> = new Set();

  constructor() {
    FakeAudioContext.open.add(this);
  }

  async close(): Promise<void> {
    FakeAudioContext.open.delete(this);
  }
}

interface Description {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

/** The server's offers hold, in place of an SDP, JSON of what it sends: `[{ mid, kind, id }]`. */
export type OfferedTrack = { readonly mid: string; readonly kind: 'audio' | 'video'; readonly id: string };

interface Channel {
  readyState: string;
  close(): void;
  send?(data: string): void;
  onopen?(): void;
  onmessage?: (event: { data: string }) => void;
}

const newChannel = (): Channel => ({
  readyState: 'open',
  close() {
    this.readyState = 'closed';
  },
});

export class FakePeerConnection {
  static readonly open: Set<FakePeerConnection> = new Set();
  static made = 0;
  readonly configuration: RTCConfiguration;
  signalingState = 'stable';
  iceConnectionState = 'new';
  readonly sent: FakeTrack[] = [];
  /** The one that the client has opened. */
  channel: Channel | undefined;
  onicecandidate: ((event: { candidate: object | null }) => void) | null = null;
  oniceconnectionstatechange: (() => void) | null = null;
  ontrack: ((event: object) => void) | null = null;
  ondatachannel: ((event: { channel: Channel }) => void) | null = null;
  readonly #stream = new FakeStream([], 'ARDAMS');
  readonly #received = new Map<string, FakeTrack>();

  constructor(configuration: RTCConfiguration) {
    // The vendor's object lives on and changes.
    this.configuration = structuredClone(configuration);
    FakePeerConnection.made++;
    FakePeerConnection.open.add(this);
  }

  addTrack(track: FakeTrack): object {
    this.sent.push(track);
    return { track, getParameters: () => ({}), setParameters: async () => {} };
  }

  getSenders(): object[] {
    return this.sent.map((track) => ({
      track,
      getParameters: () => ({ encodings: [{}] }),
      setParameters: async () => {},
    }));
  }

  createDataChannel(): Channel {
    this.channel = newChannel();
    return this.channel;
  }

  async createOffer(): Promise<Description> {
    return { type: 'offer', sdp: '[]' };
  }

  async createAnswer(): Promise<Description> {
    return { type: 'answer', sdp: '[]' };
  }

  async setLocalDescription({ type }: Description): Promise<void> {
    if (type !== 'offer') return;
    this.onicecandidate?.({ candidate: { candidate: 'candidate:1 1 udp 1', sdpMid: '0', sdpMLineIndex: 0 } });
    this.onicecandidate?.({ candidate: null });
  }

  async setRemoteDescription({ type, sdp }: Description): Promise<void> {
    if (type === 'offer') this.#receive(JSON.parse(sdp));
    Promise.resolve().then(() => this.ice('connected'));
  }

  async addIceCandidate(): Promise<void> {}

  close(): void {
    this.signalingState = 'closed';
    this.iceConnectionState = 'closed';
    FakePeerConnection.open.delete(this);
  }

  /** The state of the media connection becomes another one. */
  ice(state: string): void {
    if (this.signalingState === 'closed' || this.iceConnectionState === state) return;
    this.iceConnectionState = state;
    this.oniceconnectionstatechange?.();
  }

  /** The server opens a data channel; answers what sends by it. */
  openChannel(): (data: unknown) => void {
    const channel = newChannel();
    this.ondatachannel?.({ channel });
    return (data) => channel.onmessage?.({ data: typeof data === 'string' ? data : JSON.stringify(data) });
  }

  #receive(offered: readonly OfferedTrack[]): void {
    for (const [mid, track] of this.#received) {
      if (offered.some((other) => other.mid === mid)) continue;
      this.#received.delete(mid);
      this.#stream.removeTrack(track);
      this.#stream.dispatchEvent(Object.assign(new Event('removetrack'), { track }));
    }
    for (const { mid, kind, id } of offered) {
      if (this.#received.has(mid)) continue;
      const track = new FakeTrack(kind, id);
      this.#received.set(mid, track);
      this.#stream.addTrack(track);
      this.ontrack?.({ streams: [this.#stream], track, transceiver: { mid } });
    }
  }
}
