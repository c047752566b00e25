import { type RTCDataChannel, RTCPeerConnection, useH264, useNACK, useOPUS, usePLI } from 'werift';
import { WebSocket } from 'ws';
import { withoutStun } from '../../../dev/server/media/connection.ts';
import type { DevServer } from '../../../dev/server/server.ts';

/** A frame of the server. */
export interface JanusFrame {
  janus: string;
  transaction?: string;
  sender?: number;
  data?: { id: number };
  error?: { code: number; reason: string };
  plugindata?: { plugin: string; data: PluginData };
  jsep?: { type: 'offer' | 'answer'; sdp: string };
  [field: string]: unknown;
}

/** What the plugin answers or says. */
export interface PluginData {
  success?: boolean;
  error?: { msg: string };
  response?: { users?: Record<string, string[]> };
  event?: string;
  [field: string]: unknown;
}

/** Asks the server for a token over HTTP. */
export async function fetchJanusToken(server: DevServer, room: string, identity?: string): Promise<string> {
  const body = JSON.stringify({ room, identity, backend: 'janus' });
  const response = await fetch(`${server.url}/token`, { method: 'POST', body });
  const { token } = (await response.json()) as { token: string };
  return token;
}

/** A socket to the Janus part that keeps every frame until it is asked for. */
export class JanusClient {
  readonly frames: JanusFrame[] = [];
  /** The close code, once it is closed. */
  readonly closed: Promise<number>;
  /** The id of the last session that was created. */
  session = 0;
  readonly #socket: WebSocket;
  readonly #handles: JanusHandle[] = [];
  #unread: JanusFrame[] = [];
  #transaction = 0;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as JanusFrame;
      this.frames.push(frame);
      this.#unread.push(frame);
      for (const wake of this.#waiting) wake();
    });
  }

  /** Opens a socket; rejects when the server refuses it. */
  static async open(server: DevServer, protocols: string[] = ['janus-protocol']): Promise<JanusClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/janus`, protocols);
    const client = new JanusClient(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return client;
  }

  /** Opens a socket and creates a session. */
  static async create(server: DevServer): Promise<JanusClient> {
    const client = await JanusClient.open(server);
    const { data } = await client.ask({ janus: 'create' });
    client.session = data?.id ?? 0;
    return client;
  }

  /** Sends what is no proper request. */
  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** Sends a request and gives its transaction. */
  send(frame: Record<string, unknown>): string {
    this.#transaction += 1;
    const sent = { transaction: String(this.#transaction), ...frame };
    this.#socket.send(JSON.stringify(sent));
    return sent.transaction;
  }

  /** Sends a request in the session and gives what it is answered; to a message: what comes after the `ack`. */
  ask(frame: Record<string, unknown>): Promise<JanusFrame> {
    const session = this.session ? { session_id: this.session } : {};
    const transaction = this.send({ ...session, ...frame });
    const isAnswer = (answer: JanusFrame): boolean =>
      answer.transaction === transaction && !(frame['janus'] === 'message' && answer.janus === 'ack');
    return this.next(isAnswer, JSON.stringify(frame).slice(0, 200));
  }

  async attach(): Promise<JanusHandle> {
    const { data } = await this.ask({ janus: 'attach', plugin: 'janus.plugin.sfu' });
    const handle = new JanusHandle(this, data?.id ?? 0);
    this.#handles.push(handle);
    return handle;
  }

  /** The oldest unread frame that fits. */
  async next(fits: (frame: JanusFrame) => boolean, what: string): Promise<JanusFrame> {
    const deadline = Date.now() + 3000;
    for (;;) {
      const frame = this.#unread.find(fits);
      if (frame) {
        this.#unread = this.#unread.filter((other) => other !== frame);
        return frame;
      }
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(`Nothing came for ${what}: ${JSON.stringify(this.#unread).slice(0, 500)}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.#waiting.add(wake);
      });
    }
  }

  /** Resolves when the server's end has everything that was sent before, even if it stays silent. */
  delivered(): Promise<void> {
    this.#socket.ping();
    return new Promise((resolve) => this.#socket.once('pong', () => resolve()));
  }

  /** Resolves when the server has answered everything that was sent before. */
  async settled(): Promise<void> {
    await this.ask({ janus: 'keepalive' });
  }

  async close(): Promise<void> {
    this.#socket.terminate();
    await Promise.all(this.#handles.map((handle) => handle.peer.close()));
  }
}

/** One attachment to the plugin, with a peer connection of its own. */
export class JanusHandle {
  readonly id: number;
  readonly peer: RTCPeerConnection = new RTCPeerConnection({
    iceServers: [],
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    bundlePolicy: 'max-bundle',
    codecs: { audio: [useOPUS()], video: [useH264({ rtcpFeedback: [useNACK(), usePLI()] })] },
  });
  readonly channels = new Map<string, RTCDataChannel>();
  readonly #client: JanusClient;

  constructor(client: JanusClient, id: number) {
    this.#client = client;
    this.id = id;
  }

  ask(frame: Record<string, unknown>): Promise<JanusFrame> {
    return this.#client.ask({ handle_id: this.id, ...frame });
  }

  /** Sends a message to the plugin and gives its answer. */
  message(body: Record<string, unknown>, jsep?: object): Promise<JanusFrame> {
    return this.ask({ janus: 'message', body, ...(jsep ? { jsep } : {}) });
  }

  /** Sends a message and gives the text of the error it is answered, or `success`. */
  async say(body: Record<string, unknown>): Promise<string> {
    const { plugindata } = await this.message(body);
    return plugindata?.data.success ? 'success' : String(plugindata?.data.error?.msg);
  }

  /** What is pushed to this handle: an event of the plugin, or by its `janus` field. */
  next(what: string): Promise<JanusFrame> {
    const fits = ({ janus, sender, transaction, plugindata }: JanusFrame): boolean =>
      sender === this.id && transaction === undefined && (plugindata?.data.event ?? janus) === what;
    return this.#client.next(fits, what);
  }

  /** Whether this was pushed to this handle, read or not. */
  heard(event: string): boolean {
    return this.#client.frames.some(
      ({ sender, plugindata }) => sender === this.id && plugindata?.data.event === event,
    );
  }

  /** Makes an offer and takes the answer. */
  async offer(): Promise<void> {
    withoutStun(this.peer);
    await this.peer.setLocalDescription(await this.peer.createOffer());
    const { jsep } = await this.message({}, { type: 'offer', sdp: this.peer.localDescription?.sdp });
    await this.peer.setRemoteDescription({ type: 'answer', sdp: String(jsep?.sdp) });
  }

  /** Connects as the vendor's client does: data channels alone, first; resolves when they are open. */
  async connect(): Promise<void> {
    const reliable = this.peer.createDataChannel('reliable', { ordered: true });
    const unreliable = this.peer.createDataChannel('unreliable', { ordered: false, maxRetransmits: 0 });
    const open = [reliable, unreliable].map(
      (channel) =>
        new Promise<void>((resolve) =>
          channel.stateChanged.subscribe((state) => state === 'open' && resolve()),
        ),
    );
    this.channels.set('reliable', reliable).set('unreliable', unreliable);
    await this.offer();
    await this.next('webrtcup');
    await Promise.all(open);
  }

  /** Joins as a publisher and gives who was there. */
  async join(room: string, user: string, token: unknown): Promise<JanusFrame> {
    return this.message(publisherJoin(room, user, token));
  }

  /** Asks for somebody's media and answers the offer; resolves when it is connected. */
  async subscribe(room: string, user: string, media: string, token: unknown): Promise<JanusFrame> {
    const joined = await this.message(subscriberJoin(room, user, media, token));
    await this.answer(joined);
    await this.next('webrtcup');
    return joined;
  }

  /** Answers an offer of the server. */
  async answer({ jsep }: JanusFrame): Promise<void> {
    await this.peer.setRemoteDescription({ type: 'offer', sdp: String(jsep?.sdp) });
    withoutStun(this.peer);
    await this.peer.setLocalDescription(await this.peer.createAnswer());
    await this.message({}, { type: 'answer', sdp: this.peer.localDescription?.sdp });
  }
}

/** The body of a publisher's join. */
export function publisherJoin(room: string, user: string, token: unknown): Record<string, unknown> {
  const subscribe = { notifications: true, data: true };
  return { kind: 'join', room_id: room, user_id: user, subscribe, token };
}

/** The body of a subscriber's join. */
export function subscriberJoin(
  room: string,
  user: string,
  media: string,
  token: unknown,
): Record<string, unknown> {
  return { kind: 'join', room_id: room, user_id: user, subscribe: { media }, token };
}
