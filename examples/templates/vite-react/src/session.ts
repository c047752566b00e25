import { RoomSession, tokenEndpoint } from 'room-session';
import { antMedia } from 'room-session/ant-media';

/** Yours: another backend is another adapter. */
export const makeSession = (): RoomSession =>
  new RoomSession({
    adapter: antMedia({
      load: () => import('@antmedia/webrtc_adaptor').then((module) => module.WebRTCAdaptor),
      websocketUrl: import.meta.env.VITE_WEBSOCKET_URL,
    }),
    tokenSource: tokenEndpoint('/api/room-token'),
  });
