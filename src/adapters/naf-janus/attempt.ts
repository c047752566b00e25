import type { ConnectContext } from '../../adapter.ts';
import type { RoomSessionError } from '../../errors.ts';
import type { Token } from '../../token/jwt.ts';
import { failure } from '../failure.ts';
import type { StayParts } from '../stay.ts';
import { makeTimers, type Timer } from '../timers.ts';
import type { Hold } from './hold.ts';
import { joins } from './joins.ts';
import { occupants } from './occupants.ts';
import type { NafJanusOptions } from './options.ts';
import { isFull } from './refusals.ts';
import type { RoomPeople } from './room-people.ts';
import { socketUrl } from './socket-url.ts';
import { watchSession } from './watch-session.ts';

/** What the attempts of one stay have in common, and leave to the next one. */
export interface NafStay extends StayParts {
  readonly options: NafJanusOptions;
  readonly hold: Hold;
  readonly people: RoomPeople;
  /** The server, where the token's answer names none. */
  readonly serverUrl: string | null;
  /** We were in the room before. */
  readonly joined: boolean;
}

/** One try to be in the room, as its parts see it. */
export interface Attempt
  extends Pick<NafStay, 'options' | 'hold' | 'people'>,
    Pick<ConnectContext, 'clock' | 'report'> {
  /** Aborts when it is over. */
  readonly signal: AbortSignal;
  readonly timer: Timer;
  getToken(rejected?: Token): Promise<Token | undefined>;
  /** What to call where the connection is lost, and why. */
  broken(what: string): () => void;
}

/** As the vendor: the server still has our last connection, and the others are subscribed to that one. */
const previousSessionMs = 10_000;
/** How often the vendor compares its clock with the page's server, and by how many requests. */
const timeOffsetMs = 300_000;
const timeOffsetRequests = 10;

/**
 * One try to be in the room, with the vendor object of the scene, on a socket of its own. Each join that it sends, ours
 * and each for another participant's media, has a token that is valid then. It leaves nothing behind.
 *
 * @returns what ended it, where another try may help
 * @throws what ended it, where none can
 */
export async function attempt(
  stay: NafStay,
  onOpen: () => void,
  onJoined: () => void,
): Promise<RoomSessionError> {
  const { context, options, people, hold } = stay;
  const { clock, report } = context;
  const { vendor, own } = hold;
  const { attemptTimeoutMs = 15_000 } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([stay.signal, over.signal]);
  const timer = makeTimers(clock, signal);
  const getToken = (rejected?: Token) => context.getToken({ rejected, signal });

  // Names the server; and without one nothing is sent.
  const token = await getToken();
  signal.throwIfAborted();
  vendor.setServerUrl(socketUrl(token?.details['serverUrl'] ?? stay.serverUrl));

  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      reject(error);
      over.abort();
    };
    const lose = (error: RoomSessionError) => {
      resolve(error);
      over.abort();
    };
    const broken = (what: string) => () => lose(failure(`The connection to Janus is lost: ${what}.`, what));
    const parts: Attempt = { options, hold, people, clock, report, signal, timer, getToken, broken };

    /** The vendor's ends in a timer that nothing stops and errors that nobody catches, and holds up the join. */
    async function updateTimeOffset(): Promise<void> {
      timer('time', timeOffsetMs, () => {
        vendor.serverTimeRequests = vendor.timeOffsets.length = 0;
        updateTimeOffset();
      });
      if (vendor.serverTimeRequests >= timeOffsetRequests) return;
      own.updateTimeOffset().catch(() => {});
    }

    Object.assign(vendor, joins(parts), occupants(parts), {
      updateTimeOffset,
      reconnect: broken('reconnect() was called'),
      // Later it is about ICE, which is watched with the joins.
      performDelayedReconnect: () =>
        vendor.publisher || timer('previous', previousSessionMs, broken('previous session')),
      onWebsocketClose: ({ code }: CloseEvent) => broken(`the socket closed (${code})`)(),
    });

    timer('answer', attemptTimeoutMs, () =>
      lose(failure(`Janus did not let us in within ${attemptTimeoutMs / 1000} s.`)),
    );
    const onConnected = () => {
      timer('answer');
      people.settle();
      onJoined();
    };
    own.connect().then(onConnected, (error) => {
      const { code, vendorCode } = error ?? {};
      if (/_denied$/.test(code) && !(stay.joined && isFull(vendorCode))) fail(error);
      else lose(code ? error : failure('Janus could not be reached.', error?.name));
    });
    vendor.ws?.addEventListener('open', onOpen, { signal });
    watchSession(parts);
  });
}
