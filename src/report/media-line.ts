/** One kind of media in one direction, as the browser counts it. */
export interface MediaLine {
  /** Whose it is; `undefined`: our own, or not known whose. */
  readonly participantId: string | undefined;
  readonly direction: 'sends' | 'receives';
  readonly kind: string;
  /** Since the connection was made. */
  readonly packets: number;
  /** How loud it is now, from 0 to 1, where the browser tells it. */
  readonly level: number | undefined;
  readonly ice: string | undefined;
  readonly dtls: string | undefined;
  readonly trackId: string | undefined;
}
