import type { AdapterTokenRequest, JoinRequest } from './adapter.ts';
import type { Clock } from './clock.ts';
import { RoomSessionError, TokenError } from './errors.ts';
import { callSafely } from './report-error.ts';
import type { Roster } from './roster.ts';
import type { Token } from './token/jwt.ts';
import type { TokenRefresher } from './token/refresher.ts';

/** An answer that a working endpoint never gives is not waited for longer than this many times during a join. */
const hopelessAttempts = 3;

/** What one join has and its end takes away: the abort controller, the refresher, who and what is in the room. */
export class Connection implements JoinRequest {
  readonly room: string;
  readonly identity: string | undefined;
  readonly roster: Roster;
  readonly signal: AbortSignal;
  readonly abort: (reason: unknown) => void;
  refresher: TokenRefresher | undefined;
  joined = false;
  /** Ended: nobody hears of it any more. */
  isOver = false;
  /** The newest thing that went wrong, for a join that runs out of time. */
  trouble: Error | undefined;
  /** Ends the join's time limit. */
  stopTimeout = (): void => {};

  constructor(room: string, identity: string | undefined, roster: Roster) {
    const controller = new AbortController();
    this.room = room;
    this.identity = identity;
    this.roster = roster;
    this.signal = controller.signal;
    this.abort = (reason) => controller.abort(reason);
  }

  /** Ends everything this connection has. */
  close(error: Error | undefined): void {
    this.isOver = true;
    this.stopTimeout();
    this.abort(error ?? new DOMException('The room was left.', 'AbortError'));
    this.refresher?.stop();
  }

  /** Settles as `work` does, or rejects with the abort's reason as soon as there is one. */
  untilAborted(work: Promise<void>): Promise<void> {
    const { signal } = this;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    return Promise.race([aborted, work]);
  }

  async getToken({ signal, ...request }: AdapterTokenRequest = {}): Promise<Token | undefined> {
    this.signal.throwIfAborted();
    return this.refresher?.getToken({
      ...request,
      signal: signal ? AbortSignal.any([signal, this.signal]) : this.signal,
      waitMs: Number.POSITIVE_INFINITY,
    });
  }

  /** During a join a failure that time does not heal ends it; later the room goes on for as long as its server lets it. */
  tokenFailed(error: TokenError, attempt: number): void {
    this.trouble = error;
    const { code, status = 0 } = error;
    const final = code === 'token_denied' || code === 'token_mismatch';
    const hopeless =
      code === 'token_malformed' || (status >= 400 && status < 500 && ![408, 425, 429].includes(status));
    if (!this.joined && (final || (hopeless && attempt >= hopelessAttempts))) this.abort(error);
  }

  /** The join ran out of time. */
  timeOut(timeoutMs: number): void {
    const { trouble } = this;
    const noToken = trouble instanceof TokenError && !this.refresher?.current;
    const why = trouble?.message ?? 'Is the media server reachable, and the camera prompt answered?';
    this.abort(
      noToken
        ? trouble
        : new RoomSessionError('connect_timeout', `Not in the room within ${timeoutMs / 1000} s. ${why}`, {
            cause: trouble,
            vendorCode: (trouble as Partial<RoomSessionError> | undefined)?.vendorCode,
          }),
    );
  }
}

/** Waits for `work`, `limitMs` at most; what it throws is reported, never felt. */
export async function finish(work: () => unknown, limitMs: number, clock: Clock): Promise<void> {
  let stopWaiting = () => {};
  const limit = new Promise<void>((resolve) => {
    stopWaiting = clock.setTimer(resolve, limitMs);
  });
  try {
    await Promise.race([work(), limit]);
  } catch (error) {
    callSafely(() => {
      throw error;
    });
  }
  stopWaiting();
}
