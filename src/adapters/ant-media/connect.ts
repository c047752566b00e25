import type { AdapterTokenRequest, ConnectAttempt } from '../../adapter.ts';
import { makeTimers, type Timer } from '../../timers.ts';
import type { Token } from '../../token/jwt.ts';
import { type Command, Commands, sendPlay, sendPublish } from './commands.ts';
import { checkIce, expectPong } from './connection-health.ts';
import { Credentials, codeOf } from './credentials.ts';
import { type ErrorKind, kindOfError, noRooms, reported, tokenDenied } from './errors.ts';
import { openVendor, vendorOptions } from './open-vendor.ts';
import type { AntMediaOptions } from './options.ts';
import { watchOwnMedia } from './own-media.ts';
import type { Prepared } from './prepared.ts';
import { Room } from './room.ts';
import type { VendorDetail, WebRTCAdaptor } from './vendor.ts';

/** What to do at one of the vendor's events, by its name. */
type Events = ReadonlyMap<string, (detail: VendorDetail, info: string) => unknown>;
/** What to do at an error; `command` is the one that it answers, where it answers one. */
type OnError = (definition: string, command: Command | undefined, detail: VendorDetail) => unknown;

/** How often an empty room is asked for again. */
const playAgainMs = 3_000;
/** The first time sooner: the answer may have crossed with our own stream's start. */
const playAgainFirstMs = 500;
/** Our own stream makes the room exist. So many answers after it that there is nothing to play mean that there never is. */
const emptyAnswerLimit = 3;
/** The pause, half of it random, where the server frees our earlier stream or still starts. */
const soonMs = 2_000;
/** How long `play` may go unanswered when we are in the room. Until then the attempt's own deadline applies. */
const answerLimitMs = 15_000;

/** One attempt to be in the room, on one vendor object and one socket. */
export class RoomConnection<V extends WebRTCAdaptor> {
  readonly #attempt: ConnectAttempt<V>;
  readonly #prepared: Prepared<V>;
  readonly #options: AntMediaOptions<V>;
  readonly #credentials: Credentials;
  readonly #commands: Commands;
  readonly #publish: Command;
  readonly #play: Command;
  readonly #room: Room;
  readonly #timer: Timer;
  #vendor!: V;
  #phase: 'joining' | 'joined' = 'joining';
  #playAgainInMs = playAgainFirstMs;
  /** How often there was nothing to play since our own stream started. */
  #emptyAnswers = 0;

  constructor(attempt: ConnectAttempt<V>, prepared: Prepared<V>, options: AntMediaOptions<V>) {
    this.#attempt = attempt;
    this.#prepared = prepared;
    this.#options = options;
    this.#credentials = new Credentials(attempt);
    this.#commands = new Commands(prepared.me, attempt.room);
    this.#publish = this.#commands.publish;
    this.#play = this.#commands.play;
    this.#timer = makeTimers(attempt.clock, attempt.signal);
    this.#room = new Room(attempt, prepared.me, this.#timer, (command, more) => {
      const text = JSON.stringify({ command, streamId: attempt.room, ...more });
      this.#vendor.webSocketAdaptor?.send(text);
    });
  }

  /** Makes the vendor's object and opens its socket. */
  open(): void {
    const attempt = this.#attempt;
    const prepared = this.#prepared;
    let vendor: V;
    try {
      const options = vendorOptions(attempt, this.#options);
      const streamIds = [prepared.me, attempt.room];
      vendor = openVendor(attempt, prepared.Vendor, options, streamIds, this.#onInfo, this.#onError);
    } catch (error) {
      // Another attempt with the same class and address fails in the same way.
      return attempt.ended('ended', (error ?? new TypeError('The constructor threw nothing.')) as Error);
    }
    this.#vendor = vendor;
    watchOwnMedia(vendor, attempt);
    if (prepared.iceServers) vendor.peerconnection_config.iceServers = prepared.iceServers;
    attempt.onEnd(() => {
      prepared.iceServers = vendor.peerconnection_config.iceServers;
      this.#publish.token = this.#play.token = undefined;
    });
    // The vendor sends its stored copy only when the app makes it. It must not be an old one.
    attempt.onToken(({ value }) => {
      vendor.publishToken = vendor.playToken = value;
    });
  }

  /** Events about the connection to the server, whatever the stream. */
  readonly #connectionEvents: Events = events({
    initialized: () => this.#begin(),
    pong: () => expectPong(this.#attempt, this.#timer),
    closed: (_detail, info) => this.#lost(info),
    server_will_stop: (_detail, info) => this.#lost(info),
    ice_connection_state_changed: (detail) => checkIce(this.#attempt, this.#timer, detail),
  });

  /** Events about our own stream. After a reconnect the server may go on with its earlier session. */
  readonly #publishEvents: Events = events({
    publish_started: () => this.#published(),
    session_restored: () => this.#published(),
    publish_finished: (_detail, info) => this.#phase === 'joined' && this.#lost(info),
  });

  /** Events about the room. */
  readonly #playEvents: Events = events({
    play_started: () => {
      this.#prepared.hasPlayed = true;
      this.#accepted(this.#play);
      this.#room.started();
    },
    play_finished: () => this.#playFinished(),
    data_received: ({ data }) => this.#room.takeText(data),
    newTrackAvailable: (detail) => detail.trackId && this.#room.addTrack(detail),
    broadcastObject: (detail) => this.#room.takeList(detail),
    subtrackList: (detail) => this.#room.takeNames(detail),
    subtrackAdded: ({ trackId }) => {
      if (trackId) this.#room.join(trackId);
      this.#playIn(0);
    },
    subtrackRemoved: ({ trackId }) => trackId && this.#room.leave(trackId),
  });

  readonly #errors: Readonly<Record<ErrorKind, OnError>> = {
    rejected: (definition, command) => command && this.#rejected(definition, command),
    denied: (definition) => this.#attempt.denied(reported(definition, 'connect_denied')),
    final: (definition) => this.#attempt.ended('ended', reported(definition)),
    lost: (definition) => this.#lost(definition),
    transient: (definition) => this.#lost(definition),
    soon: (definition) => this.#lost(definition, soonMs),
    empty: (definition, command, detail) => command === this.#play && this.#nothingToPlay(definition, detail),
    information: () => {},
  };

  readonly #onInfo = (info: string, detail: VendorDetail): void => {
    const command = this.#commands.about(detail.streamId);
    const about = command === this.#publish ? this.#publishEvents : command && this.#playEvents;
    (this.#connectionEvents.get(info) ?? about?.get(info))?.(detail, info);
  };

  readonly #onError = (definition: string, detail: VendorDetail): void => {
    const kind = kindOfError(definition);
    const command = this.#commands.answeredBy(definition, detail.streamId);
    const isOurs = !detail.streamId || this.#commands.about(detail.streamId);
    // Before anything was asked it is about opening the connection.
    const isOpening = this.#phase === 'joining' && this.#commands.areIdle;
    if (!command && !(isOurs && (isOpening || kind === 'lost'))) return;
    this.#errors[kind](definition, command, detail);
  };

  /** The socket is open. */
  #begin(): void {
    const { localStream, token, reached } = this.#attempt;
    const { oneTimeTokens } = this.#options;
    reached();
    const firstToken = oneTimeTokens ? token : undefined;
    if (localStream) this.#ask(this.#publish, undefined, firstToken);
    // A one-time token that plays too early is used up: our own stream makes the room exist first.
    if (!localStream || !oneTimeTokens) this.#ask(this.#play, undefined, firstToken);
  }

  /** Sends a command with `token`, or else with one that is valid now. */
  async #ask(command: Command, request?: AdapterTokenRequest, token?: Token | undefined): Promise<void> {
    const { signal, failed } = this.#attempt;
    this.#enter(command, 'asking');
    try {
      command.token = token ?? (await this.#credentials.get(request));
      if (signal.aborted) return;
      this.#enter(command, 'asked');
      if (command === this.#play) sendPlay(this.#vendor, command, this.#options);
      else sendPublish(this.#vendor, command, this.#attempt, this.#options);
    } catch (error) {
      failed(error);
    }
  }

  #accepted(command: Command): void {
    this.#prepared.rejectedIds.delete(command.streamId);
    if (this.#phase === 'joining' && (command === this.#publish || !this.#attempt.localStream)) {
      this.#phase = 'joined';
      this.#attempt.connected(this.#vendor, this.#prepared.me);
      this.#attempt.connections(() => Object.values(this.#vendor.remotePeerConnection));
    }
    this.#enter(command, 'accepted');
  }

  #enter(command: Command, phase: Command['phase']): void {
    command.phase = phase;
    if (this.#phase === 'joining') return;
    const limitMs = this.#play.phase === 'asked' ? answerLimitMs : undefined;
    this.#attempt.setDeadline(limitMs, 'did not answer "play"');
  }

  /** Asks again with another token; a second rejection in a row is final. */
  #rejected(vendorCode: string, command: Command): void {
    const { rejectedIds } = this.#prepared;
    if (rejectedIds.has(command.streamId)) {
      return this.#attempt.denied(tokenDenied(vendorCode, codeOf(command.token) !== undefined));
    }
    const { streamId, token: rejected } = command;
    if (!rejected) return this.#attempt.rejected(vendorCode);
    rejectedIds.add(streamId);
    this.#vendor.stop(streamId);
    this.#ask(command, { rejected, vendorCode });
  }

  #published(): void {
    this.#accepted(this.#publish);
    this.#playIn(0);
  }

  #playFinished(): void {
    if (this.#play.phase !== 'accepted') return;
    this.#room.clear();
    this.#roomEmpty();
  }

  /** The third such answer after our own stream started is told: there may never be anything. */
  #nothingToPlay(vendorCode: string, { information = 'no reason' }: VendorDetail): void {
    const isKnown = this.#prepared.hasPlayed || this.#publish.phase !== 'accepted';
    if (!isKnown && ++this.#emptyAnswers === emptyAnswerLimit) {
      this.#attempt.retrying(noRooms(vendorCode, information));
    }
    this.#roomEmpty();
  }

  /** Nothing to play yet. We are in the room all the same, and ask again until there is something. */
  #roomEmpty(): void {
    this.#vendor.stop(this.#attempt.room);
    // The connection that we stopped must not count as lost.
    this.#timer(`ice ${this.#attempt.room}`);
    this.#accepted(this.#play);
    this.#attempt.participantsComplete();
    this.#play.phase = 'idle';
    this.#playIn(this.#playAgainInMs);
    this.#playAgainInMs = playAgainMs;
  }

  #playIn(delayMs: number): void {
    this.#timer('play again', delayMs, () => this.#play.phase === 'idle' && this.#ask(this.#play));
  }

  #lost(vendorCode: string, pauseMs?: number): void {
    this.#attempt.lost(`Ant Media reported ${vendorCode}`, { vendorCode, pauseMs });
  }
}

const events = (byName: Readonly<Record<string, (detail: VendorDetail, info: string) => unknown>>): Events =>
  new Map(Object.entries(byName));
