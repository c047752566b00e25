import type { WebRTCAdaptor, WebRTCAdaptorClass } from './vendor.ts';

/** What the attempts of one join share. */
export interface Prepared<V extends WebRTCAdaptor> {
  readonly Vendor: WebRTCAdaptorClass<V>;
  /** Our stream id. */
  readonly me: string;
  /** The stream ids whose newest answer was that the token is rejected. */
  readonly rejectedIds: Set<string>;
  /** ICE servers that the media server named. */
  iceServers: RTCIceServer[] | undefined;
  /** Whether the server has played this room: then it can do rooms. */
  hasPlayed: boolean;
}
