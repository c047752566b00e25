import { type ParticipantTrack, RoomSession, tokenEndpoint } from 'room-session';
import { antMedia } from 'room-session/ant-media';
import { CallPage } from '../shared/call-page.ts';
import { mediaServerAddress } from '../shared/dev-server.ts';
import { readPageOptions } from '../shared/page-options.ts';
import '../shared/fault-panel.ts';
import '../shared/tiles.ts';
import '../shared/token-timeline.ts';
import { antMediaFaults } from './faults.ts';

const options = readPageOptions();
const { websocketUrl, isReal } = await mediaServerAddress();

// The session: how to get into the room, and where its tokens come from.
const adapter = antMedia({
  load: () => import('@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js').then((m) => m.WebRTCAdaptor),
  websocketUrl,
  iceServers: isReal ? undefined : [], // the stand-in is on this machine: no STUN server is needed
  constraints: options.constraints,
  listenOnly: options.listenOnly,
  oneTimeTokens: options.oneTime,
});
const session = new RoomSession({ adapter, tokenSource: tokenEndpoint('/token') });

// Who is in the room. The tracks of one participant are always in the same stream.
const tiles = document.querySelector('room-tiles')!;
session.on('participantJoined', ({ id, name }) => tiles.addParticipant(id, name));
session.on('participantLeft', ({ id }) => tiles.removeParticipant(id));
// In a room in slots, sound has the room's name until the server says whose it is. It is heard all the same.
const roomSound = Object.assign(document.createElement('audio'), { autoplay: true });
const show = ({ participantId, stream }: ParticipantTrack) => {
  if (participantId === session.room) roomSound.srcObject = stream;
  else tiles.showStream(participantId, stream);
};
session.on('trackAdded', show);
session.on('trackRemoved', show);
session.on('stateChanged', ({ state }) => {
  if (state === 'connected' || state === 'disconnected') tiles.showSelf(session.localStream, page.identity);
});

// The page: join and leave, microphone and camera, errors; the token's life; the server's faults.
const timeline = document.querySelector('token-timeline')!;
timeline.session = session;
timeline.oneTime = options.oneTime;
const page = new CallPage({ session, options, onDevices: (devices) => tiles.showOwnDevices(devices) });
const panel = document.querySelector('fault-panel')!;
panel.person = () => ({ room: page.room, identity: page.identity });
panel.vendor = antMediaFaults;
panel.realServer = isReal ? new URL(websocketUrl).host : undefined;
await panel.start();
