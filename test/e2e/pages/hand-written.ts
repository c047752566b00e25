/**
 * What an app writes without us, after the vendor's own conference page: the token is fetched once, the vendor's own
 * reconnecting does the rest. It shows that the tests can fail, and is what the benchmarks compare with.
 */
import { WebRTCAdaptor } from '@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js';

/**
 * With `?vendorOnly` a reconnect is left to the vendor's own retry alone; without it the page publishes and plays anew
 * each time the socket opens, as the vendor's sample page does.
 */
const vendorOnly = new URLSearchParams(location.search).has('vendorOnly');

interface NewTrack {
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;
}

/** Joins `room`; resolves when published. */
export async function join(room: string, identity: string): Promise<void> {
  const response = await fetch('/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ room, identity }),
  });
  const { token } = await response.json();
  let published = false;
  return new Promise((resolve) => {
    const adaptor = new WebRTCAdaptor({
      websocketURL: `ws://${location.host}/LiveApp/websocket`,
      mediaConstraints: { audio: true, video: { width: 320, height: 240, frameRate: 10 } },
      peerconnection_config: { iceServers: [] },
      callback: (info: string, detail: NewTrack) => {
        if (info === 'initialized' && !(published && vendorOnly)) {
          published = true;
          adaptor.publish(identity, token, '', '', '', room, '', '');
          adaptor.play(room, token, '', [], '', '', '', '');
        } else if (info === 'publish_started') resolve();
        else if (info === 'newTrackAvailable') show(detail);
      },
      callbackError: () => {},
    });
    page.leave = () => {
      adaptor.stop(identity);
      adaptor.stop(room);
      adaptor.closeStream();
      adaptor.closeWebSocket();
    };
  });
}

function show({ stream }: NewTrack): void {
  const video = document.querySelector('video') ?? document.createElement('video');
  Object.assign(video, { autoplay: true, srcObject: stream });
  document.body.append(video);
}

const page = Object.assign(window as unknown as HandWrittenPage, { joinByHand: join, leave: () => {} });

export interface HandWrittenPage {
  joinByHand: typeof join;
  leave: () => void;
}
