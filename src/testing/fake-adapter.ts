import type { AdapterReport, ConnectContext, RoomAdapter } from '../adapter.ts';
import { RoomSessionError } from '../errors.ts';
import type { Token } from '../token/jwt.ts';

/**
 * An adapter without a backend: it connects when the test says so, and remembers what the session did with it. The
 * members it has by default are the ones that every adapter must have; a test adds others.
 */
export class FakeAdapter implements RoomAdapter<string> {
  readonly name = 'fake';
  vendor: string | undefined;
  /** What `connect` does after its `getToken()`; default: at once in the room. */
  onConnect: (context: ConnectContext) => Promise<void> | void = () => {};
  /** Which tokens its backend refuses; default: none. */
  refuses: (token: Token | undefined) => boolean = () => false;
  /** What `disconnect` does. */
  onDisconnect: () => Promise<void> | void = () => {};
  /** Each `connect` so far, newest last. */
  readonly contexts: ConnectContext[] = [];
  /** The tokens got by `getToken()` and `updateToken()`, newest last; `undefined` as a guest. */
  readonly tokens: (Token | undefined)[] = [];
  disconnects = 0;

  get context(): ConnectContext {
    const context = this.contexts.at(-1);
    if (!context) throw new Error('Nobody has connected yet.');
    return context;
  }

  report(report: AdapterReport): void {
    this.context.report(report);
  }

  async connect(context: ConnectContext): Promise<void> {
    this.contexts.push(context);
    await this.#authenticate(context);
    await this.onConnect(context);
    context.signal.throwIfAborted();
    this.vendor = 'connected';
  }

  /** Its connection drops, and comes back with a token that is valid then; without effect unless connected. */
  async drop(): Promise<void> {
    if (!this.vendor) return;
    const { context } = this;
    context.report({ type: 'reconnecting' });
    await this.#authenticate(context);
    context.report({ type: 'connected' });
  }

  updateToken(token: Token): void {
    this.tokens.push(token);
  }

  async disconnect(): Promise<void> {
    this.disconnects++;
    this.vendor = undefined;
    await this.onDisconnect();
  }

  async #authenticate(context: ConnectContext): Promise<void> {
    const token = await context.getToken();
    this.tokens.push(token);
    if (!this.refuses(token)) return;
    const another = await context.getToken({ rejected: token });
    this.tokens.push(another);
    if (this.refuses(another)) {
      throw new RoomSessionError('connect_denied', 'The fake backend refused a new token too.');
    }
  }
}
