import type { LogEntry } from '../../../dev/server/event-log.ts';
import { type DevServer, startServer } from '../../../dev/server/server.ts';
import { fetchJanusToken, JanusClient, type JanusHandle } from './janus-client.ts';

/** The room of a stage. */
export const room = 'standup';

/** A server without pages, and the clients of one test. */
export class JanusStage {
  readonly server: DevServer;
  /** A good token for the room. */
  readonly token: string;
  readonly clients: JanusClient[] = [];

  private constructor(server: DevServer, token: string) {
    this.server = server;
    this.token = token;
  }

  static async open(): Promise<JanusStage> {
    const server = await startServer({ vite: false });
    return new JanusStage(server, await fetchJanusToken(server, room));
  }

  /** A client with a session. */
  async create(): Promise<JanusClient> {
    const client = await JanusClient.create(this.server);
    this.clients.push(client);
    return client;
  }

  /** A handle of this client, or of a new one. */
  async attach(client?: JanusClient): Promise<JanusHandle> {
    return (client ?? (await this.create())).attach();
  }

  /** Connects and joins the room, as the vendor's client does: without tracks. */
  async publish(user: string): Promise<JanusHandle> {
    const handle = await this.attach();
    await handle.connect();
    await handle.join(room, user, this.token);
    return handle;
  }

  /** The newest log entry of a type. */
  lastOf<Type extends LogEntry['type']>(type: Type): Extract<LogEntry, { type: Type }> | undefined {
    const isOfType = (entry: LogEntry): entry is Extract<LogEntry, { type: Type }> => entry.type === type;
    return this.server.log.since().findLast(isOfType);
  }

  /** Posts JSON to the server and gives what it answers. */
  async post(path: string, body: unknown = {}): Promise<unknown> {
    const response = await fetch(this.server.url + path, { method: 'POST', body: JSON.stringify(body) });
    return response.json();
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
    await this.server.close();
  }
}

/** Waits for what no event tells. */
export async function eventually(what: string, done: () => boolean): Promise<void> {
  const deadline = performance.now() + 3000;
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`Not within 3 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
