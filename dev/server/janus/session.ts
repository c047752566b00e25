import { randomInt } from 'node:crypto';
import { Handle } from './handle.ts';
import { identityOf } from './identity.ts';
import {
  type ClientFrame,
  type ClientJsep,
  errorFrame,
  isObject,
  JanusError,
  pluginName,
  type Recipient,
  readJsep,
  requireObject,
  requireText,
} from './messages.ts';
import { Panic, PluginError, readRequest } from './requests.ts';
import type { Sfu } from './sfu.ts';

/** What a session works with. */
export interface SessionParts {
  sfu: Sfu;
  /** The number of its socket, for the log. */
  socket: number;
  /** How long it lives without a request, in ms, 0: for ever. Asked at each one. */
  timeoutMs: () => number;
  /** Nothing came for that long. */
  expired: () => void;
}

/** Ids as large as a real server's, so that nobody takes one for an index. */
const newId = (): number => randomInt(1, 2 ** 48 - 1);
/** How long the plugin takes for a message, in ms: at random, so that answers come in any order. */
const [quickest, slowest] = [0, 10];
/** How long after a kick its handles are detached, in ms, as measured. */
const [firstKicked, lastKicked] = [100, 210];

/** What a client creates first: it holds the handles, and ends when nothing is asked of it for too long. */
export class Session {
  readonly id: number = newId();
  readonly #client: Recipient;
  readonly #parts: SessionParts;
  readonly #handles = new Map<number, Handle>();
  readonly #kicks = new Set<NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;

  constructor(client: Recipient, parts: SessionParts) {
    this.#client = client;
    this.#parts = parts;
    this.#touch();
  }

  get handles(): readonly Handle[] {
    return [...this.#handles.values()];
  }

  /** Whether one of its handles is in this room, as this person; what is undefined fits all. */
  matches(room: string | undefined, user: string | undefined): boolean {
    if (room === undefined && user === undefined) return true;
    return this.handles.some(
      ({ joined }) =>
        joined &&
        (room === undefined || joined.room === room) &&
        (user === undefined || joined.user === user || identityOf(joined.user) === user),
    );
  }

  /**
   * Answers a request.
   *
   * @throws {@link JanusError}
   */
  async answer(frame: ClientFrame): Promise<void> {
    this.#touch();
    const handle = this.#handleOf(frame);
    const { janus } = frame;
    const known = ['keepalive', 'attach', 'message', 'trickle', 'detach'].includes(janus);
    if (!known) throw new JanusError(453, `Unknown request '${janus}'`);
    if (janus === 'keepalive') return this.#reply(frame, 'ack');
    if ((janus === 'attach') !== (handle === undefined))
      throw new JanusError(457, `Unhandled request '${janus}' at this path`);
    if (!handle) return this.#attach(frame);
    if (janus === 'message') return this.#message(handle, frame);
    if (janus === 'trickle') return this.#trickle(handle, frame);
    this.#reply(frame, 'success');
    await this.#detach(handle);
  }

  /** Frees everything. */
  async end(): Promise<void> {
    for (const timer of [this.#timer, ...this.#kicks]) clearTimeout(timer);
    await Promise.all(this.handles.map((handle) => this.#remove(handle)));
  }

  #touch(): void {
    clearTimeout(this.#timer);
    const timeoutMs = this.#parts.timeoutMs();
    if (timeoutMs > 0) this.#timer = setTimeout(this.#parts.expired, timeoutMs);
  }

  #handleOf(frame: ClientFrame): Handle | undefined {
    const id = frame['handle_id'];
    if (id === undefined) return undefined;
    const handle = this.#handles.get(Number(id));
    if (!handle) throw new JanusError(459, `No such handle ${id} in session ${this.id}`);
    return handle;
  }

  #attach(frame: ClientFrame): void {
    const plugin = requireText(frame, 'plugin');
    if (plugin !== pluginName) throw new JanusError(460, `No such plugin '${plugin}'`);
    const { sfu, socket } = this.#parts;
    if (sfu.panicked) return;
    const handle = new Handle(newId(), socket, {
      push: (pushed) => this.#client.send({ session_id: this.id, ...pushed }),
      published: () => sfu.published(handle),
      data: (label, data) => sfu.relay(handle, label, data),
      kicked: () => {
        const timer = setTimeout(() => void this.#letGo(handle), randomInt(firstKicked, lastKicked));
        this.#kicks.add(timer);
      },
    });
    this.#handles.set(handle.id, handle);
    this.#reply(frame, 'success', { data: { id: handle.id } });
  }

  /** Passes a message to the plugin: `ack` at once, the plugin's answer when it has one. The next one does not wait. */
  #message(handle: Handle, frame: ClientFrame): void {
    const body = requireObject(frame, 'body');
    const jsep = readJsep(frame);
    this.#reply(frame, 'ack', { hint: 'Processing.' });
    this.#process(handle, frame, body, jsep).catch((error: unknown) => {
      const { transaction } = frame;
      if (error instanceof JanusError)
        this.#client.send(errorFrame(error, { transaction, session_id: this.id }));
      // What was begun for a handle that is gone may fail for that alone.
      else if (!handle.destroyed && !(error instanceof Panic))
        console.error('Janus: a message failed:', error);
    });
  }

  async #process(
    handle: Handle,
    frame: ClientFrame,
    body: Record<string, unknown>,
    jsep: ClientJsep | undefined,
  ): Promise<void> {
    const taking = jsep && handle.takeJsep(jsep);
    // It may fail while the plugin still thinks.
    taking?.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, randomInt(quickest, slowest)));
    const { data, jsep: offer } = await this.#ask(handle, body);
    // The plugin looks at an offer or answer even when it refuses the message that came with it.
    const answer = await taking;
    if (handle.destroyed) return;
    if (jsep && this.#parts.sfu.panicked) throw new Panic();
    const description = data['success'] === true ? (answer ?? offer) : undefined;
    this.#reply(frame, 'event', {
      sender: handle.id,
      plugindata: { plugin: pluginName, data },
      ...(description ? { jsep: description } : {}),
    });
  }

  async #ask(handle: Handle, body: Record<string, unknown>) {
    try {
      const request = readRequest(body);
      if (!request) return { data: { success: true } };
      const { response, jsep } = await this.#parts.sfu.process(handle, request);
      return { data: { success: true, response }, jsep };
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      return { data: { success: false, error: { msg: error.message } } };
    }
  }

  /** Takes one candidate or several. `null`, or one that is `completed`, is their end: nothing waits for that. */
  async #trickle(handle: Handle, frame: ClientFrame): Promise<void> {
    const { candidate, candidates } = frame;
    if (candidate === undefined && candidates === undefined)
      throw new JanusError(456, 'Missing mandatory element (candidate|candidates)');
    this.#reply(frame, 'ack');
    for (const item of Array.isArray(candidates) ? candidates : [candidate]) {
      if (!isObject(item) || typeof item['candidate'] !== 'string') continue;
      const { sdpMid, sdpMLineIndex } = item;
      await handle.addCandidate({
        candidate: item['candidate'],
        sdpMid: typeof sdpMid === 'string' ? sdpMid : '0',
        sdpMLineIndex: typeof sdpMLineIndex === 'number' ? sdpMLineIndex : 0,
      });
    }
  }

  async #detach(handle: Handle): Promise<void> {
    handle.hangUp('Detach');
    await this.#letGo(handle);
  }

  /** Says that the handle is gone, and of its media nothing: so ends a kick. */
  async #letGo(handle: Handle): Promise<void> {
    this.#client.send({ janus: 'detached', session_id: this.id, sender: handle.id });
    await this.#remove(handle);
  }

  async #remove(handle: Handle): Promise<void> {
    this.#handles.delete(handle.id);
    const destroyed = handle.destroy();
    this.#parts.sfu.leave(handle);
    await destroyed;
  }

  #reply({ transaction }: ClientFrame, janus: string, more: Record<string, unknown> = {}): void {
    this.#client.send({ janus, session_id: this.id, transaction, ...more });
  }
}
