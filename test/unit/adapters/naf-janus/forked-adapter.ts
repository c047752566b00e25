import type { JanusAdapter, JanusSession } from '../../../../src/adapters/naf-janus/vendor.ts';

/** A vendor class, as networked-aframe makes its objects from it. */
export interface VendorClass {
  new (): JanusAdapter;
}

/** networked-aframe, as far as the fork uses it. */
interface Naf {
  readonly connection: { readonly adapter: unknown };
}

/** What the fork touches of 4.0.1 besides what we do. */
interface Internals extends JanusAdapter {
  readonly session: (JanusSession & { readonly options: { timeoutMs: number } }) | null;
  readonly initialReconnectionDelay: number;
  readonly maxReconnectionAttempts: number;
  reconnectionDelay: number;
  reconnectionAttempts: number;
  reconnectionTimeout: unknown;
  delayedReconnectTimeout: unknown;
  sendData(...values: unknown[]): void;
  sendDataGuaranteed(...values: unknown[]): void;
  broadcastData(...values: unknown[]): void;
  broadcastDataGuaranteed(...values: unknown[]): void;
}

/**
 * What naf-janus-adapter 4.3.0 (`@networked-aframe`, not on npm) does in another way than 4.0.1, written anew on top of
 * that, for unit tests and for pages. Left out, because nothing of ours comes near it: that a join of somebody else is not looked at while the delayed
 * reconnect is due, and `loop_index` in `attach`.
 */
export function forkOf(RealAdapter: VendorClass, naf: Naf): VendorClass {
  const Base = RealAdapter as unknown as new () => Internals;
  return class ForkedAdapter extends Base {
    isReconnecting = false;
    loops: number | undefined;
    #newest: RTCPeerConnection | undefined;
    #rejectConnection: (event: CloseEvent) => void = () => {};

    setEventLoops(loops: number): void {
      this.loops = loops;
    }

    getLocalMediaStream(): MediaStream | null {
      return this.localMediaStream;
    }

    /** `/` is `/janus` of the page's host; a socket that closes rejects; a request without an answer reconnects. */
    override connect(): Promise<unknown> {
      const { protocol, host } = location;
      if (this.serverUrl === '/' || this.serverUrl === '/janus')
        this.serverUrl = `${protocol.replace('http', 'ws')}//${host}/janus`;
      const closed = new Promise((_, reject) => {
        this.#rejectConnection = reject;
      });
      closed.catch(() => {});
      const connected = super.connect();
      if (this.session) this.#watch(this.session);
      return Promise.race([connected, closed]);
    }

    #watch(session: NonNullable<Internals['session']>): void {
      session.options.timeoutMs = 40_000;
      const send = session.send.bind(session);
      session.send = async (kind, frame) => {
        try {
          return await send(kind, frame);
        } catch (error) {
          if (!/timed out/.test((error as Error).message)) throw error;
          (naf.connection.adapter as JanusAdapter).reconnect();
          return undefined;
        }
      };
    }

    override disconnect(): void {
      super.disconnect();
      clearTimeout(this.delayedReconnectTimeout as number);
      this.delayedReconnectTimeout = null;
    }

    override onWebsocketClose(event: CloseEvent): void {
      if (event.code === 1000) return;
      this.#rejectConnection(event);
      if (this.isReconnecting) return;
      this.isReconnecting = true;
      this.#retry();
    }

    override reconnect(): void {
      this.disconnect();
      this.connect().then(
        () => {
          this.reconnectionDelay = this.initialReconnectionDelay;
          this.reconnectionAttempts = 0;
          this.isReconnecting = false;
          this.onReconnected?.();
        },
        () => {
          this.reconnectionDelay += 1_000;
          if (++this.reconnectionAttempts > this.maxReconnectionAttempts)
            this.onReconnectionError?.(new Error('No more tries.'));
          else this.#retry();
        },
      );
    }

    #retry(): void {
      this.onReconnecting?.(this.reconnectionDelay);
      this.reconnectionTimeout = setTimeout(() => this.reconnect(), this.reconnectionDelay);
    }

    override associate(...[conn, handle]: Parameters<JanusAdapter['associate']>): void {
      this.#newest = conn;
      super.associate(conn, handle);
    }

    /** Closes the connection of a publisher that was refused. */
    override async createPublisher(): Promise<unknown> {
      try {
        return await super.createPublisher();
      } catch (error) {
        if (!(error instanceof Error)) this.#newest?.close();
        throw error;
      }
    }

    /** Asks again for media that did not come within 15 s, as 4.0.1's sources do, but not its built file. */
    override async createSubscriber(
      id: string,
      maxRetries = 5,
    ): ReturnType<JanusAdapter['createSubscriber']> {
      const subscriber = await super.createSubscriber(id);
      if (subscriber || maxRetries === 0 || !this.availableOccupants.includes(id)) return subscriber;
      return this.createSubscriber(id, maxRetries - 1);
    }

    override sendData(...values: unknown[]): void {
      if (this.#canSend('unreliableChannel')) super.sendData(...values);
    }

    override sendDataGuaranteed(...values: unknown[]): void {
      if (this.#canSend('reliableChannel')) super.sendDataGuaranteed(...values);
    }

    override broadcastData(...values: unknown[]): void {
      if (this.#canSend('unreliableChannel')) super.broadcastData(...values);
    }

    override broadcastDataGuaranteed(...values: unknown[]): void {
      if (this.#canSend('reliableChannel')) super.broadcastDataGuaranteed(...values);
    }

    #canSend(channel: 'reliableChannel' | 'unreliableChannel'): boolean {
      const { publisher } = this as unknown as { publisher: Record<string, { readyState: string }> | null };
      return publisher?.[channel]?.readyState === 'open';
    }
  };
}
