import type { ConnectContext } from '../../adapter.ts';
import { RoomSessionError } from '../../errors.ts';
import type { Token } from '../../token/jwt.ts';
import { type Command, Commands, type Refusals } from './commands.ts';
import { meaningOf } from './definitions.ts';
import { Liveness } from './liveness.ts';
import type { AntMediaOptions } from './options.ts';
import { type RoomTracks, readAssignments, type VendorTrack } from './room-tracks.ts';
import { openVendor, type TamedVendor, type VendorDetail, type WebRTCAdaptorClass } from './vendor.ts';

/** Why an attempt ended. */
export interface Ending {
  /** No further attempt makes sense. */
  readonly final: boolean;
  /** The socket was open at some time. */
  readonly reached: boolean;
  readonly error: RoomSessionError;
}

/** What an attempt needs. */
export interface AttemptOptions {
  readonly context: ConnectContext;
  readonly options: AntMediaOptions;
  readonly Vendor: WebRTCAdaptorClass;
  readonly serverUrl: string | undefined;
  readonly me: string;
  readonly stream: MediaStream | undefined;
  readonly tracks: RoomTracks;
  /** Where one-time tokens are used: the one fetched for this attempt. */
  readonly firstToken: Token | undefined;
  readonly refusals: Refusals;
  /** ICE servers that the media server named to an earlier attempt. */
  readonly iceServers: RTCIceServer[] | undefined;
  readonly onJoined: () => void;
  readonly onEnd: (ending: Ending) => void;
}

/** How often an empty room is asked for again; the vendor's own client does it every 3.5 s. */
const playAgainMs = 3_000;
/** The first time sooner: the answer may have crossed with our own stream's start, which makes the room exist. */
const playAgainFirstMs = 500;

/**
 * One try to be in the room, on one vendor object and one socket: from the socket's opening until it is lost. It ends
 * once, by `onEnd` or by `end()`, and leaves nothing behind.
 */
export class Attempt {
  readonly #with: AttemptOptions;
  readonly #over = new AbortController();
  readonly #vendor: TamedVendor;
  readonly #liveness: Liveness;
  readonly #commands: Commands;
  #cancelPlayAgain: (() => void) | undefined;
  #reached = false;
  #joined = false;
  #playing = false;
  #emptyAnswers = 0;

  constructor(attemptOptions: AttemptOptions) {
    this.#with = attemptOptions;
    const { context, options, Vendor, serverUrl, stream, iceServers } = attemptOptions;
    this.#liveness = new Liveness(context.clock, (message) => this.#lose(message));
    this.#vendor = openVendor(
      Vendor,
      {
        ...options.vendorOptions,
        ...(serverUrl ? { websocketURL: serverUrl } : { httpEndpointUrl: options.httpEndpointUrl }),
        ...(stream ? { localStream: stream } : { isPlayMode: true }),
        ...(options.iceServers ? { peerconnection_config: { iceServers: options.iceServers } } : {}),
      },
      {
        onInfo: (info, detail) => this.#onInfo(info, Object(detail)),
        onError: (definition, detail) => this.#onError(definition, Object(detail)),
      },
    );
    const limitMs = options.attemptTimeoutMs ?? 15_000;
    this.#commands = new Commands({
      context,
      firstToken: attemptOptions.firstToken,
      oneTimeTokens: options.oneTimeTokens ?? false,
      refusals: attemptOptions.refusals,
      limitMs,
      onLate: () => this.#lose(`The media server did not let us in within ${limitMs / 1000} s.`),
    });
    if (iceServers && !options.iceServers) this.vendor.peerconnection_config.iceServers = iceServers;
  }

  get vendor(): TamedVendor['adaptor'] {
    return this.#vendor.adaptor;
  }

  /** Frees everything; safe twice. */
  end(): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#commands.stop();
    this.#cancelPlayAgain?.();
    this.#liveness.stop();
    const { me, context } = this.#with;
    this.#vendor.dispose([me, context.room]);
  }

  #finish(ending: Omit<Ending, 'reached'>): void {
    if (this.#over.signal.aborted) return;
    this.end();
    this.#with.onEnd({ ...ending, reached: this.#reached });
  }

  #lose(message: string, vendorCode?: string): void {
    this.#finish({ final: false, error: new RoomSessionError('connect_failed', message, { vendorCode }) });
  }

  #onInfo(info: string, { streamId, trackId, state, data, ...detail }: VendorDetail): void {
    const { me, context, tracks } = this.#with;
    if (info === 'initialized') {
      this.#reached = true;
      this.#begin();
    } else if (info === 'pong') this.#liveness.pong();
    else if (info === 'closed') this.#lose('The media server closed the socket.', info);
    else if (info === 'server_will_stop') this.#lose('The media server is about to stop.', info);
    else if (info === 'ice_connection_state_changed') this.#liveness.ice(streamId ?? '', state);
    else if (streamId === me) this.#onOwnStream(info);
    else if (streamId !== context.room) return;
    else if (info === 'play_started') this.#played();
    else if (info === 'play_finished' && this.#playing) this.#roomEmptied();
    else if (info === 'data_received') tracks.assign(readAssignments(data));
    else if (info === 'newTrackAvailable') {
      tracks.add({ ...(detail as unknown as VendorTrack), trackId: trackId ?? '' }, this.#over.signal);
    } else if (info === 'subtrackRemoved' && trackId) tracks.leave(trackId);
    else if (info === 'subtrackAdded' && trackId) {
      tracks.join(trackId);
      if (!this.#playing) this.#playSoon(0);
    }
  }

  #onOwnStream(info: string): void {
    // After a reconnect the server may say that it took up the old session again.
    if (info === 'publish_started' || info === 'session_restored') this.#published();
    else if (info === 'publish_finished' && this.#joined)
      this.#lose('The media server ended our stream.', info);
  }

  #onError(definition: string, { streamId }: VendorDetail): void {
    const { me, context } = this.#with;
    const about: Command | undefined =
      streamId === me ? 'publish' : streamId === context.room ? 'play' : undefined;
    // About another stream it answers what the app did by itself through the vendor's object.
    if (streamId !== undefined && !about && this.#joined) return;
    const meaning = meaningOf(definition);
    const concerned = about ? this.#commands.isPending(about) : !this.#joined;
    if (meaning === 'empty' && about === 'play' && concerned) this.#roomEmpty();
    else if (meaning === 'refused') {
      if (about && this.#commands.refused(about)) this.#tryAnotherToken(about);
      else
        this.#fail('connect_denied', `The media server refused a new token too (${definition}).`, definition);
    } else if (meaning === 'denied') {
      this.#fail('connect_denied', `The media server does not let us in: ${definition}.`, definition);
    } else if (meaning === 'terminal') {
      this.#fail('connect_failed', `The media server ended this: ${definition}.`, definition);
    } else if (meaning === 'lost') {
      this.#lose(`The connection to the media server failed: ${definition}.`, definition);
    } else if (meaning === 'transient' && concerned) {
      this.#lose(`The media server answered ${definition}.`, definition);
    }
  }

  #fail(code: 'connect_denied' | 'connect_failed', message: string, vendorCode: string): void {
    this.#finish({ final: true, error: new RoomSessionError(code, message, { vendorCode }) });
  }

  #begin(): void {
    const { stream, options } = this.#with;
    // A one-time token played too early is burnt: our own stream makes the room exist first.
    if (stream) void this.#send('publish');
    if (!stream || !options.oneTimeTokens) void this.#send('play');
  }

  async #send(command: Command): Promise<void> {
    const { context, options, me } = this.#with;
    let token: Token | undefined;
    try {
      token = await this.#commands.token(command, this.#over.signal);
    } catch (error) {
      // Only a denial or the end of the connection gets here: everything else is asked again, below us.
      if (error instanceof RoomSessionError) this.#finish({ final: true, error });
      return;
    }
    if (this.#over.signal.aborted) return;
    const { streamName, metaData, role } = options;
    if (command === 'publish') {
      this.vendor.publish(me, token?.value, undefined, undefined, streamName, context.room, metaData, role);
    } else {
      const none = undefined;
      this.vendor.play(context.room, token?.value, none, none, none, none, none, role);
    }
  }

  #tryAnotherToken(command: Command): void {
    const { me, context } = this.#with;
    this.vendor.stop(command === 'publish' ? me : context.room);
    void this.#send(command);
  }

  #published(): void {
    this.#commands.accepted('publish');
    this.#arrive();
    // The room exists now, if only by our own stream.
    if (!this.#playing) this.#playSoon(0);
  }

  #played(): void {
    this.#commands.accepted('play');
    this.#playing = true;
    this.#with.tracks.settle();
    if (!this.#with.stream) this.#arrive();
  }

  #arrive(): void {
    if (this.#joined) return;
    this.#joined = true;
    this.#with.onJoined();
  }

  /** Nobody is there yet: in the room all the same, and asking again until there is something to play. */
  #roomEmpty(): void {
    const { tracks, stream, context } = this.#with;
    this.#commands.accepted('play');
    this.vendor.stop(context.room);
    // What was broken off is stopped now, and so no reason to reconnect.
    this.#liveness.ice(context.room, undefined);
    tracks.settle();
    if (!stream) this.#arrive();
    this.#playSoon(this.#emptyAnswers++ === 0 ? playAgainFirstMs : playAgainMs);
  }

  #roomEmptied(): void {
    this.#playing = false;
    this.#with.tracks.lose();
    this.#roomEmpty();
  }

  #playSoon(delayMs: number): void {
    this.#cancelPlayAgain?.();
    this.#cancelPlayAgain = this.#with.context.clock.setTimer(() => {
      this.#cancelPlayAgain = undefined;
      if (!this.#playing && !this.#commands.isPending('play')) void this.#send('play');
    }, delayMs);
  }
}
