import type { ReportedMedia } from './types.ts';

/** One kind of media in one direction, as the browser counts it. */
export interface MediaLine extends Omit<ReportedMedia, 'participant'> {
  /** Whose it is; `undefined`: our own, or not known whose. */
  readonly participantId: string | undefined;
  readonly trackId: string | undefined;
}
