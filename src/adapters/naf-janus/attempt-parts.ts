import type { ConnectAttempt } from '../../adapter.ts';
import type { Timer } from '../../timers.ts';
import type { NafJanusOptions } from './options.ts';
import type { PreparedJoin } from './prepare.ts';
import type { Requests } from './requests.ts';
import type { JanusAdapter } from './vendor.ts';

/** What the parts of one attempt have in common. */
export interface AttemptParts extends Pick<PreparedJoin, 'takenOver' | 'hasFixedId'> {
  readonly attempt: ConnectAttempt<JanusAdapter>;
  readonly options: NafJanusOptions;
  readonly requests: Requests;
  readonly timer: Timer;
  /** Ends the attempt: the connection is lost for this reason. */
  lost(reason: string): void;
}
