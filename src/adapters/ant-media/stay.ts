import type { EndReason } from '../../adapter.ts';
import { attempt, type Stay } from './attempt.ts';
import { failure } from './failure.ts';
import { makeTimers } from './timers.ts';

/** During a join a server that cannot be reached is tried this often; its address may be wrong. */
const unreachableLimit = 3;

/**
 * Joins and stays: attempt after attempt, each with a token that is valid when it starts. It takes the place of the
 * vendor's own reconnecting, which sends the same token for ever. Resolves when in the room, and goes on in the
 * background until `stay.over` aborts; rejects when the room is not to be got into.
 */
export function joinAndStay(stay: Stay): Promise<void> {
  const {
    signal,
    context: { clock, report },
  } = stay;
  const { reconnectLimitMs = 300_000 } = stay.options;

  const timer = makeTimers(clock, signal);
  let joined = false;
  let outage = false;
  let unreachable = 0;
  let tries = 0;
  let endPause = () => {};

  const end = (reason: EndReason, error: unknown) => {
    if (signal.aborted) return;
    stay.over.abort(error);
    if (joined) report({ type: 'disconnected', reason, error });
  };

  const startLimit = () =>
    timer('limit', reconnectLimitMs, () => {
      end('lost', failure(`Not back in the room within ${reconnectLimitMs / 1000} s (reconnectLimitMs).`));
    });

  const stopWaking = clock.onWake(() => {
    tries = 0;
    if (outage) startLimit();
    endPause();
  });

  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => {
      stopWaking();
      reject(signal.reason);
    });

    const arrived = () => {
      tries = 0;
      outage = false;
      timer('limit');
      if (joined) report({ type: 'connected' });
      joined = true;
      resolve();
    };

    async function tryForEver(): Promise<never> {
      for (;;) {
        let reached = false;
        const opened = () => {
          reached = true;
        };
        const error = await attempt(stay, opened, arrived);
        stay.tracks.lose();
        if (!joined && !reached && ++unreachable === unreachableLimit) {
          const message = 'The media server could not be reached. Check its address and certificate.';
          throw failure(message, error.vendorCode, undefined, error);
        }
        report({ type: 'retrying', error });
        if (joined && !outage) {
          outage = true;
          startLimit();
          report({ type: 'reconnecting' });
        }
        await new Promise<void>((goOn) => {
          endPause = goOn;
          timer('pause', pauseBefore(tries++, clock.random()), goOn);
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
