import type { ConnectContext, EndReason } from '../adapter.ts';
import type { RoomSessionError } from '../errors.ts';
import { failure } from './failure.ts';
import { makeTimers } from './timers.ts';

/** During a join a server that cannot be reached is tried this often; its address may be wrong. */
const unreachableLimit = 3;

/** What the attempts of one stay have in common. */
export interface StayParts {
  readonly context: ConnectContext;
  /** Aborts when the stay is over: by `over`, or because the session ended. */
  readonly signal: AbortSignal;
  readonly over: AbortController;
  readonly options: {
    /** How long to go on reconnecting before the room is `lost`, in ms. Default 300 000. */
    readonly reconnectLimitMs?: number | undefined;
  };
  /**
   * One try to be in the room, with a token that is valid when it starts. Calls `onOpen` when the server was reached,
   * `onJoined` when in the room, `onWaiting` when somebody must let us in; leaves nothing behind.
   *
   * @returns what ended it, where another try may help
   * @throws what ended it, where none can
   */
  attempt(
    onOpen: () => void,
    onJoined: () => void,
    onWaiting: (reason: 'host' | 'lobby') => void,
  ): Promise<RoomSessionError>;
  /** An attempt ended: nobody's tracks are there any more. */
  lose(): void;
  /** How long to have been in the room until the pauses start from the shortest again, in ms. Default 0. */
  readonly stableMs?: number | undefined;
  /** After being in the room: the next attempt is so many ms away. */
  pausing?(ms: number): void;
}

/**
 * Joins and stays: attempt after attempt, in place of a vendor's own reconnecting, which sends the same token for ever.
 * Resolves when in the room, and goes on in the background until `over` aborts; rejects when the room is not to be got
 * into.
 */
export async function joinAndStay(stay: StayParts): Promise<void> {
  const { signal, over } = stay;
  signal.throwIfAborted();
  const { clock, report } = stay.context;
  const { reconnectLimitMs = 300_000 } = stay.options;

  const timer = makeTimers(clock, signal);
  let joined = false;
  let outage = false;
  let unreachable = 0;
  let tries = 0;
  let endPause = () => {};

  const end = (reason: EndReason, error: unknown) => {
    if (signal.aborted) return;
    over.abort(error);
    if (joined) report({ type: 'disconnected', reason, error });
  };

  const startLimit = () =>
    timer('limit', reconnectLimitMs, () => {
      end('lost', failure(`Not back in the room within ${reconnectLimitMs / 1000} s (reconnectLimitMs).`));
    });

  const startAfresh = () => {
    tries = 0;
  };

  const stopWaking = clock.onWake(() => {
    startAfresh();
    if (outage) startLimit();
    endPause();
  });

  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => {
      stopWaking();
      reject(signal.reason);
    });

    const arrived = () => {
      const { stableMs } = stay;
      if (stableMs) timer('stable', stableMs, startAfresh);
      else startAfresh();
      outage = false;
      timer('limit');
      if (joined) report({ type: 'connected' });
      joined = true;
      resolve();
    };

    // However long that takes is not our outage.
    const waiting = (reason: 'host' | 'lobby') => {
      outage = false;
      timer('limit');
      report({ type: 'waiting', reason });
    };

    async function tryForEver(): Promise<never> {
      for (;;) {
        let reached = false;
        const opened = () => {
          reached = true;
        };
        const error = await stay.attempt(opened, arrived, waiting);
        timer('stable');
        stay.lose();
        if (!joined && !reached && ++unreachable === unreachableLimit) {
          const message = 'The server could not be reached. Check its address and certificate.';
          throw failure(message, error.vendorCode, undefined, error);
        }
        report({ type: 'retrying', error });
        if (joined && !outage) {
          outage = true;
          startLimit();
          report({ type: 'reconnecting' });
        }
        const pauseMs = pauseBefore(tries++, clock.random());
        if (joined) stay.pausing?.(pauseMs);
        await new Promise<void>((goOn) => {
          endPause = goOn;
          timer('pause', pauseMs, goOn);
        });
      }
    }

    tryForEver().catch((error) => end(/_denied$/.test(error.code) ? 'denied' : 'ended', error));
  });
}

/** At once, but not everybody in the same moment; then 0.5 s, doubling up to 10 s, half of it random. */
function pauseBefore(tries: number, random: number): number {
  return tries === 0 ? 300 * random : Math.min(250 * 2 ** tries, 10_000) * (0.5 + random / 2);
}
