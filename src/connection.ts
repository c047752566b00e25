import type { AdapterTokenRequest, JoinRequest } from './adapter.ts';
import type { Clock } from './clock.ts';
import { RoomSessionError, TokenError } from './errors.ts';
import { callSafely } from './report-error.ts';
import type { Roster } from './roster.ts';
import type { Token } from './token/jwt.ts';
import type { TokenRefresher } from './token/refresher.ts';
import type { TokenFailure } from './token/refresher-options.ts';

/** An answer that a working endpoint never gives is not waited for longer than this many times during a join. */
const hopelessAttempts = 3;

/** What one join has and its end takes away: the abort controller, the refresher, who and what is in the room. */
export class Connection {
  readonly join: JoinRequest;
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

  constructor(join: JoinRequest, roster: Roster) {
    const controller = new AbortController();
    this.join = join;
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
  tokenFailed({ error, attempt }: TokenFailure): void {
    this.trouble = error;
    const { code, status } = error;
    const final = code === 'token_denied' || code === 'token_mismatch';
    // 4xx, except for those that ask to come again: 408, 425 and 429.
    const hopeless = code === 'token_malformed' || /^4(?!08|25|29)/.test(`${status}`);
    if (!this.joined && (final || (hopeless && attempt >= hopelessAttempts))) this.abort(error);
  }

  /** The join ran out of time. */
  timeOut(timeoutMs: number): void {
    const { trouble } = this;
    if (trouble instanceof TokenError && !this.refresher?.current) return this.abort(trouble);
    const why = trouble?.message ?? 'Is the server reachable, and the camera prompt answered?';
    const { vendorCode } = (trouble ?? {}) as Partial<RoomSessionError>;
    const options = { cause: trouble, vendorCode };
    this.abort(
      new RoomSessionError(
        'connect_timeout',
        `Not in the room within ${timeoutMs / 1000} s. ${why}`,
        options,
      ),
    );
  }
}

/** Waits for `work`, `limitMs` at most; what it throws is reported, never felt. */
export function finish(work: () => unknown, limitMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const stopWaiting = clock.setTimer(resolve, limitMs);
    callSafely(work).then(() => {
      stopWaiting();
      resolve();
    });
  });
}
