import type { AdapterTokenRequest, JoinContext, JoinRequest, Message } from './adapter.ts';
import type { Clock } from './clock.ts';
import { RoomSessionError, TokenError } from './errors.ts';
import type { LocalMedia } from './local-media.ts';
import type { LocalParticipant } from './local-participant.ts';
import type { Device } from './own-devices.ts';
import type { Participants } from './participants.ts';
import { callSafely } from './report-error.ts';
import { Scope } from './scope.ts';
import { withSignals } from './signals.ts';
import type { Token } from './token/jwt.ts';
import type { TokenRefresher } from './token/refresher.ts';
import type { TokenFailure } from './token/refresher-options.ts';

/** During a join, an answer that no working endpoint gives is accepted this often before the join fails. */
const hopelessAttempts = 3;

/** What a {@link Join} is made of. */
export interface JoinParts {
  readonly request: JoinRequest;
  readonly clock: Clock;
  readonly participants: Participants;
  readonly media: LocalMedia;
  /** Does `work` before any listener hears of what happened in it. */
  atOnce(work: () => void): void;
  readonly me: LocalParticipant;
}

/** Everything that belongs to one join and is released when it ends. */
export class Join implements JoinContext {
  readonly room: string;
  readonly identity: string | undefined;
  readonly name: string | undefined;
  readonly clock: Clock;
  readonly participants: Participants;
  readonly media: LocalMedia;
  readonly atOnce: JoinParts['atOnce'];
  readonly me: LocalParticipant;
  readonly signal: AbortSignal;
  readonly onEnd: JoinContext['onEnd'];
  refresher: TokenRefresher | undefined;
  phase: 'joining' | 'joined' | 'over' = 'joining';
  /** The newest problem, for a join that runs out of time. */
  problem: RoomSessionError | undefined;
  /** Hears of an end that the adapter told of the join, and of no attempt. */
  onEnded: JoinContext['ended'] = () => {};
  /** What the adapter has got ready ahead of the join. */
  preparing: Promise<unknown> | undefined;
  /** Hears of a message of a participant. */
  onMessage: (message: Message) => void = () => {};
  /** Hears of the devices, where the vendor has them. */
  onDevices: (list: readonly Device[]) => void = () => {};
  /** Ends the join's time limit. */
  stopTimeout = (): void => {};
  readonly #scope: Scope;
  #rejectionsWithoutSuccess = new Set<Token>();
  #hopelessAnswers = 0;
  #tokenListener: ((token: Token) => void) | undefined;

  constructor({ request, clock, participants, media, me, atOnce }: JoinParts) {
    this.room = request.room;
    this.identity = request.identity;
    this.name = request.name;
    this.clock = clock;
    this.participants = participants;
    this.media = media;
    this.atOnce = atOnce;
    this.me = me;
    this.#scope = new Scope(clock);
    this.signal = this.#scope.signal;
    this.onEnd = (cleanUp) => this.#scope.onEnd(cleanUp);
  }

  isFor({ room, identity, name }: JoinRequest): boolean {
    return this.room === room && this.identity === identity && this.name === name;
  }

  /** Makes the join fail with this reason. It has no effect once we are in the room. */
  readonly abort = (reason: unknown): void => {
    if (this.phase === 'joining') this.#scope.abort(reason);
  };

  /** Releases everything; resolves when that is done, after 5 s at the latest. */
  close(error: Error | undefined): Promise<void> {
    this.phase = 'over';
    this.stopTimeout();
    this.refresher?.stop();
    // An error that the app keeps may remember who was called when it was made. So nothing leads from here to a token.
    this.refresher = this.#tokenListener = undefined;
    this.#rejectionsWithoutSuccess.clear();
    const closed = this.#scope.end(undefined, error ?? new DOMException('The room was left.', 'AbortError'));
    // The browser remembers the text that an expression looked at last (RegExp.input): it may be an address with a token.
    return closed.then(this.media.reset()).then(() => void /^/.test(''));
  }

  /** Settles as `work` does, or rejects with the abort's reason as soon as there is one. */
  untilAborted<Result>(work: Promise<Result>): Promise<Result> {
    const { signal } = this;
    const aborted = new Promise<never>((_, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
    });
    return Promise.race([aborted, work]);
  }

  readonly openMedia = (): void => {
    // The session waits for the same promise after `prepare`, and hears of a failure there.
    this.media.open(this.signal).catch(() => {});
  };

  readonly ended: JoinContext['ended'] = (reason, error) => this.onEnded(reason, error);

  readonly useMedia = (stream: MediaStream): void => {
    if (!this.signal.aborted) this.media.use(stream, this.signal);
  };

  /** @param attempt the signal of the attempt that asks */
  readonly getToken = async (
    { signal, rejected, fresh }: AdapterTokenRequest = {},
    attempt?: AbortSignal,
  ): Promise<Token | undefined> => {
    this.signal.throwIfAborted();
    return withSignals([signal, attempt, this.signal], async (either) =>
      this.refresher?.getToken({ rejected, fresh, signal: either, waitMs: Number.POSITIVE_INFINITY }),
    );
  };

  /** A new token arrived. */
  tokenArrived(token: Token): void {
    void callSafely(this.#tokenListener, token);
  }

  /** Hands each new token to the attempt that is under way. */
  onToken(listener: (token: Token) => void): void {
    this.#tokenListener = listener;
  }

  /**
   * Notes that the backend rejected this token since the last success. A guest's rejection counts for nothing: the first
   * token that follows may be rejected too.
   *
   * @returns false where it is the second one, and so no use to try another
   */
  mayReplace(token: Token | undefined): boolean {
    const rejections = this.#rejectionsWithoutSuccess;
    if (token) rejections.add(token);
    return rejections.size <= 1;
  }

  /** The backend took a token. */
  forgetRejections(): void {
    this.#rejectionsWithoutSuccess.clear();
  }

  /** During a join, a failure that time does not heal ends it. Later the room goes on for as long as its server lets it. */
  tokenFailed({ error }: TokenFailure): void {
    this.problem = error;
    const { code, status } = error;
    const isFinal = code === 'token_denied' || code === 'token_mismatch';
    // 4xx, except for those that ask to come again: 408, 425 and 429.
    const isHopeless = code === 'token_malformed' || /^4(?!08|25|29)/.test(`${status}`);
    if (isHopeless) this.#hopelessAnswers++;
    if (isFinal || this.#hopelessAnswers === hopelessAttempts) this.abort(error);
  }

  /** The join ran out of time. */
  timeOut(timeoutMs: number): void {
    const { problem } = this;
    if (problem instanceof TokenError && !this.refresher?.current) return this.abort(problem);
    const why = problem?.message ?? 'Is the server reachable, and the camera prompt answered?';
    this.abort(
      new RoomSessionError(
        'connect_timeout',
        `The join did not succeed within ${timeoutMs / 1000} s. ${why}`,
        {
          cause: problem,
          vendorCode: problem?.vendorCode,
        },
      ),
    );
  }
}
