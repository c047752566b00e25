import { WebRTCAdaptor } from '@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js';

/** A room as a page of the vendor's way of working knows it. */
export interface VendorConference {
  /** Video tracks by the participant's stream id. */
  videos(): Map<string, MediaStreamTrack>;
  /** All sound, whoever it is from. */
  sounds(): MediaStreamTrack[];
  /** Names by stream id. */
  readonly names: Map<string, string>;
  /** What others said of themselves by the conventions of the vendor's pages, newest last. */
  readonly said: { eventType: string; streamId: string }[];
  /** What the server has of each participant as metadata. */
  readonly metaData: Map<string, string>;
  adaptor: WebRTCAdaptor;
}

interface Detail {
  readonly streamId: string;
  readonly trackId: string;
  readonly track: MediaStreamTrack;
  readonly data: string;
  readonly broadcast: string;
  readonly subtrackList: string[];
}

/**
 * Joins a room in the way of the vendor's conference page: publish, play when that has started, ask for the list then, ask
 * whose the slots are every 3 s, at a new track and on `TRACK_LIST_UPDATED`, play all sound at once. Both ways of naming tracks work.
 */
export function joinAsVendor(
  websocketURL: string,
  { room, me, name, token }: { room: string; me: string; name: string; token: string },
  localStream: MediaStream,
): Promise<VendorConference> {
  const tracks = new Map<string, MediaStreamTrack>();
  const slots = new Map<string, string>();
  const names = new Map<string, string>();
  const metaData = new Map<string, string>();
  const said: VendorConference['said'] = [];
  const labelled = (kind: string) => [...tracks].filter(([, track]) => track.kind === kind);

  return new Promise((resolve) => {
    const ask = () => {
      adaptor.getBroadcastObject(room);
      adaptor.getSubtracks(room, '', 0, 50);
      adaptor.requestVideoTrackAssignments(room);
    };
    const takeText = (text: string) => {
      const { eventType, payload, streamId } = JSON.parse(text);
      if (eventType === 'TRACK_LIST_UPDATED') ask();
      else if (eventType === 'VIDEO_TRACK_ASSIGNMENT_LIST')
        for (const { videoLabel, trackId } of payload) slots.set(videoLabel, trackId);
      else if (streamId) said.push({ eventType, streamId });
    };
    const events: Record<string, (detail: Detail) => void> = {
      initialized: () => adaptor.publish(me, token, '', '', name, room, '{}', ''),
      publish_started: () => adaptor.play(room, token, '', [], '', '', '', ''),
      play_started: () => {
        ask();
        setInterval(() => adaptor.requestVideoTrackAssignments(room), 3_000);
        resolve(conference);
      },
      // One label may stand for a video and a sound, so each kind has its own.
      newTrackAvailable: ({ trackId, track }) => {
        tracks.set(`${track.kind} ${trackId.slice(7)}`, track);
        ask();
      },
      subtrackAdded: ask,
      subtrackList: ({ subtrackList }) => {
        for (const text of subtrackList) {
          const { streamId, name: title, metaData: more } = JSON.parse(text);
          names.set(streamId, title);
          metaData.set(streamId, more);
        }
      },
      data_received: ({ data }) => takeText(data),
    };
    const adaptor = new WebRTCAdaptor({
      websocketURL,
      localStream,
      mediaConstraints: { audio: true, video: true },
      peerconnection_config: { iceServers: [] },
      callback: (info: string, detail: Detail) => events[info]?.(detail),
      callbackError: () => {},
    });
    const conference: VendorConference = {
      videos: () =>
        new Map(
          labelled('video').map(([key, track]) => {
            const label = key.slice('video '.length);
            return [slots.get(label) ?? label, track];
          }),
        ),
      sounds: () => labelled('audio').map(([, track]) => track),
      names,
      metaData,
      said,
      adaptor,
    };
  });
}
