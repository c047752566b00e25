import type {
  AdapterTokenRequest,
  ConnectAttempt,
  EndReason,
  LostDetails,
  MediaWishes,
  Participant,
  RoomAdapter,
  WaitReason,
} from './adapter.ts';
import type { Clock } from './clock.ts';
import { RoomSessionError } from './errors.ts';
import type { Join } from './join.ts';
import { callSafely } from './report-error.ts';
import { Scope } from './scope.ts';
import { makeTimers, type Timer } from './timers.ts';
import type { Token } from './token/jwt.ts';

/** How long after `connected` participants may be named again by default, in ms. */
const defaultParticipantsWithinMs = 2_000;

/** How an attempt ended: another one may help, with another token where `rejected`, or the room is over. */
export type AttemptEnd =
  | { readonly type: 'lost'; readonly error: RoomSessionError }
  | { readonly type: 'rejected'; readonly error: RoomSessionError }
  | { readonly type: 'over'; readonly reason: EndReason; readonly error: RoomSessionError | undefined };

/** What an attempt needs of the loop that makes it. */
export interface AttemptHost<Vendor> {
  readonly join: Join;
  readonly adapter: RoomAdapter<Vendor>;
  readonly attemptTimeoutMs: number;
  readonly isReconnect: boolean;
  onReached(): void;
  onConnected(): void;
  onWaiting(reason: WaitReason): void;
  onReconnecting(): void;
  onRetrying(error: RoomSessionError): void;
  /** The pause before the next attempt in ms, `undefined` where none follows. */
  pauseAfter(end: AttemptEnd): number | undefined;
}

/** One attempt to be in the room, as its adapter sees it. After its end nothing has an effect. */
export class Attempt<Vendor> implements ConnectAttempt<Vendor> {
  readonly room: string;
  readonly identity: string | undefined;
  readonly token: Token | undefined;
  readonly isReconnect: boolean;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Resolves when the attempt has ended. */
  readonly end: Promise<AttemptEnd>;
  /** Resolves when everything of the attempt is freed. */
  closed: Promise<void> = Promise.resolve();
  /** The vendor's object while connected, or waiting with one. */
  vendor: Vendor | undefined;
  #phase: 'connecting' | 'waiting' | 'connected' | 'reconnecting' | 'over' = 'connecting';
  readonly #host: AttemptHost<Vendor>;
  readonly #scope: Scope<number | undefined>;
  readonly #timer: Timer;
  #resolveEnd!: (end: AttemptEnd) => void;

  constructor(host: AttemptHost<Vendor>, token: Token | undefined) {
    const { room, identity, clock, signal } = host.join;
    this.#host = host;
    this.#scope = new Scope(clock);
    this.signal = this.#scope.signal;
    this.room = room;
    this.identity = identity;
    this.token = token;
    this.clock = clock;
    this.isReconnect = host.isReconnect;
    this.#timer = makeTimers(clock, this.signal);
    this.end = new Promise((resolve) => {
      this.#resolveEnd = resolve;
    });
    signal.addEventListener('abort', () => this.#scope.abort(signal.reason), { signal: this.signal });
  }

  /** Lets the adapter begin. */
  async start(prepared: unknown): Promise<void> {
    this.setDeadline(this.#host.attemptTimeoutMs);
    try {
      await this.#host.adapter.connect(this, prepared);
    } catch (error) {
      this.failed(error);
    }
  }

  /** The join has ended, and this attempt with it. */
  close(): Promise<void> {
    if (this.#phase !== 'over') this.#close(undefined, this.#host.join.signal.reason);
    return this.closed;
  }

  get localStream(): MediaStream | undefined {
    return this.#host.join.media.stream;
  }

  get wishes(): MediaWishes {
    return this.#host.join.media.wishes;
  }

  /** Whether we are in the room by this attempt. */
  get isConnected(): boolean {
    return this.#phase === 'connected';
  }

  readonly getToken = async (request: AdapterTokenRequest = {}): Promise<Token | undefined> => {
    const { join, adapter } = this.#host;
    const { signal, rejected, vendorCode, fresh = adapter.oneTimeTokens } = request;
    this.signal.throwIfAborted();
    if (rejected && this.#phase !== 'connected' && !join.mayReplace(rejected)) {
      throw this.#refusedTwice(vendorCode);
    }
    const ownSignal = signal ? AbortSignal.any([signal, this.signal]) : this.signal;
    return join.getToken({ rejected, fresh, signal: ownSignal });
  };

  readonly onToken = (listener: (token: Token) => void): void =>
    this.#do(() => this.#host.join.onToken((token) => this.#do(() => listener(token))));

  readonly setDeadline = (limitMs: number | undefined, problem = 'did not let us in'): void => {
    const { name } = this.#host.adapter;
    if (limitMs === undefined) return this.#timer('deadline');
    this.#timer('deadline', limitMs, () =>
      this.#retry('lost', `The backend (${name}) ${problem} within ${limitMs / 1000} s.`),
    );
  };

  readonly reached = (): void => this.#do(() => this.#host.onReached());

  readonly accepted = (): void => this.#do(() => this.#host.join.forgetRejections());

  // Typed as a method, so that a session of any vendor is also a RoomSession<unknown>.
  readonly connected: ConnectAttempt<Vendor>['connected'] = (vendor) =>
    this.#do(() => {
      const { join, adapter } = this.#host;
      this.#phase = 'connected';
      this.vendor = vendor;
      this.#timer('deadline');
      join.forgetRejections();
      this.#host.onReached();
      const { participantsWithinMs = defaultParticipantsWithinMs } = adapter;
      this.#timer('participants', participantsWithinMs, this.participantsComplete);
      this.#restoreWishes(vendor);
      this.#host.onConnected();
    });

  readonly waiting: ConnectAttempt<Vendor>['waiting'] = (reason, vendor) =>
    this.#do(() => {
      this.#phase = 'waiting';
      this.vendor = vendor;
      this.#timer('deadline');
      this.#host.onReached();
      this.#host.onWaiting(reason);
    });

  readonly reconnecting = (): void =>
    this.#do(() => {
      if (this.#phase !== 'connected') return;
      this.#phase = 'reconnecting';
      this.#timer('participants');
      this.setDeadline(this.#host.attemptTimeoutMs, 'did not let us in again');
      this.#host.join.participants.lost();
      this.#host.onReconnecting();
    });

  readonly retrying = (error: Error): void =>
    this.#do(() => this.#host.onRetrying(asRoomSessionError(error, this.#host.adapter.name)));

  readonly rejected = (vendorCode?: string): void =>
    this.#do(() => {
      const { join, adapter } = this.#host;
      if (!join.mayReplace(this.token)) return this.denied(this.#refusedTwice(vendorCode));
      const word = vendorCode ? ` (${vendorCode})` : '';
      this.#retry('rejected', `The backend (${adapter.name}) rejected the token${word}.`, { vendorCode });
    });

  readonly lost = (problem: string, details: LostDetails = {}): void =>
    this.#do(() => this.#retry('lost', `${problem}.`, details));

  readonly denied = (error: Error): void =>
    this.#over('denied', asRoomSessionError(error, this.#host.adapter.name));

  readonly ended = (reason: 'removed' | 'ended', error?: Error): void =>
    this.#over(reason, error && asRoomSessionError(error, this.#host.adapter.name));

  readonly failed = (error: unknown): void =>
    this.#do(() => {
      const ours = asRoomSessionError(error, this.#host.adapter.name);
      if (ours.isDenied) this.denied(ours);
      else if (ours.code === 'connect_failed' || ours.code === 'connect_timeout') {
        this.#finish({ type: 'lost', error: ours });
      } else this.ended('ended', ours);
    });

  readonly participants = (list: readonly Participant[]): void =>
    this.#do(() => this.#host.join.participants.set(list));

  readonly participantJoined = (participant: Participant): void =>
    this.#do(() => this.#host.join.participants.join(participant));

  readonly participantLeft = (id: string): void => this.#do(() => this.#host.join.participants.leave(id));

  readonly participantsComplete = (): void => this.#do(() => this.#host.join.participants.complete());

  readonly tracks = (participantId: string, tracks: readonly MediaStreamTrack[]): void =>
    this.#do(() => this.#host.join.participants.setTracks(participantId, tracks));

  readonly muted = (device: 'microphone' | 'camera', muted: boolean): void =>
    this.#do(() => this.#host.join.media.turn(device, !muted));

  readonly onEnd = (cleanUp: (retryInMs: number | undefined) => unknown): void => this.#scope.onEnd(cleanUp);

  #do(work: () => void): void {
    if (this.#phase !== 'over' && !this.signal.aborted) work();
  }

  #restoreWishes(vendor: Vendor): void {
    const { adapter, join } = this.#host;
    const { microphone, camera } = join.media.wishes;
    if (microphone !== undefined) void callSafely(() => adapter.setMicrophone?.(vendor, microphone));
    if (camera !== undefined) void callSafely(() => adapter.setCamera?.(vendor, camera));
  }

  #refusedTwice(vendorCode: string | undefined): RoomSessionError {
    const { name, tokenAdvice = "Check the token's secret, claims and lifetime." } = this.#host.adapter;
    const word = vendorCode ? ` (${vendorCode})` : '';
    return new RoomSessionError(
      'connect_denied',
      `The backend (${name}) rejected a new token too${word}. ${tokenAdvice}`,
      { vendorCode },
    );
  }

  #retry(type: 'lost' | 'rejected', message: string, details: LostDetails = {}): void {
    this.#finish({ type, error: new RoomSessionError('connect_failed', message, details) });
  }

  #over(reason: EndReason, error: RoomSessionError | undefined): void {
    this.#do(() => this.#finish({ type: 'over', reason, error }));
  }

  #finish(end: AttemptEnd): void {
    this.#close(this.#host.pauseAfter(end), end.error);
    this.#resolveEnd(end);
  }

  #close(retryInMs: number | undefined, reason: unknown): void {
    this.#phase = 'over';
    this.vendor = undefined;
    this.closed = this.#scope.end(retryInMs, reason);
  }
}

/** What an adapter threw or handed over, as one of our errors. */
export function asRoomSessionError(error: unknown, adapterName: string): RoomSessionError {
  if (error instanceof RoomSessionError) return error;
  const { name = typeof error } = Object(error) as Partial<Error>;
  return new RoomSessionError('connect_failed', `The adapter ${adapterName} failed (${name}).`, {
    cause: error,
  });
}
