import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { ClientMessage, Presence, ServerMessage } from '../../../dev/server/jitsi/messages.ts';
import type { DevServer } from '../../../dev/server/server.ts';

type Of<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

/** How to log in. */
export interface LoginOptions {
  /** Default `standup`. */
  room?: string;
  /** Asked of the server unless it is given; null: none. */
  token?: string | null;
  role?: 'moderator' | 'participant';
  /** The session to go on with. */
  resume?: string;
}

/** The signalling of one meeting page, by hand. */
export class JitsiClient {
  readonly #socket: WebSocket;
  readonly #unread: ServerMessage[] = [];
  readonly name: string;
  /** The code that the socket closed with. */
  readonly closed: Promise<number>;
  #arrived = () => {};

  private constructor(socket: WebSocket, name: string) {
    this.#socket = socket;
    this.name = name;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('message', (frame) => {
      this.#unread.push(JSON.parse(String(frame)) as ServerMessage);
      this.#arrived();
    });
  }

  /** Opens a socket and says `login`; what is answered is still to be read. */
  static async login(server: DevServer, name: string, options: LoginOptions = {}): Promise<JitsiClient> {
    const { room = 'standup', role = 'participant', resume = null } = options;
    const { token = await fetchToken(server, room, name, role) } = options;
    const query = new URLSearchParams({ room, ...(token === null ? {} : { token }) });
    const socket = new WebSocket(`ws://localhost:${server.port}/jitsi/xmpp?${query}`);
    const client = new JitsiClient(socket, name);
    await once(socket, 'open');
    client.say({ type: 'login', resume, page: name, name });
    return client;
  }

  /** Logs in and asks to come in. */
  static async join(server: DevServer, name: string, options: LoginOptions = {}): Promise<JitsiClient> {
    const client = await JitsiClient.login(server, name, options);
    await client.next('logged-in');
    client.say({ type: 'join', presence: client.presence });
    return client;
  }

  get presence(): Presence {
    return { name: this.name, audioMuted: false, videoMuted: false };
  }

  say(message: ClientMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** The next message of a type, taken out of what has not been read yet. */
  async next<Type extends ServerMessage['type']>(type: Type): Promise<Of<Type>> {
    const deadline = AbortSignal.timeout(3000);
    for (;;) {
      const at = this.#unread.findIndex((message) => message.type === type);
      if (at >= 0) return this.#unread.splice(at, 1)[0] as Of<Type>;
      await new Promise<void>((resolve, reject) => {
        this.#arrived = resolve;
        deadline.onabort = () => reject(new Error(`${this.name} got no ${type}, but ${this.unread}`));
      });
    }
  }

  /** The types of the messages that nobody has asked for. */
  get unread(): string[] {
    return this.#unread.map(({ type }) => type);
  }

  /** Closes as a page does that is left. */
  async close(): Promise<void> {
    this.#socket.close(1000);
    await this.closed;
  }

  /** Is gone without a word. */
  lose(): void {
    this.#socket.terminate();
  }
}

async function fetchToken(server: DevServer, room: string, identity: string, role: string): Promise<string> {
  const body = JSON.stringify({ room, identity, role, backend: 'jitsi' });
  const response = await fetch(`${server.url}/token`, { method: 'POST', body });
  return ((await response.json()) as { token: string }).token;
}
