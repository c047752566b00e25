/** The vendor's file of the smallest size has no declarations beside it; they are those of the package's root. */
declare module '@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js' {
  export { WebRTCAdaptor } from '@antmedia/webrtc_adaptor';
}

/** The oldest release of the vendor's client that works, for the tests. */
declare module 'webrtc_adaptor-2.6/dist/es/webrtc_adaptor.js' {
  export const WebRTCAdaptor: unknown;
}
