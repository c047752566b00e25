import { RoomSession, Token, TokenRefresher, tokenEndpoint, tokenFromUrl } from 'room-session';
import { type AntMediaOptions, antMedia } from 'room-session/ant-media';
import { recordReport } from 'room-session/report';
import { type JoinOutcome, keepEvents, outcomeOf } from './told.ts';

/** What a test asks of the page. */
export interface OpenOptions {
  readonly adapter?: AntMediaOptions;
  readonly identity?: string;
  readonly joinTimeoutMs?: number;
  /** Takes the token from the page's address, from this parameter, in place of the endpoint. */
  readonly tokenFromUrl?: string;
}

export const websocketUrl: string = `ws://${location.host}/LiveApp/websocket`;

const load = () =>
  import('@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js').then((module) => module.WebRTCAdaptor);

/** A session as an app would make it; everything it tells is kept in `window.events`. */
function open({ adapter = {}, tokenFromUrl: parameter, ...options }: OpenOptions = {}): RoomSession {
  const session = new RoomSession({
    adapter: antMedia({
      load,
      websocketUrl,
      constraints: { audio: true, video: { width: 320, height: 240, frameRate: 10 } },
      iceServers: [],
      ...adapter,
    }),
    report: recordReport(),
    tokenSource: parameter ? tokenFromUrl(parameter) : tokenEndpoint('/token'),
    ...options,
  });
  keepEvents(session, page.events);
  session.on('trackAdded', ({ participantId, stream }) => show(participantId, stream));
  session.on('participantLeft', ({ id }) => document.getElementById(`tile-${id}`)?.remove());
  page.session = session;
  return session;
}

function show(participantId: string, stream: MediaStream): void {
  const id = `tile-${participantId}`;
  let video = document.getElementById(id) as HTMLVideoElement | null;
  if (!video) {
    video = Object.assign(document.createElement('video'), { id, autoplay: true });
    document.body.append(video);
  }
  if (video.srcObject !== stream) video.srcObject = stream;
}

/** What is on `window` for the tests. */
export interface TestPage {
  open: typeof open;
  /** Opens a session and joins. */
  tryToJoin(room: string, options: OpenOptions): Promise<JoinOutcome>;
  session: RoomSession | undefined;
  events: Record<string, unknown>[];
  readonly Token: typeof Token;
  readonly TokenRefresher: typeof TokenRefresher;
}

const page = window as unknown as TestPage;
Object.assign(page, { open, events: [], Token, TokenRefresher });
page.tryToJoin = (room, options) => {
  const session = open(options);
  return outcomeOf(session.join(room), () => session.state);
};
document.documentElement.dataset['state'] = 'disconnected';
