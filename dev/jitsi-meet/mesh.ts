/** What one page sends another. */
type Signal = { description: RTCSessionDescriptionInit } | { candidate: RTCIceCandidateInit | null };

/** How much has come of somebody. */
export interface Received {
  frames: number;
  audioBytes: number;
}

/** Everybody's media, straight from page to page: in place of a bridge. Whoever comes calls those who are there. */
export class Mesh {
  readonly #links = new Map<string, Link>();
  readonly #send: (to: string, signal: Signal) => void;
  readonly #show: (from: string, stream: MediaStream) => void;
  readonly #changed: () => void;
  #media: MediaStream | undefined;

  /** @param changed called whenever a connection comes or goes */
  constructor(
    send: (to: string, signal: Signal) => void,
    show: (from: string, stream: MediaStream) => void,
    changed: () => void,
  ) {
    this.#send = send;
    this.#show = show;
    this.#changed = changed;
  }

  /** Whether media flow, to anybody. */
  get isConnected(): boolean {
    return [...this.#links.values()].some((link) => link.isConnected);
  }

  /** Whether there is one other person, and media flow. */
  get isP2p(): boolean {
    return this.#links.size === 1 && this.isConnected;
  }

  /** What is sent to everybody from now on. */
  setMedia(media: MediaStream | undefined): void {
    this.#media = media;
    for (const link of this.#links.values()) void link.setMedia(media);
  }

  call(id: string): void {
    void this.#link(id).call(this.#media);
  }

  receive(from: string, signal: unknown): void {
    this.#link(from).receive(signal as Signal, this.#media);
  }

  drop(id: string): void {
    this.#links.get(id)?.close();
    this.#links.delete(id);
    this.#changed();
  }

  close(): void {
    for (const id of [...this.#links.keys()]) this.drop(id);
  }

  /** By participant id, for tests. */
  async received(): Promise<Record<string, Received>> {
    const entries = [...this.#links].map(async ([id, link]) => [id, await link.received()] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  #link(id: string): Link {
    const link =
      this.#links.get(id) ??
      new Link(
        (signal) => this.#send(id, signal),
        (stream) => this.#show(id, stream),
        this.#changed,
      );
    this.#links.set(id, link);
    return link;
  }
}

class Link {
  readonly #connection = new RTCPeerConnection({ iceServers: [] });
  readonly #stream = new MediaStream();
  readonly #send: (signal: Signal) => void;
  #queue: Promise<void> = Promise.resolve();

  constructor(send: (signal: Signal) => void, show: (stream: MediaStream) => void, changed: () => void) {
    this.#send = send;
    this.#connection.onconnectionstatechange = changed;
    this.#connection.onicecandidate = ({ candidate }) => send({ candidate: candidate?.toJSON() ?? null });
    this.#connection.ontrack = ({ track }) => {
      this.#stream.addTrack(track);
      show(this.#stream);
    };
  }

  get isConnected(): boolean {
    return this.#connection.connectionState === 'connected';
  }

  async call(media: MediaStream | undefined): Promise<void> {
    for (const kind of ['audio', 'video']) this.#connection.addTransceiver(kind);
    await this.setMedia(media);
    await this.#connection.setLocalDescription();
    if (this.#connection.localDescription)
      this.#send({ description: this.#connection.localDescription.toJSON() });
  }

  receive(signal: Signal, media: MediaStream | undefined): void {
    this.#queue = this.#queue
      .then(() => this.#take(signal, media))
      // One that left in the middle of it.
      .catch(() => {});
  }

  async setMedia(media: MediaStream | undefined): Promise<void> {
    for (const { sender, receiver } of this.#connection.getTransceivers()) {
      const track = media?.getTracks().find(({ kind }) => kind === receiver.track.kind);
      await sender.replaceTrack(track ?? null);
    }
  }

  async received(): Promise<Received> {
    const received = { frames: 0, audioBytes: 0 };
    (await this.#connection.getStats()).forEach((stats) => {
      if (stats.type !== 'inbound-rtp') return;
      if (stats.kind === 'audio') received.audioBytes = stats.bytesReceived;
      else received.frames = stats.framesDecoded;
    });
    return received;
  }

  close(): void {
    this.#connection.close();
  }

  async #take(signal: Signal, media: MediaStream | undefined): Promise<void> {
    if ('candidate' in signal) {
      if (signal.candidate) await this.#connection.addIceCandidate(signal.candidate);
      return;
    }
    await this.#connection.setRemoteDescription(signal.description);
    if (signal.description.type !== 'offer') return;
    for (const transceiver of this.#connection.getTransceivers()) transceiver.direction = 'sendrecv';
    await this.setMedia(media);
    await this.#connection.setLocalDescription();
    if (this.#connection.localDescription)
      this.#send({ description: this.#connection.localDescription.toJSON() });
  }
}
