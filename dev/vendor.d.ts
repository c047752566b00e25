/** The vendor's file of the smallest size has no declarations beside it; they are those of the package's root. */
declare module '@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js' {
  export { WebRTCAdaptor } from '@antmedia/webrtc_adaptor';
}
