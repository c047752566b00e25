import { RoomSession, tokenEndpoint } from 'room-session';
import { antMedia } from 'room-session/ant-media';
import { hueOf, type Look, paintedStream, tonesIn } from './painted-stream.ts';
import { keepEvents } from './told.ts';
import { joinAsVendor, type VendorConference } from './vendor-conference.ts';

/** Who joins, and how. */
export interface Guest extends Look {
  readonly room: string;
  readonly id: string;
  readonly name: string;
}

/** What a page knows of the others in the room. */
export interface Seen {
  /** Names by stream id. */
  readonly names: Record<string, string | undefined>;
  /** The hue that is shown as each participant's. */
  readonly hues: Record<string, number | undefined>;
  /** Which of the tones are heard. */
  readonly tones: number[];
}

/** What is on `window` for the tests. */
export interface SlotsPage {
  joinWithSession(guest: Guest): Promise<void>;
  joinAsVendorDoes(guest: Guest): Promise<void>;
  speak(on: boolean): void;
  look(tones: readonly number[]): Seen;
  session: RoomSession | undefined;
  conference: VendorConference | undefined;
  events: Record<string, unknown>[];
}

const websocketURL = `ws://${location.host}/LiveApp/websocket`;
const load = () =>
  import('@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js').then((module) => module.WebRTCAdaptor);

const page = window as unknown as SlotsPage;
page.events = [];

page.joinWithSession = async ({ room, id, name, ...look }) => {
  const { stream, speak } = paintedStream(look);
  page.speak = speak;
  const session = new RoomSession({
    adapter: antMedia({
      load,
      websocketUrl: websocketURL,
      localStream: stream,
      iceServers: [],
      streamName: name,
    }),
    tokenSource: tokenEndpoint('/token'),
    identity: id,
  });
  keepEvents(session, page.events);
  page.session = session;
  await session.join(room);
};

page.joinAsVendorDoes = async ({ room, id, name, ...look }) => {
  const { stream, speak } = paintedStream(look);
  page.speak = speak;
  const response = await fetch('/token', { method: 'POST', body: JSON.stringify({ room, identity: id }) });
  const { token } = await response.json();
  page.conference = await joinAsVendor(websocketURL, { room, me: id, name, token }, stream);
};

page.look = (tones) => {
  const { session, conference } = page;
  if (conference) {
    const hues = [...conference.videos()].map(([id, track]) => [id, hueOf(track)]);
    return {
      names: Object.fromEntries(conference.names),
      hues: Object.fromEntries(hues),
      tones: tonesIn(conference.sounds(), tones),
    };
  }
  const tracks = session?.tracks ?? [];
  const videos = tracks.filter(({ track }) => track.kind === 'video');
  const sounds = tracks.filter(({ track }) => track.kind === 'audio');
  return {
    names: Object.fromEntries((session?.participants ?? []).map(({ id, name }) => [id, name])),
    hues: Object.fromEntries(videos.map(({ participantId, track }) => [participantId, hueOf(track)])),
    tones: tonesIn(
      sounds.map(({ track }) => track),
      tones,
    ),
  };
};
document.documentElement.dataset['state'] = 'ready';
