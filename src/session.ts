import type { Metadata, Participant, ParticipantTrack, RoomAdapter } from './adapter.ts';
import { bindMembers } from './bind-members.ts';
import type { Capability } from './capabilities.ts';
import { checkMetadata } from './checks.ts';
import { browserClock } from './clock.ts';
import { Emitter } from './emitter.ts';
import { RoomSessionError } from './errors.ts';
import type { ConnectionState, RoomSessionEvents } from './events.ts';
import type { JoinOptions, RoomSessionOptions } from './options.ts';
import type { Device, DeviceKind, OwnDevice } from './own-devices.ts';
import { recordedSession } from './recorded-session.ts';
import type { Recorder } from './recorder.ts';
import type { Report } from './report/types.ts';
import { SessionCore } from './session-core.ts';
import type { SessionId } from './session-id.ts';
import { own } from './untrusted.ts';

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
  readonly #core: SessionCore;
  readonly #report: ReturnType<Recorder> | undefined;

  /** @throws `RoomSessionError` `invalid_argument` without an adapter. */
  constructor(options: RoomSessionOptions<Vendor>) {
    super();
    bindMembers(this, ['emit', 'atOnce']);
    const core = new SessionCore(options, {
      emit: (...told) => this.emit(...told),
      atOnce: (work) => this.atOnce(work),
    });
    this.#core = core;
    const { adapter, clock = browserClock, report } = own(options);
    const given = { on: this.on, clock, adapter: adapter as RoomAdapter, options: Object.keys(options) };
    this.#report = report?.(recordedSession(core, given, (silent) => this.emit('mediaSilent', silent)));
  }

  /** A random name of this session, the same in its log and its report, and in what its token source is asked. */
  get id(): SessionId {
    return this.#core.id;
  }

  /** Where the session stands, as the events have told it so far. A listener reads what it was told, not what followed. */
  get state(): ConnectionState {
    return this.#core.view.state;
  }

  /** The room of the current join, `undefined` while disconnected. */
  get room(): string | undefined {
    return this.#core.view.room;
  }

  /** The other people in the room, as the events have told so far. The same array until it changes. */
  get participants(): readonly Participant[] {
    return this.#core.view.participants;
  }

  /** Ourselves, as the others see us. `undefined` until connected, and after the end. */
  get localParticipant(): Participant | undefined {
    return this.#core.view.localParticipant;
  }

  /** The tracks of the other people, as the events have told so far. The same array until it changes. */
  get tracks(): readonly ParticipantTrack[] {
    return this.#core.view.tracks;
  }

  /** What is published, for the self view. `undefined` while disconnected, and where nothing is. */
  get localStream(): MediaStream | undefined {
    return this.#core.media.stream;
  }

  /** The own microphone: what was asked for, and what is sent. The same object until it changes. */
  get microphone(): OwnDevice {
    return this.#core.media.show('microphone');
  }

  /** The own camera: what was asked for, and what is sent. The same object until it changes. */
  get camera(): OwnDevice {
    return this.#core.media.show('camera');
  }

  /**
   * The devices that `setDevice` takes. It is brought up to date during a join, and when it is read before one; see the event
   * `devicesChanged`. The same array until it changes.
   */
  get devices(): readonly Device[] {
    const { devices, current } = this.#core;
    if (!current) void devices.refresh();
    return devices.list;
  }

  /**
   * The vendor's own object while connected, for what this API does not have. Each reconnect makes another one: read it
   * anew after each `connected`.
   */
  get vendor(): Vendor | undefined {
    return this.#core.calls.reconnect?.attempt?.vendor as Vendor | undefined;
  }

  /**
   * Gets ready for a join of this room: the token, the vendor's library, camera and microphone, which `localStream` shows. Call
   * it ahead of the click. The next `join` of that room with the same options uses what it has; any other join, and `leave()`,
   * free it.
   *
   * @throws as `join`, after which nothing is left open
   *
   * @example
   * await session.prepare('standup');
   * button.onclick = () => session.join('standup');
   */
  async prepare(room: string, options?: JoinOptions): Promise<void> {
    await this.#core.prepare(room, options);
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
  async join(room: string, options?: JoinOptions): Promise<void> {
    await this.#core.join(room, options);
  }

  /**
   * Leaves the room, at any moment and whatever is under way. It has no effect while disconnected. The state is
   * `disconnected` at once, or for a listener when the events before that are told; the promise resolves when everything
   * is freed, after 5 s at the latest. It never rejects.
   */
  leave(): Promise<void> {
    return this.#core.leave();
  }

  /**
   * Asks for a new token now, also after a final denial: for a person who logged in again, or whose rights changed. The
   * room goes on meanwhile. It has no effect while disconnected, and for a session without a token source.
   */
  renew(): void {
    this.#core.current?.refresher?.renew();
  }

  /**
   * Turns the own microphone on or off. It may be called before joining, and holds over reconnects and for later joins.
   *
   * @throws `invalid_state` where the adapter cannot
   */
  async setMicrophone(on: boolean): Promise<void> {
    await this.#core.calls.turn('microphone', on);
  }

  /**
   * Turns the own camera on or off. It may be called before joining, and holds over reconnects and for later joins.
   *
   * @throws `invalid_state` where the adapter cannot
   */
  async setCamera(on: boolean): Promise<void> {
    await this.#core.calls.turn('camera', on);
  }

  /**
   * Uses another microphone or camera from now on, also after reconnects and for later joins. A muted microphone stays muted.
   * Where the vendor has the devices (Jitsi), also another speaker, and only while connected.
   *
   * @throws `connect_failed` where it cannot be opened, and the one before goes on; `invalid_state` where the adapter cannot
   */
  async setDevice(kind: DeviceKind, deviceId: string): Promise<void> {
    await this.#core.calls.setDevice(kind, deviceId);
  }

  /**
   * Shares the screen, or ends that. It takes the place of the camera; in Jitsi's page it comes beside it. The others see
   * `participant.screen`, and `source` of the track. The browser's own "stop sharing" ends it too: see `localParticipant.screen`.
   *
   * @throws `connect_failed` where the person or the browser refuses; `browser_unsupported` where the browser cannot;
   * `invalid_state` where no camera is published, and where the adapter cannot
   */
  async shareScreen(on: boolean): Promise<void> {
    await this.#core.calls.shareScreen(on);
  }

  /**
   * Sends a message to all others, or to one of them. They get it as the event `message`. During a reconnect it waits for
   * the connection, `messageWaitMs` at most.
   *
   * @param data - a text, or what JSON carries
   * @throws `invalid_argument` for something else, or a message that is too long; `invalid_state` while not connected, and
   * where the backend has no messages
   *
   * @example
   * await session.send({ chat: 'Hello!' });
   */
  async send(data: unknown, { to }: { readonly to?: string | undefined } = {}): Promise<void> {
    await this.#core.calls.send(data, to);
  }

  /** Whether the backend can do this. Where it cannot, the method is an `invalid_state` that names both. */
  can(capability: Capability): boolean {
    return this.#core.calls.can(capability);
  }

  /**
   * Says something of ourselves to the others, who get it as `participant.metadata`. It replaces what was said before, may
   * be called before joining, and lasts over reconnects and for later joins.
   *
   * @throws `invalid_argument` for something that is not an object, or that JSON cannot carry; `invalid_state` where the
   * adapter cannot
   *
   * @example
   * session.setMetadata({ raisedHand: true });
   */
  setMetadata(metadata: Metadata): void {
    checkMetadata(metadata);
    this.#core.calls.setMetadata(metadata);
    this.#core.updateMe();
  }

  /**
   * Removes a participant, where the token's claims allow it.
   *
   * @throws `invalid_state` where the adapter cannot, and while not connected
   */
  async kick(participantId: string): Promise<void> {
    await this.#core.calls.kick(participantId);
  }

  /**
   * What this session knows of itself, for the people who help: states, token times, tracks, packets. JSON of less than
   * 20 kB, without a token. It stays over `leave()`.
   *
   * @throws `invalid_state` for a session without the option `report`
   */
  async getReport(): Promise<Report> {
    if (this.#report) return this.#report();
    throw new RoomSessionError(
      'invalid_state',
      'There is no report. Give RoomSession the option report: recordReport() of room-session/report.',
    );
  }
}
