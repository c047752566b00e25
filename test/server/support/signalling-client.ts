import { type RTCDataChannel, RTCPeerConnection } from 'werift';
import { WebSocket } from 'ws';
import type { DevServer } from '../../../dev/server/server.ts';

/** A frame of the media server. */
export interface Frame {
  command: string;
  definition?: string;
  streamId?: string;
  [field: string]: unknown;
}

/** Fields of a token request. */
export interface TokenRequestBody {
  room: string;
  identity?: string;
}

/** Asks the server for a token over HTTP. */
export async function fetchToken(server: DevServer, body: TokenRequestBody): Promise<string> {
  const response = await fetch(`${server.url}/token`, { method: 'POST', body: JSON.stringify(body) });
  const { token } = (await response.json()) as { token: string };
  return token;
}

/** A socket to the media server that remembers every frame, and can publish and play without a browser. */
export class SignallingClient {
  readonly frames: Frame[] = [];
  /** The close code, once it is closed. */
  readonly closed: Promise<number>;
  /** What came by the data channels of the rooms it plays. */
  readonly texts: string[] = [];
  readonly #socket: WebSocket;
  readonly #peers = new Map<string, RTCPeerConnection>();
  readonly #channels = new Map<string, RTCDataChannel>();
  #read = 0;
  #arrived = (): void => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)) as Frame);
      this.#arrived();
    });
  }

  /** Opens a socket; rejects when the server refuses it. */
  static async open(server: DevServer, app = 'LiveApp'): Promise<SignallingClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/${app}/websocket?target=origin`);
    const client = new SignallingClient(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return client;
  }

  get extensions(): string {
    return this.#socket.extensions;
  }

  /** Closes the socket without a code. */
  end(): void {
    this.#socket.close();
  }

  send(command: string, fields: object = {}): void {
    this.#socket.send(JSON.stringify({ command, ...fields }));
  }

  /** The next unread frame with this command and, where given, this definition; the ones before it are skipped. */
  async next(command: string, definition?: string): Promise<Frame> {
    const deadline = Date.now() + 3000;
    for (;;) {
      for (let frame = this.frames[this.#read]; frame; frame = this.frames[this.#read]) {
        this.#read += 1;
        if (frame.command === command && (definition === undefined || frame.definition === definition)) {
          return frame;
        }
      }
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`No ${definition ?? command} came: ${this.#summary()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#arrived = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Sends a publish or a play and gives what it was answered: `started`, or the definition of the error. */
  async ask(command: 'publish' | 'play' | 'getTrackList', fields: object): Promise<string> {
    this.send(command, fields);
    // Commands are answered in order: an error would be here before the pong.
    const from = this.frames.length;
    this.send('ping');
    await this.next('pong');
    const error = this.frames.slice(from).find((frame) => frame.command === 'error');
    return error ? String(error.definition) : 'started';
  }

  /** Publishes an audio track, a video track where wished, and a data channel until the server says so. */
  async publish(room: string, streamId: string, token: string, { video = false } = {}): Promise<void> {
    this.send('publish', { streamId, token, mainTrack: room, streamName: `${streamId}'s name` });
    await this.next('start');
    const peer = this.#peer(streamId);
    peer.addTransceiver('audio', { direction: 'sendonly' });
    if (video) peer.addTransceiver('video', { direction: 'sendonly' });
    this.#channels.set(streamId, peer.createDataChannel(streamId));
    await peer.setLocalDescription(await peer.createOffer());
    this.send('takeConfiguration', { streamId, type: 'offer', sdp: peer.localDescription?.sdp });
    const { sdp } = await this.next('takeConfiguration');
    await peer.setRemoteDescription({ type: 'answer', sdp: String(sdp) });
    await this.next('notification');
  }

  /** Answers the next offer of a room it plays, and gives the names of the tracks in it. */
  async answerOffer(room: string): Promise<Record<string, string>> {
    const { sdp, idMapping } = await this.next('takeConfiguration');
    const peer = this.#peer(room);
    if (!this.#channels.has(room))
      peer.onDataChannel.subscribe((channel) => {
        this.#channels.set(room, channel);
        channel.onMessage.subscribe((data) => this.texts.push(String(data)));
      });
    await peer.setRemoteDescription({ type: 'offer', sdp: String(sdp) });
    await peer.setLocalDescription(await peer.createAnswer());
    this.send('takeConfiguration', { streamId: room, type: 'answer', sdp: peer.localDescription?.sdp });
    return idMapping as Record<string, string>;
  }

  /** Sends by the data channel of what it publishes or plays. */
  sendText(streamId: string, data: string): void {
    this.#channels.get(streamId)?.send(data);
  }

  async close(): Promise<void> {
    this.#socket.terminate();
    await Promise.all([...this.#peers.values()].map((peer) => peer.close()));
  }

  #peer(streamId: string): RTCPeerConnection {
    const peer =
      this.#peers.get(streamId) ??
      new RTCPeerConnection({
        iceServers: [],
        iceUseIpv4: false,
        iceUseIpv6: false,
        iceAdditionalHostAddresses: ['127.0.0.1'],
        bundlePolicy: 'max-bundle',
      });
    this.#peers.set(streamId, peer);
    return peer;
  }

  #summary(): string {
    return this.frames.map(({ command, definition }) => definition ?? command).join(', ');
  }
}
