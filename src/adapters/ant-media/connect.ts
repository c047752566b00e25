import type { AdapterTokenRequest, ConnectAttempt } from '../../adapter.ts';
import { makeTimers, type Timer } from '../../timers.ts';
import type { Token } from '../../token/jwt.ts';
import { failure } from '../failure.ts';
import { checkIce, expectPong } from './connection-health.ts';
import { type ErrorKind, kindOfError } from './errors.ts';
import { openVendor, vendorOptions } from './open-vendor.ts';
import type { AntMediaOptions } from './options.ts';
import { RoomTracks, readAssignments } from './room-tracks.ts';
import type { VendorDetail, WebRTCAdaptor, WebRTCAdaptorClass } from './vendor.ts';

/** What the attempts of one join share. */
export interface Prepared<V extends WebRTCAdaptor> {
  readonly Vendor: WebRTCAdaptorClass<V>;
  /** Our stream id. */
  readonly me: string;
  /** The stream ids whose newest answer was that the token is rejected. */
  readonly rejectedIds: Set<string>;
  /** ICE servers that the media server named. */
  iceServers: RTCIceServer[] | undefined;
}

/** One of the two commands that ask to be let in: `publish` for our own stream, `play` for the room. */
interface Command {
  readonly streamId: string;
  /** `asking` for its token, then `asked`: sent and not answered yet. */
  phase: 'idle' | 'asking' | 'asked' | 'accepted';
  /** The newest token that it was sent with. */
  token: Token | undefined;
}

/** What to do at one of the vendor's events, by its name. */
type Events = ReadonlyMap<string, (detail: VendorDetail, info: string) => unknown>;
/** What to do at an error; `command` is the one that the error is about. */
type OnError = (definition: string, command: Command | undefined) => unknown;

/** How often an empty room is asked for again. The vendor's own client does it every 3.5 s. */
const playAgainMs = 3_000;
/** The first time sooner: the answer may have crossed with our own stream's start, which makes the room exist. */
const playAgainFirstMs = 500;
/** How long `play` may go unanswered when we are in the room. Until then the attempt's own deadline applies. */
const answerLimitMs = 15_000;

/** One attempt to be in the room, on one vendor object and one socket. */
export class RoomConnection<V extends WebRTCAdaptor> {
  readonly #attempt: ConnectAttempt<V>;
  readonly #prepared: Prepared<V>;
  readonly #options: AntMediaOptions<V>;
  readonly #publish: Command;
  readonly #play: Command;
  readonly #tracks: RoomTracks;
  readonly #timer: Timer;
  #vendor!: V;
  #phase: 'joining' | 'joined' = 'joining';
  #playAgainInMs = playAgainFirstMs;

  constructor(attempt: ConnectAttempt<V>, prepared: Prepared<V>, options: AntMediaOptions<V>) {
    this.#attempt = attempt;
    this.#prepared = prepared;
    this.#options = options;
    this.#publish = { streamId: prepared.me, phase: 'idle', token: undefined };
    this.#play = { streamId: attempt.room, phase: 'idle', token: undefined };
    this.#tracks = new RoomTracks(attempt, prepared.me);
    this.#timer = makeTimers(attempt.clock, attempt.signal);
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
      return attempt.ended('ended', (error ?? failure('WebRTCAdaptor could not be made.')) as Error);
    }
    this.#vendor = vendor;
    if (prepared.iceServers) vendor.peerconnection_config.iceServers = prepared.iceServers;
    attempt.onEnd(() => {
      prepared.iceServers = vendor.peerconnection_config.iceServers;
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
      this.#tracks.complete();
      this.#accepted(this.#play);
    },
    play_finished: () => this.#playFinished(),
    data_received: ({ data }) => this.#tracks.assign(readAssignments(data)),
    newTrackAvailable: (detail) => detail.trackId && this.#tracks.add(detail),
    subtrackAdded: ({ trackId }) => {
      if (trackId) this.#tracks.join(trackId);
      this.#playIn(0);
    },
    subtrackRemoved: ({ trackId }) => trackId && this.#tracks.leave(trackId),
  });

  readonly #errors: Readonly<Record<ErrorKind, OnError>> = {
    rejected: (definition, command) => this.#rejected(definition, command),
    denied: (definition) => this.#attempt.denied(failure(reported(definition), definition, 'connect_denied')),
    final: (definition) => this.#attempt.ended('ended', failure(reported(definition), definition)),
    lost: (definition) => this.#lost(definition),
    transient: (definition, command) => {
      if (command ? command.phase === 'asked' : this.#phase === 'joining') this.#lost(definition);
    },
    empty: (_definition, command) => command === this.#play && command.phase === 'asked' && this.#roomEmpty(),
    information: () => {},
  };

  readonly #onInfo = (info: string, detail: VendorDetail): void => {
    const command = this.#commandAbout(detail.streamId);
    const about = command === this.#publish ? this.#publishEvents : command && this.#playEvents;
    const event = this.#connectionEvents.get(info) ?? about?.get(info);
    event?.(detail, info);
  };

  readonly #onError = (definition: string, { streamId }: VendorDetail): void => {
    const command = this.#commandAbout(streamId);
    // It answers what the app did by itself with the vendor's object.
    if (streamId && !command && this.#phase === 'joined') return;
    this.#errors[kindOfError(definition)](definition, command);
  };

  #commandAbout(streamId: string): Command | undefined {
    return [this.#publish, this.#play].find((command) => command.streamId === streamId);
  }

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
    const { room, signal, getToken, failed } = this.#attempt;
    const { streamName, metaData, role } = this.#options;
    const none = undefined;
    this.#enter(command, 'asking');
    try {
      command.token = token ?? (await getToken(request));
      if (signal.aborted) return;
      this.#enter(command, 'asked');
      const value = command.token?.value;
      if (command === this.#play) this.#vendor.play(room, value, none, none, none, none, none, role);
      else this.#vendor.publish(command.streamId, value, none, none, streamName, room, metaData, role);
    } catch (error) {
      failed(error);
    }
  }

  #accepted(command: Command): void {
    this.#prepared.rejectedIds.delete(command.streamId);
    if (this.#phase === 'joining' && (command === this.#publish || !this.#attempt.localStream)) {
      this.#phase = 'joined';
      this.#attempt.connected(this.#vendor);
    }
    this.#enter(command, 'accepted');
  }

  #enter(command: Command, phase: Command['phase']): void {
    command.phase = phase;
    if (this.#phase === 'joining') return;
    const isUnanswered = this.#play.phase === 'asked';
    this.#attempt.setDeadline(isUnanswered ? answerLimitMs : undefined, 'did not answer "play"');
  }

  /** Asks again with another token; a second rejection in a row is final. */
  #rejected(vendorCode: string, command: Command | undefined): void {
    const { rejectedIds } = this.#prepared;
    if (command?.phase !== 'asked' || rejectedIds.has(command.streamId)) {
      const advice = "Check the token's secret, claims and lifetime.";
      const message = `The media server does not accept the token (${vendorCode}). ${advice}`;
      return this.#attempt.denied(failure(message, vendorCode, 'connect_denied'));
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
    this.#tracks.clear();
    this.#roomEmpty();
  }

  /** Nothing to play yet. We are in the room all the same, and ask again until there is something. */
  #roomEmpty(): void {
    const { room } = this.#attempt;
    this.#vendor.stop(room);
    // The connection that we stopped must not count as lost.
    this.#timer(`ice ${room}`);
    this.#tracks.complete();
    this.#accepted(this.#play);
    this.#play.phase = 'idle';
    this.#playIn(this.#playAgainInMs);
    this.#playAgainInMs = playAgainMs;
  }

  #playIn(delayMs: number): void {
    this.#timer('play again', delayMs, () => this.#play.phase === 'idle' && this.#ask(this.#play));
  }

  #lost(vendorCode: string): void {
    this.#attempt.failed(failure(reported(vendorCode), vendorCode));
  }
}

const reported = (word: string): string => `Ant Media reported ${word}.`;
const events = (byName: Readonly<Record<string, (detail: VendorDetail, info: string) => unknown>>): Events =>
  new Map(Object.entries(byName));
