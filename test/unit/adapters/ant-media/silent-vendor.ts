import { WebRTCAdaptor } from '@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js';

// Its log is loud, and says nothing here that the frames do not.
(globalThis as { log?: { setLevel(level: string, persist: boolean): void } }).log?.setLevel('silent', false);

/** The vendor's real client, without its log. */
export { WebRTCAdaptor };
