import type { AdapterTokenRequest, JoinRequest } from './adapter.ts';
import type { Clock } from './clock.ts';
import { RoomSessionError, type TokenError } from './errors.ts';
import type { Roster } from './roster.ts';
import type { Token } from './token/jwt.ts';
import type { TokenRefresher } from './token/refresher.ts';

/** An answer that a working endpoint never gives is not waited for longer than this many times during a join. */
const hopelessAttempts = 3;

interface ConnectionOptions extends JoinRequest {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly roster: Roster;
  makeRefresher(connection: Connection): TokenRefresher | undefined;
}

/** What one join has and its end takes away: the abort controller, the refresher, who and what is in the room. */
export class Connection {
  readonly room: string;
  readonly identity: string | undefined;
  readonly refresher: TokenRefresher | undefined;
  readonly roster: Roster;
  readonly #controller = new AbortController();
  readonly #cancelTimeout: () => void;
  #joined = false;
  #tokenError: TokenError | undefined;
  /** The newest failed try of the adapter's. */
  lastTrouble: Error | undefined;

  constructor({ room, identity, clock, timeoutMs, roster, makeRefresher }: ConnectionOptions) {
    this.room = room;
    this.identity = identity;
    this.roster = roster;
    this.refresher = makeRefresher(this);
    this.#cancelTimeout = clock.setTimer(() => this.abort(this.#timeoutError(timeoutMs)), timeoutMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isJoined(): boolean {
    return this.#joined;
  }

  /** The join succeeded, unless the connection ended in the same moment: then throws the abort's reason. */
  joined(): void {
    this.signal.throwIfAborted();
    this.#joined = true;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Ends everything this connection has. */
  close(error: Error | undefined): void {
    this.stopTimeout();
    this.abort(error ?? new DOMException('The room was left.', 'AbortError'));
    this.refresher?.stop();
  }

  stopTimeout(): void {
    this.#cancelTimeout();
  }

  /** Settles as `work` does, or rejects with the abort's reason as soon as there is one. */
  untilAborted<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(this.signal.reason);
      if (this.signal.aborted) onAbort();
      this.signal.addEventListener('abort', onAbort, { once: true });
      work.then(resolve, reject);
    });
  }

  async getToken({ signal, rejected, fresh }: AdapterTokenRequest = {}): Promise<Token | undefined> {
    this.signal.throwIfAborted();
    return this.refresher?.getToken({
      rejected,
      fresh,
      signal: signal ? AbortSignal.any([signal, this.signal]) : this.signal,
      waitMs: Number.POSITIVE_INFINITY,
    });
  }

  /** During a join a failure that time does not heal ends it; later the room goes on for as long as its server lets it. */
  tokenFailed(error: TokenError, attempt: number): void {
    this.#tokenError = error;
    if (this.#joined) return;
    const { code, status = 0 } = error;
    const final = code === 'token_denied' || code === 'token_mismatch';
    const clientError = status >= 400 && status < 500 && ![408, 425, 429].includes(status);
    const hopeless = code === 'token_malformed' || clientError;
    if (final || (hopeless && attempt >= hopelessAttempts)) this.abort(error);
  }

  #timeoutError(timeoutMs: number): RoomSessionError {
    if (this.#tokenError && !this.refresher?.current) return this.#tokenError;
    const trouble = this.lastTrouble;
    const why = trouble?.message ?? 'Is the media server reachable, or the camera prompt unanswered?';
    return new RoomSessionError(
      'connect_timeout',
      `Not in room "${this.room}" within ${timeoutMs / 1000} s. ${why}`,
      {
        cause: trouble ?? this.#tokenError,
        vendorCode: trouble instanceof RoomSessionError ? trouble.vendorCode : undefined,
      },
    );
  }
}
