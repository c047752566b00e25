import type { AdapterReport, JoinRequest, Participant, ParticipantTrack, RoomAdapter } from './adapter.ts';
import { asRoomSessionError, checkJoin, checkOptions } from './checks.ts';
import { browserClock, type Clock } from './clock.ts';
import { Connection, finish } from './connection.ts';
import { Emitter } from './emitter.ts';
import { RoomSessionError } from './errors.ts';
import type { ConnectionState, RoomSessionEvents, StateChange } from './events.ts';
import { callSafely } from './report-error.ts';
import { Roster } from './roster.ts';
import type { JoinOptions, RoomSessionOptions } from './session-options.ts';
import { TokenRefresher } from './token/refresher.ts';

/** How long `leave()` waits for an adapter that does not come to an end. */
const disconnectLimitMs = 5_000;

/**
 * One person's stay in one room at a time, on any backend that has an adapter. It fetches the room's token, joins,
 * keeps the token valid for as long as the stay lasts, and frees everything at its end.
 *
 * @example
 * const session = new RoomSession({ adapter: antMedia({ websocketUrl }), tokenSource: tokenEndpoint('/api/room-token') });
 * session.on('trackAdded', ({ participantId, stream }) => show(participantId, stream));
 * await session.join('standup');
 */
export class RoomSession<Vendor = unknown> extends Emitter<RoomSessionEvents> {
  readonly #options: RoomSessionOptions<Vendor>;
  readonly #adapter: RoomAdapter<Vendor>;
  readonly #clock: Clock;
  #state: ConnectionState = 'disconnected';
  #reason: StateChange['reason'];
  #connection: Connection | undefined;
  #closing: Promise<void> = Promise.resolve();

  /** @throws `RoomSessionError` `invalid_argument` without an adapter. */
  constructor(options: RoomSessionOptions<Vendor>) {
    super();
    checkOptions(options);
    this.#options = options;
    this.#adapter = options.adapter;
    this.#clock = options.clock ?? browserClock;
  }

  /** Where the session stands. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** The room of the current join, `undefined` while disconnected. */
  get room(): string | undefined {
    return this.#connection?.join.room;
  }

  /** The others in the room. */
  get participants(): readonly Participant[] {
    return this.#connection?.roster.participants ?? [];
  }

  /** The tracks of the others. */
  get tracks(): readonly ParticipantTrack[] {
    return this.#connection?.roster.tracks ?? [];
  }

  /** The vendor's own object while connected: the escape hatch. Read it anew after each `reconnecting`. */
  get vendor(): Vendor | undefined {
    return this.#adapter.vendor;
  }

  /**
   * Joins `room`; resolves when in it. The token is fetched while the adapter gets ready. May be called again after
   * `leave()`, after a failure and after the room ended.
   *
   * @throws `RoomSessionError`, after which nothing is left open: `invalid_argument` for a room or identity that is not
   * a non-empty string; `invalid_state` while joined or joining; `connect_timeout` after `joinTimeoutMs`; the token's
   * own error where no token could be had; the adapter's where the backend did not let us in. Aborted by `leave()` or
   * the signal, it rejects with the abort's reason.
   */
  async join(room: string, { identity = this.#options.identity, signal }: JoinOptions = {}): Promise<void> {
    checkJoin(room, identity);
    if (this.#connection) {
      throw new RoomSessionError(
        'invalid_state',
        `The session is ${this.#state} in "${this.room}"; leave() first.`,
      );
    }
    signal?.throwIfAborted();
    const connection = this.#open({ room, identity });
    const onAbort = () => connection.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    // A listener of the first event may have aborted it.
    if (signal?.aborted) onAbort();
    try {
      await connection.untilAborted(this.#closing.then(() => this.#connect(connection)));
      // Left in the same moment: then it is the abort that counts.
      connection.signal.throwIfAborted();
      connection.joined = true;
      this.#setState('connected');
    } catch (error) {
      const failure = asRoomSessionError(error);
      if (signal?.aborted) this.#end(connection, 'left');
      else this.#end(connection, failure.code.endsWith('_denied') ? 'denied' : 'failed', failure);
      throw connection.signal.reason;
    } finally {
      connection.stopTimeout();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Leaves the room, at any moment and whatever is under way; without effect while disconnected. The state is
   * `disconnected` at once; the promise resolves when everything is freed, after 5 s at the latest. Never rejects.
   */
  leave(): Promise<void> {
    if (this.#connection) this.#end(this.#connection, 'left');
    return this.#closing;
  }

  /** Turns the own microphone on or off. @throws `invalid_state` where the adapter cannot. */
  async setMicrophone(on: boolean): Promise<void> {
    await this.#call('setMicrophone', on);
  }

  /** Turns the own camera on or off. @throws `invalid_state` where the adapter cannot. */
  async setCamera(on: boolean): Promise<void> {
    await this.#call('setCamera', on);
  }

  /** Removes a participant, where the token's claims allow it. @throws `invalid_state` where the adapter cannot. */
  async kick(participantId: string): Promise<void> {
    await this.#call('kick', participantId);
  }

  #call(name: 'setMicrophone' | 'setCamera' | 'kick', value: boolean | string): void | Promise<void> {
    const adapter = this.#adapter;
    if (adapter[name]) return adapter[name](value as never);
    throw new RoomSessionError('invalid_state', `The adapter ${adapter.name} has no ${name}.`);
  }

  #open(join: JoinRequest): Connection {
    const connection = new Connection(join, new Roster((event, payload) => this.emit(event, payload)));
    const { joinTimeoutMs = 30_000 } = this.#options;
    connection.stopTimeout = this.#clock.setTimer(() => connection.timeOut(joinTimeoutMs), joinTimeoutMs);
    connection.refresher = this.#makeRefresher(connection);
    this.#connection = connection;
    this.#setState('connecting');
    return connection;
  }

  #connect(connection: Connection): Promise<void> {
    connection.signal.throwIfAborted();
    // Side by side: the token is on its way while the adapter gets ready to ask for it.
    connection.refresher?.start();
    return this.#adapter.connect({
      ...connection.join,
      signal: connection.signal,
      clock: this.#clock,
      getToken: (request) => connection.getToken(request),
      report: (report) => this.#report(connection, report),
    });
  }

  #makeRefresher(connection: Connection): TokenRefresher | undefined {
    const { tokenSource, token: { refreshAt, timeoutMs } = {} } = this.#options;
    if (!tokenSource) return undefined;
    const { join } = connection;
    return new TokenRefresher((request) => tokenSource({ ...join, ...request }), {
      refreshAt: this.#adapter.oneTimeTokens ? false : refreshAt,
      timeoutMs,
      clock: this.#clock,
      check: (token) => this.#adapter.checkToken?.(token, join),
      onToken: ({ token, ...arrival }) => {
        callSafely(() => this.#adapter.updateToken?.(token));
        this.emit('tokenRefreshed', { expiresAt: token.expiresAt, ...arrival });
      },
      onFailure: (failure) => {
        this.emit('tokenRefreshFailed', { ...failure, final: failure.retryAt === undefined });
        connection.tokenFailed(failure);
      },
      onExpired: () => this.emit('tokenExpired', { room: join.room }),
      onClockSkew: (skew) => this.emit('clockSkew', skew),
      onWake: (wake) => this.emit('woke', wake),
    });
  }

  /** The one door for what an adapter says; a connection that is over says nothing any more. */
  #report(connection: Connection, report: AdapterReport): void {
    if (connection.isOver) return;
    switch (report.type) {
      case 'waiting':
        connection.stopTimeout();
        this.#setState('waiting', report.reason);
        break;
      case 'retrying':
        connection.trouble = report.error;
        this.emit('attemptFailed', { error: report.error });
        break;
      case 'reconnecting':
      case 'connected':
        // Until join() resolves, connecting is what it is.
        if (connection.joined) this.#setState(report.type);
        break;
      case 'disconnected': {
        const error = report.error === undefined ? undefined : asRoomSessionError(report.error);
        if (connection.joined) this.#end(connection, report.reason, error);
        else
          connection.abort(
            error ?? new RoomSessionError('connect_failed', `The room ended: ${report.reason}.`),
          );
        break;
      }
      default:
        connection.roster.take(report);
    }
  }

  /** The one way out: whoever asks first ends the connection, and nobody hears of it afterwards. */
  #end(connection: Connection, reason: NonNullable<StateChange['reason']>, error?: Error): void {
    if (connection.isOver) return;
    connection.close(error);
    this.#closing = finish(() => this.#adapter.disconnect(), disconnectLimitMs, this.#clock);
    // Still the current one while its people leave: a listener that joins again is told to wait for the end.
    connection.roster.clear();
    this.#connection = undefined;
    this.#setState('disconnected', reason, error);
  }

  #setState(state: ConnectionState, reason?: StateChange['reason'], error?: Error): void {
    const previous = this.#state;
    if (previous === state && this.#reason === reason) return;
    this.#state = state;
    this.#reason = reason;
    this.emit('stateChanged', { state, previous, reason, error });
  }
}
