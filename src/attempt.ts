import type { ConnectAttempt, EndReason, RoomAdapter, WaitReason } from './adapter.ts';
import type { RoomSessionError } from './errors.ts';
import type { Join } from './join.ts';
import { Scope } from './scope.ts';
import type { Token } from './token/jwt.ts';

/** How an attempt ended: another one may help, with another token where `rejected`, or the room is over. */
export type AttemptEnd =
  | { readonly type: 'lost'; readonly error: RoomSessionError; readonly pauseMs?: number | undefined }
  | { readonly type: 'rejected'; readonly error: RoomSessionError; readonly token: Token | undefined }
  | { readonly type: 'over'; readonly reason: EndReason; readonly error: RoomSessionError | undefined };

/** What an attempt needs of the loop that makes it. */
export interface AttemptHost {
  readonly join: Join;
  readonly adapter: RoomAdapter;
  /** In ms. */
  readonly attemptTimeoutMs: number;
  readonly isReconnect: boolean;
  onReached(): void;
  onConnected(): void;
  onWaiting(reason: WaitReason): void;
  onReconnecting(): void;
  onRetrying(error: RoomSessionError, participantId?: string): void;
  /** The pause before the next attempt in ms, `undefined` where none follows. */
  pauseAfter(end: AttemptEnd): number | undefined;
}

/** Where one attempt to be in the room stands, and its end. {@link attemptCalls} is what its adapter has of it. */
export class Attempt {
  readonly host: AttemptHost;
  readonly scope: Scope<number | undefined>;
  /** Resolves when the attempt has ended. */
  readonly end: Promise<AttemptEnd>;
  /** Resolves when everything of the attempt is freed. */
  closed: Promise<void> = Promise.resolve();
  phase: 'connecting' | 'waiting' | 'connected' | 'reconnecting' | 'over' = 'connecting';
  /** The vendor's object while connected, or waiting with one. */
  vendor: unknown;
  /** A token that was valid at the start; gone at the end. */
  token: Token | undefined;
  /** What the adapter has of it. */
  calls: ConnectAttempt | undefined;
  #resolveEnd!: (end: AttemptEnd) => void;

  constructor(host: AttemptHost, token: Token | undefined) {
    const { clock, signal } = host.join;
    this.host = host;
    this.token = token;
    this.scope = new Scope(clock);
    this.end = new Promise((resolve) => {
      this.#resolveEnd = resolve;
    });
    const onAbort = () => this.scope.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { signal: this.scope.signal });
  }

  /** Whether what the adapter says counts. */
  get isOpen(): boolean {
    return this.phase !== 'over' && !this.scope.signal.aborted;
  }

  /** Ends the attempt in this way, and frees everything of it. */
  finish(end: AttemptEnd): void {
    if (!this.isOpen) return;
    this.#close(this.host.pauseAfter(end), end.error);
    this.#resolveEnd(end);
  }

  /** The join has ended, and this attempt with it. */
  close(): Promise<void> {
    if (this.phase !== 'over') this.#close(undefined, this.host.join.signal.reason);
    return this.closed;
  }

  #close(retryInMs: number | undefined, reason: unknown): void {
    this.phase = 'over';
    this.vendor = this.token = this.calls = undefined;
    this.closed = this.scope.end(retryInMs, reason);
  }
}
