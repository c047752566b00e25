import type { AdapterReport, ConnectContext, RoomAdapter } from '../adapter.ts';
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
    this.tokens.push(await context.getToken());
    await this.onConnect(context);
    this.vendor = 'connected';
  }

  updateToken(token: Token): void {
    this.tokens.push(token);
  }

  async disconnect(): Promise<void> {
    this.disconnects++;
    this.vendor = undefined;
    await this.onDisconnect();
  }
}
