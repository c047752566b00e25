import { RoomSession, tokenEndpoint } from 'room-session';
import { antMedia } from 'room-session/ant-media';
import type { Mount, Mounted, MountOptions } from '../../bindings/mounted.ts';

/** What is on `window` for the tests. */
export interface BindingsPage {
  /** Mounts a component that joins. */
  mountRoom(options: Omit<MountOptions, 'create'>): void;
  mounted: Mounted;
}

const page = window as unknown as BindingsPage;

const create = () =>
  new RoomSession({
    adapter: antMedia({
      load: () =>
        import('@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js').then((module) => module.WebRTCAdaptor),
      websocketUrl: `ws://${location.host}/LiveApp/websocket`,
      constraints: { audio: true, video: { width: 320, height: 240, frameRate: 10 } },
      iceServers: [],
    }),
    tokenSource: tokenEndpoint('/token'),
  });

/** Lets the tests mount components of this framework. */
export function offer(mount: Mount): void {
  page.mountRoom = (options) => {
    page.mounted = mount({ ...options, create });
  };
}
