import type { ConnectAttempt } from '../../adapter.ts';
import type { Timer } from '../../timers.ts';
import type { VendorDetail } from './vendor.ts';

/** How long ICE may be `disconnected` before the connection counts as lost. It may come back by itself. */
const iceGraceMs = 3_000;
/** The vendor pings every 3 s and never checks for a pong. */
const pongLimitMs = 12_000;

/** A pong came: ends the attempt where no other one follows. */
export function expectPong(attempt: ConnectAttempt, timer: Timer, limitMs: number = pongLimitMs): void {
  const { clock, lost } = attempt;
  const dueAt = clock.monotonic() + limitMs;
  timer('pong', limitMs, () => {
    // A page that was frozen has sent no ping either: it gets another chance.
    if (clock.monotonic() - dueAt > pongLimitMs / 2) expectPong(attempt, timer, pongLimitMs / 2);
    else lost('The media server no longer answers');
  });
}

/** A media connection changed: ends the attempt where it is broken. */
export function checkIce(attempt: ConnectAttempt, timer: Timer, { streamId, state }: VendorDetail): void {
  const broken = () => attempt.lost(`The media connection is ${state}`);
  timer(`ice ${streamId}`, iceGraceMs, state === 'disconnected' ? broken : undefined);
  if (state === 'failed' || state === 'closed') broken();
}
