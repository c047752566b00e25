import type { JoinRequest, Participant, ParticipantTrack, RoomAdapter } from './adapter.ts';
import { AdapterCalls } from './adapter-calls.ts';
import { asRoomSessionError, endedTooSoon } from './attempt-errors.ts';
import { bindMembers } from './bind-members.ts';
import { checkJoin, checkOptions } from './checks.ts';
import { browserClock, type Clock } from './clock.ts';
import { Emitter } from './emitter.ts';
import { RoomSessionError } from './errors.ts';
import type { ConnectionState, DisconnectReason, RoomSessionEvents, StateChange } from './events.ts';
import { Join } from './join.ts';
import { joinRefresher } from './join-refresher.ts';
import { LocalMedia } from './local-media.ts';
import type { JoinOptions, RoomSessionOptions } from './options.ts';
import { leaveWithPage } from './page-hide.ts';
import { Participants } from './participants.ts';
import { Reconnect } from './reconnect.ts';
import { type NewState, View } from './view.ts';

/**
 * One person's connection to one room at a time, on any backend that has an adapter. It fetches the room's token, joins,
 * keeps the token valid, reconnects, and frees everything at the end.
 *
 * @example
 * const session = new RoomSession({ adapter: antMedia({ websocketUrl }), tokenSource: tokenEndpoint('/api/room-token') });
 * session.on('trackAdded', ({ participantId, stream }) => show(participantId, stream));
 * await session.join('standup');
 */
export class RoomSession<Vendor = unknown> extends Emitter<RoomSessionEvents> {
  readonly #options: RoomSessionOptions<Vendor>;
  // Without the vendor's type, so that every session is a `RoomSession`.
  readonly #adapter: RoomAdapter;
  readonly #clock: Clock;
  readonly #media: LocalMedia;
  readonly #calls: AdapterCalls;
  readonly #view = new View();
  /** The newest state, which the view shows when it is told. */
  #state: ConnectionState = 'disconnected';
  #reason: StateChange['reason'];
  #join: Join | undefined;
  #closing: Promise<void> = Promise.resolve();

  /** @throws `RoomSessionError` `invalid_argument` without an adapter. */
  constructor(options: RoomSessionOptions<Vendor>) {
    super();
    bindMembers(this, ['emit', 'atOnce']);
    checkOptions(options);
    this.#options = options;
    this.#adapter = options.adapter;
    this.#clock = options.clock ?? browserClock;
    this.#media = new LocalMedia(options.adapter.localMedia, {
      onLost: (lost) => this.emit('deviceLost', lost),
      onRestored: (device) => this.emit('deviceRestored', { device }),
    });
    this.#calls = new AdapterCalls(this.#adapter, this.#media);
  }

  /** Where the session stands, as the events have told it so far. A listener reads what it was told, not what followed. */
  get state(): ConnectionState {
    return this.#view.state;
  }

  /** The room of the current join, `undefined` while disconnected. */
  get room(): string | undefined {
    return this.#view.room;
  }

  /** The other people in the room, as the events have told so far. The same array until it changes. */
  get participants(): readonly Participant[] {
    return this.#view.participants;
  }

  /** The tracks of the other people, as the events have told so far. The same array until it changes. */
  get tracks(): readonly ParticipantTrack[] {
    return this.#view.tracks;
  }

  /** What is published, for the self view. `undefined` while disconnected, and where nothing is. */
  get localStream(): MediaStream | undefined {
    return this.#media.stream;
  }

  /**
   * The vendor's own object while connected, for what this API does not have. Each reconnect makes another one: read it
   * anew after each `connected`.
   */
  get vendor(): Vendor | undefined {
    return this.#calls.reconnect?.attempt?.vendor as Vendor | undefined;
  }

  /**
   * Joins `room` and resolves when in it. The token is fetched while the adapter gets ready. It may be called again after
   * `leave()`, after a failure and after the room ended.
   *
   * @throws `RoomSessionError`, after which nothing is left open: `invalid_argument` for a room or identity that is not
   * a non-empty string; `invalid_state` while joined or joining; `connect_timeout` after `joinTimeoutMs`; the token's
   * own error where there is no token; the adapter's where the backend did not let us in. Where `leave()` or the signal
   * aborts it, it rejects with the abort's reason.
   */
  async join(room: string, { identity = this.#options.identity, signal }: JoinOptions = {}): Promise<void> {
    checkJoin(room, identity);
    if (this.#join) {
      throw new RoomSessionError(
        'invalid_state',
        `The session is ${this.#state} in "${this.#join.room}". Call leave() first.`,
      );
    }
    signal?.throwIfAborted();
    const join = this.#open({ room, identity });
    const onAbort = () => join.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    // A listener of the first event may have aborted it.
    if (signal?.aborted) onAbort();
    try {
      await join.untilAborted(this.#closing.then(() => this.#connect(join)));
      // Left in the same moment: then it is the abort that counts.
      join.signal.throwIfAborted();
    } catch (error) {
      const failure = asRoomSessionError(error, this.#adapter);
      if (signal?.aborted) this.#end(join, 'left');
      else this.#end(join, failure.isDenied ? 'denied' : 'failed', failure);
      throw join.signal.reason;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Leaves the room, at any moment and whatever is under way. It has no effect while disconnected. The state is
   * `disconnected` at once, or for a listener when the events before that are told; the promise resolves when everything
   * is freed, after 5 s at the latest. It never rejects.
   */
  leave(): Promise<void> {
    if (this.#join) this.#end(this.#join, 'left');
    return this.#closing;
  }

  /**
   * Asks for a new token now, also after a final denial: for a person who logged in again, or whose rights changed. The
   * room goes on meanwhile. It has no effect while disconnected, and for a session without a token source.
   */
  renew(): void {
    this.#join?.refresher?.renew();
  }

  /**
   * Turns the own microphone on or off. It may be called before joining, and holds over reconnects and for later joins.
   *
   * @throws `invalid_state` where the adapter cannot
   */
  async setMicrophone(on: boolean): Promise<void> {
    await this.#calls.turn('microphone', on);
  }

  /**
   * Turns the own camera on or off. It may be called before joining, and holds over reconnects and for later joins.
   *
   * @throws `invalid_state` where the adapter cannot
   */
  async setCamera(on: boolean): Promise<void> {
    await this.#calls.turn('camera', on);
  }

  /**
   * Removes a participant, where the token's claims allow it.
   *
   * @throws `invalid_state` where the adapter cannot, and while not connected
   */
  async kick(participantId: string): Promise<void> {
    await this.#calls.kick(participantId);
  }

  #open(request: JoinRequest): Join {
    /** Nothing of a join is told after its end. */
    const tell: typeof this.emit = (...told) => {
      if (this.#join === join) this.emit(...told);
    };
    const participants = new Participants((event, payload) =>
      tell(event, payload, () => this.#view.apply(event, payload)),
    );
    const atOnce = (work: () => void) => this.atOnce(work);
    const join = new Join({ request, participants, clock: this.#clock, media: this.#media, atOnce });
    const { joinTimeoutMs = 30_000 } = this.#options;
    join.stopTimeout = this.#clock.setTimer(() => join.timeOut(joinTimeoutMs), joinTimeoutMs);
    join.refresher = joinRefresher(join, this.#options, tell);
    this.#join = join;
    if (this.#options.leaveOnPageHide ?? true) {
      leaveWithPage({
        signal: join.signal,
        leave: () => this.#end(join, 'left'),
        // A failure is in `stateChanged`.
        rejoin: () => void this.join(request.room, { identity: request.identity }).catch(() => {}),
      });
    }
    this.#setState({ state: 'connecting' });
    return join;
  }

  /** Resolves when in the room for the first time; what happens later is told by events. */
  #connect(join: Join): Promise<void> {
    join.signal.throwIfAborted();
    // Side by side: the token is on its way while the adapter gets ready.
    join.refresher?.start();
    const { attemptTimeoutMs = 15_000, reconnectLimitMs = 300_000 } = this.#options;
    return new Promise((resolve, reject) => {
      const limits = { attemptTimeoutMs, reconnectLimitMs };
      const reconnect = new Reconnect(join, this.#adapter, limits, {
        onConnected: () => {
          join.stopTimeout();
          join.phase = 'joined';
          this.#setState({ state: 'connected' });
          resolve();
        },
        onWaiting: (reason) => {
          join.stopTimeout();
          this.#setState({ state: 'waiting', reason });
        },
        onReconnecting: () => this.#setState({ state: 'reconnecting' }),
        onAttemptFailed: (error) => this.emit('attemptFailed', { error }),
      });
      this.#calls.reconnect = reconnect;
      reconnect.run().then((end) => {
        if (join.phase === 'joined') this.#end(join, end.reason, end.error);
        else reject(end.error ?? endedTooSoon(end.reason));
      });
    });
  }

  /** The one way out: the first caller ends the join, and nothing is told of it afterwards. */
  #end(join: Join, reason: DisconnectReason, error?: RoomSessionError): void {
    if (join.phase === 'over') return;
    this.#closing = join.close(error);
    this.#calls.reconnect = undefined;
    // Still the current join while its participants leave: a listener that joins again is told to wait for the end.
    join.participants.clear();
    this.#join = undefined;
    this.#setState({ state: 'disconnected', reason, error });
  }

  #setState(change: NewState): void {
    const previous = this.#state;
    const { state, reason } = change;
    if (previous === state && this.#reason === reason) return;
    this.#state = state;
    this.#reason = reason;
    const room = this.#join?.room;
    this.emit('stateChanged', { ...change, previous }, () => Object.assign(this.#view, { state, room }));
  }
}
