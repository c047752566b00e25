import type { ConnectAttempt } from '../../adapter.ts';
import type { Timer } from '../../timers.ts';
import type { NafJanusOptions } from './options.ts';
import type { TakenOver } from './take-over.ts';
import type { JanusAdapter } from './vendor.ts';

/** What the parts of one attempt have in common. */
export interface AttemptParts {
  readonly attempt: ConnectAttempt<JanusAdapter>;
  readonly takenOver: TakenOver;
  readonly options: NafJanusOptions;
  readonly timer: Timer;
  /** Ends the attempt: the connection is lost for this reason. */
  lost(reason: string): void;
}
