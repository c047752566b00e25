import type { ConnectContext, EndReason } from '../../adapter.ts';
import { RoomSessionError } from '../../errors.ts';
import { Attempt, type Ending } from './attempt.ts';
import type { Refusals } from './commands.ts';
import type { AntMediaOptions } from './options.ts';
import { RoomTracks } from './room-tracks.ts';
import { serverAddress } from './server-address.ts';
import type { WebRTCAdaptor, WebRTCAdaptorClass } from './vendor.ts';

/** During a join a server that cannot be reached is tried this often; its address may be wrong. */
const unreachableLimit = 3;

interface StayOptions {
  readonly context: ConnectContext;
  readonly options: AntMediaOptions;
  readonly Vendor: WebRTCAdaptorClass;
  readonly me: string;
  readonly stream: MediaStream | undefined;
}

/** Why a stay ended that nobody asked to end. */
interface StayEnd {
  readonly reason: EndReason;
  readonly error: RoomSessionError;
}

/**
 * One stay in one room: attempt after attempt, each with a token that is valid when it starts. It takes the place of the
 * vendor's own reconnecting, which sends the same token for ever.
 */
export class Stay {
  readonly #with: StayOptions;
  readonly #tracks: RoomTracks;
  readonly #refusals: Refusals = new Map();
  readonly #over = new AbortController();
  #attempt: Attempt | undefined;
  #iceServers: RTCIceServer[] | undefined;
  #joined = false;
  #unreachable = 0;
  #tries = 0;
  /** Ends the outage's time limit; there only during an outage. */
  #cancelLimit: (() => void) | undefined;
  #cancelPause: (() => void) | undefined;
  /** Ends the pause before the next attempt. */
  #wakeUp: (() => void) | undefined;
  #onJoined = (): void => {};
  #onOver = (_end: StayEnd): void => {};
  readonly #stopWaking: () => void;

  constructor(stayOptions: StayOptions) {
    this.#with = stayOptions;
    this.#tracks = new RoomTracks(stayOptions.context.report, stayOptions.me);
    this.#stopWaking = stayOptions.context.clock.onWake(() => {
      this.#tries = 0;
      if (this.#cancelLimit) this.#startLimit();
      this.#wakeUp?.();
    });
  }

  get vendor(): WebRTCAdaptor | undefined {
    return this.#attempt?.vendor;
  }

  /** Resolves when in the room, and goes on in the background; rejects when the room is not to be got into. */
  join(): Promise<void> {
    const { report, signal } = this.#with.context;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.end();
        reject(signal.reason);
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      this.#onJoined = () => {
        if (this.#joined) return report({ type: 'connected' });
        this.#joined = true;
        resolve();
      };
      this.#onOver = ({ reason, error }) => {
        this.end();
        if (this.#joined) report({ type: 'disconnected', reason, error });
        else reject(error);
      };
      void this.#try();
    });
  }

  /** Leaves; safe twice. */
  end(): void {
    this.#over.abort();
    this.#cancelLimit?.();
    this.#stopWaking();
    this.#wakeUp = undefined;
    this.#cancelPause?.();
    this.#attempt?.end();
    this.#attempt = undefined;
  }

  /** One attempt: a token first, valid now, then the server that it names. */
  async #try(): Promise<void> {
    const { context, options, Vendor, me, stream } = this.#with;
    const { oneTimeTokens } = options;
    try {
      const token = await context.getToken({
        fresh: oneTimeTokens,
        rejected: oneTimeTokens ? undefined : (this.#refusals.get('publish') ?? this.#refusals.get('play')),
        signal: this.#over.signal,
      });
      this.#over.signal.throwIfAborted();
      this.#attempt = new Attempt({
        context,
        options,
        Vendor,
        me,
        stream,
        serverUrl: serverAddress(token?.details['serverUrl'], options),
        tracks: this.#tracks,
        firstToken: oneTimeTokens ? token : undefined,
        refusals: this.#refusals,
        iceServers: this.#iceServers,
        onJoined: () => this.#arrived(),
        onEnd: (ending) => this.#next(ending),
      });
    } catch (error) {
      if (!this.#over.signal.aborted) this.#next({ final: true, reached: false, error: asError(error) });
    }
  }

  #arrived(): void {
    this.#tries = 0;
    this.#cancelLimit?.();
    this.#cancelLimit = undefined;
    this.#onJoined();
  }

  /** What comes after an attempt: the end, or another one after a pause. */
  #next({ final, reached, error }: Ending): void {
    this.#iceServers = this.#attempt?.vendor.peerconnection_config?.iceServers ?? this.#iceServers;
    this.#attempt = undefined;
    this.#tracks.lose();
    if (final) {
      this.#onOver({ reason: isDenial(error) ? 'denied' : 'ended', error });
    } else if (!this.#joined && !reached && ++this.#unreachable >= unreachableLimit) {
      this.#onOver({ reason: 'lost', error: unreachable(error) });
    } else {
      const { report } = this.#with.context;
      report({ type: 'retrying', error });
      // A listener of this report, or of the next, may have left.
      if (this.#joined && !this.#cancelLimit && !this.#over.signal.aborted) {
        this.#startLimit();
        report({ type: 'reconnecting' });
      }
      if (!this.#over.signal.aborted) this.#tryAgain();
    }
  }

  #tryAgain(): void {
    const { clock } = this.#with.context;
    const goOn = () => {
      this.#cancelPause?.();
      this.#wakeUp = undefined;
      void this.#try();
    };
    this.#wakeUp = goOn;
    this.#cancelPause = clock.setTimer(goOn, pauseBefore(this.#tries++, clock.random()));
  }

  #startLimit(): void {
    const { clock } = this.#with.context;
    const limitMs = this.#with.options.reconnectLimitMs ?? 300_000;
    this.#cancelLimit?.();
    this.#cancelLimit = clock.setTimer(() => {
      const message = `The room could not be got back within ${limitMs / 1000} s (reconnectLimitMs). Join again.`;
      this.#onOver({ reason: 'lost', error: new RoomSessionError('connect_failed', message) });
    }, limitMs);
  }
}

/** At once, but not everybody in the same moment; then 0.5 s, doubling up to 10 s, half of it random. */
function pauseBefore(tries: number, random: number): number {
  return tries === 0 ? 300 * random : Math.min(250 * 2 ** tries, 10_000) * (0.5 + random / 2);
}

function isDenial({ code }: RoomSessionError): boolean {
  return code === 'connect_denied' || code === 'token_denied';
}

function unreachable(cause: RoomSessionError): RoomSessionError {
  return new RoomSessionError(
    'connect_failed',
    `The media server could not be reached in ${unreachableLimit} tries. Check websocketUrl, the network and the server's certificate.`,
    { cause, vendorCode: cause.vendorCode },
  );
}

function asError(error: unknown): RoomSessionError {
  if (error instanceof RoomSessionError) return error;
  return new RoomSessionError('connect_failed', `The vendor's client failed: ${error}`, { cause: error });
}
