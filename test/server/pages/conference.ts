// A page that uses Ant Media's own client as its documentation says, and nothing of this package: it shows that
// the development server speaks what that client speaks.
import { WebRTCAdaptor } from '@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js';

interface Track {
  track: MediaStreamTrack;
  trackId: string;
}

interface Call {
  message: string;
  atMs: number;
}

const calls: Call[] = [];
const tracks: Track[] = [];
const received: string[] = [];
let adaptor: WebRTCAdaptor;
let room = '';
let identity = '';

async function token(): Promise<string> {
  const response = await fetch('/token', { method: 'POST', body: JSON.stringify({ room, identity }) });
  const { token } = (await response.json()) as { token: string };
  return token;
}

function note(message: string): void {
  calls.push({ message, atMs: Math.round(performance.now()) });
}

const conference = {
  calls,
  received,

  /** Publishes and plays; resolves when the server has said `play_started`. */
  async join(toRoom: string, as: string, app = 'LiveApp'): Promise<number> {
    [room, identity] = [toRoom, as];
    const localStream = await navigator.mediaDevices.getUserMedia({
      video: { width: 320, height: 240, frameRate: 10 },
      audio: true,
    });
    const jwt = await token();
    const start = performance.now();
    await new Promise<void>((resolve, reject) => {
      adaptor = new WebRTCAdaptor({
        websocketURL: `ws://${location.host}/${app}/websocket`,
        localStream,
        peerconnection_config: { iceServers: [] },
        reconnectIfRequiredFlag: false,
        callback: (info: string, detail: { track?: MediaStreamTrack; trackId?: string; data?: string }) => {
          note(info);
          if (info === 'initialized') adaptor.publish(as, jwt, '', '', as, toRoom, '{}', '');
          if (info === 'publish_started' || info === 'session_restored') adaptor.play(toRoom, jwt);
          if (info === 'play_started') resolve();
          if (info === 'data_received') received.push(String(detail.data));
          if (info === 'newTrackAvailable' && detail.track && detail.trackId)
            tracks.push({ track: detail.track, trackId: detail.trackId });
        },
        callbackError: (definition: string) => {
          note(`error ${definition}`);
          reject(new Error(definition));
        },
      });
    });
    return performance.now() - start;
  },

  /** Who can be seen and heard, by what arrived until now. */
  async media(): Promise<Record<string, { frames: number; audioBytes: number; sameId: boolean }>> {
    const result: Record<string, { frames: number; audioBytes: number; sameId: boolean }> = {};
    const connections = adaptor.remotePeerConnection as unknown as Record<
      string,
      RTCPeerConnection | undefined
    >;
    const report = await connections[room]?.getStats();
    for (const { track, trackId } of tracks) {
      if (track.readyState === 'ended') continue;
      const participant = trackId.slice(7);
      const entry = result[participant] ?? { frames: 0, audioBytes: 0, sameId: true };
      result[participant] = entry;
      entry.sameId &&= track.id === trackId;
      report?.forEach((stats) => {
        if (stats.type !== 'inbound-rtp' || stats.trackIdentifier !== track.id) return;
        if (stats.kind === 'video') entry.frames = stats.framesDecoded ?? 0;
        else entry.audioBytes = stats.bytesReceived ?? 0;
      });
    }
    return result;
  },

  /** The ICE states of what it publishes and of what it plays. */
  ice(): (string | null)[] {
    return [adaptor.iceConnectionState(identity), adaptor.iceConnectionState(room)];
  },

  say(text: string): void {
    adaptor.sendData(identity, text);
  },

  leave(): void {
    adaptor.stop(identity);
    adaptor.stop(room);
    adaptor.closeWebSocket();
  },
};

export type Conference = typeof conference;
Object.assign(window, { conference });
