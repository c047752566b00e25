import type { JoinRequest, RoomAdapter } from './adapter.ts';
import { AdapterCalls } from './adapter-calls.ts';
import { alreadyJoined, asRoomSessionError, endedTooSoon } from './attempt-errors.ts';
import { checkJoin, checkOptions } from './checks.ts';
import { browserClock, type Clock } from './clock.ts';
import { DeviceList } from './device-list.ts';
import type { RoomSessionError } from './errors.ts';
import type { ConnectionState, DisconnectReason, StateChange } from './events.ts';
import { Join } from './join.ts';
import { joinRefresher } from './join-refresher.ts';
import { LocalMedia } from './local-media.ts';
import { LocalParticipant } from './local-participant.ts';
import type { JoinOptions, RoomSessionOptions } from './options.ts';
import { leaveWithPage } from './page-hide.ts';
import { type ParticipantEmit, Participants } from './participants.ts';
import { getReady, Reconnect } from './reconnect.ts';
import { makeSessionId, type SessionId } from './session-id.ts';
import { own } from './untrusted.ts';
import { type Listeners, type NewState, View } from './view.ts';

/** What is behind a `RoomSession`: its state, and the one join that it has at a time. */
export class SessionCore {
  readonly media: LocalMedia;
  readonly me: LocalParticipant;
  readonly calls: AdapterCalls;
  readonly devices: DeviceList;
  readonly view: View = new View();
  readonly id: SessionId = makeSessionId();
  current: Join | undefined;
  #prepared: Join | undefined;
  readonly #options: RoomSessionOptions;
  // Without the vendor's type, so that every session is a `RoomSession`.
  readonly #adapter: RoomAdapter;
  readonly #clock: Clock;
  readonly #listeners: Listeners;
  /** The newest state, which the view shows when it is told. */
  #state: ConnectionState = 'disconnected';
  #reason: StateChange['reason'];
  /** The tracks that we published last, by their ids. */
  #published: string | undefined;
  #closing: Promise<void> = Promise.resolve();

  constructor(options: RoomSessionOptions, listeners: Listeners) {
    const { emit } = listeners;
    this.#options = own(options);
    const { adapter, clock = browserClock } = this.#options;
    checkOptions(this.#options);
    this.#adapter = adapter;
    this.#clock = clock;
    this.#listeners = listeners;
    this.media = new LocalMedia(adapter.localMedia, {
      onLost: (lost) => emit('deviceLost', lost),
      onRestored: (device) => emit('deviceRestored', { device }),
      onChange: () => this.#onMedia(),
    });
    this.devices = new DeviceList((devices) => emit('devicesChanged', { devices }));
    const event = 'localParticipantUpdated';
    this.me = new LocalParticipant(this.media, this.view, (participant) =>
      emit(event, participant, () => this.view.apply(event, participant)),
    );
    this.calls = new AdapterCalls(this.#options, this.media, this.me);
  }

  /** What we publish may be new: the self view and the others hear of it. */
  #onMedia(): void {
    const { stream } = this.media;
    const ids = stream?.getTracks().map(({ id }) => id);
    const what = ids?.join();
    const isNew = what !== this.#published;
    this.#published = what;
    if (isNew && (this.current ?? this.#prepared)) this.#listeners.emit('localStreamChanged', { stream });
    this.updateMe();
  }

  /** Something of ourselves may be new: the others hear of it. */
  updateMe(): void {
    if (this.me.update()) this.calls.announce();
  }

  async join(room: string, options: JoinOptions = {}): Promise<void> {
    const request = this.#requestOf(room, options);
    const { signal } = own(options);
    if (this.current) throw alreadyJoined(this.#state, this.current);
    signal?.throwIfAborted();
    const prepared = this.#prepared;
    if (prepared && !prepared.isFor(request)) this.#free();
    const join = this.#open(request, this.#prepared ?? this.#make(request));
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

  leave(): Promise<void> {
    if (this.current) this.#end(this.current, 'left');
    this.#free();
    return this.#closing;
  }

  /** Gets ready for a join of this room. What it opens is used by that join, and freed by any other. */
  async prepare(room: string, options: JoinOptions = {}): Promise<void> {
    const request = this.#requestOf(room, options);
    if (this.current) throw alreadyJoined(this.#state, this.current);
    if (!this.#prepared?.isFor(request)) {
      this.#free();
      const made = this.#make(request);
      this.#prepared = made;
      made.preparing = this.#closing.then(() => {
        made.signal.throwIfAborted();
        made.refresher?.start();
        return getReady(this.#adapter, made);
      });
    }
    const join = this.#prepared;
    const onAbort = () => this.#prepared === join && this.#free();
    own(options).signal?.addEventListener('abort', onAbort, { signal: join.signal });
    try {
      await join.untilAborted(Promise.all([join.preparing, join.getToken()]));
    } catch (error) {
      onAbort();
      throw asRoomSessionError(error, this.#adapter);
    }
  }

  /** Frees what was prepared for a join that does not come. */
  #free(): void {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (prepared) this.#close(prepared);
  }

  /** The end of the joins before it counts, too. */
  #close(join: Join, error?: RoomSessionError): void {
    this.#closing = Promise.all([this.#closing, join.close(error)]).then(() => {});
  }

  #requestOf(room: string, options: JoinOptions): JoinRequest {
    const { identity = this.#options.identity, name = this.#options.name } = own(options);
    checkJoin(room, identity);
    // One room for those who type the same name on different systems.
    return { room: room.normalize(), identity: identity?.normalize(), name };
  }

  /** A join that nothing is told of yet. */
  #make(request: JoinRequest): Join {
    const { emit, atOnce } = this.#listeners;
    const { me, media, view } = this;
    /** Nothing of a join is told before its start, nor after its end. */
    const tell: typeof emit = (...told) => {
      if (this.current === join) emit(...told);
    };
    const tellOthers: ParticipantEmit = (event, payload) =>
      tell(event, payload, () => view.apply(event, payload));
    const participants = new Participants(tellOthers, view, me);
    const join = new Join({ request, participants, clock: this.#clock, media, me, atOnce });
    join.onMessage = (message) => tell('message', message);
    join.onDevices = (list) => this.devices.set(list);
    if (this.#adapter.localMedia) this.devices.watch(join.signal);
    join.refresher = joinRefresher(join, this.#options, this.id, tell);
    return join;
  }

  #open(request: JoinRequest, join: Join): Join {
    this.#prepared = undefined;
    this.me.start(request);
    const { joinTimeoutMs = 30_000 } = this.#options;
    join.stopTimeout = this.#clock.setTimer(() => join.timeOut(joinTimeoutMs), joinTimeoutMs);
    this.current = join;
    if (this.#options.leaveOnPageHide ?? true) {
      leaveWithPage({
        signal: join.signal,
        leave: () => this.#end(join, 'left'),
        // A failure is in `stateChanged`.
        rejoin: () => void this.join(request.room, request).catch(() => {}),
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
        onAttemptFailed: (error, id) =>
          this.#listeners.emit('attemptFailed', { error }, () => id && this.view.failures.set(id, error)),
      });
      this.calls.reconnect = reconnect;
      reconnect.run().then((end) => {
        if (join.phase === 'joined') this.#end(join, end.reason, end.error);
        else reject(end.error ?? endedTooSoon(end.reason));
      });
    });
  }

  /** The one way out: the first caller ends the join, and nothing is told of it afterwards. */
  #end(join: Join, reason: DisconnectReason, error?: RoomSessionError): void {
    if (join.phase === 'over') return;
    this.#close(join, error);
    this.#published = undefined;
    this.calls.reconnect = undefined;
    // Still the current join while its participants leave: a listener that joins again is told to wait for the end.
    join.participants.clear();
    this.me.start(undefined);
    this.current = undefined;
    this.#setState({ state: 'disconnected', reason, error });
  }

  #setState(change: NewState): void {
    const previous = this.#state;
    const { state, reason } = change;
    if (previous === state && this.#reason === reason) return;
    this.#state = state;
    this.#reason = reason;
    const room = this.current?.room;
    this.#listeners.emit('stateChanged', { ...change, previous }, () => {
      Object.assign(this.view, { state, room });
      if (!room) this.view.localParticipant = undefined;
    });
  }
}
