import { RoomSession, type TokenRequest, tokenEndpoint } from 'room-session';
import { nafJanus } from 'room-session/naf-janus';
import { CallPage } from '../shared/call-page.ts';
import { janusAddress } from '../shared/dev-server.ts';
import { readPageOptions } from '../shared/page-options.ts';
import '../shared/fault-panel.ts';
import '../shared/tiles.ts';
import '../shared/token-timeline.ts';
import { dress, walkWhilePressed } from './avatar.ts';
import { janusFaults } from './faults.ts';

const options = readPageOptions();
const { url, isReal } = await janusAddress();

// The session: it connects the scene of this page. Its tokens come from an endpoint; any function will do as well, see
// other-sources.ts.
const adapter = nafJanus({
  serverUrl: url,
  iceServers: isReal ? undefined : [], // the stand-in is on this machine: no STUN server is needed
  constraints: options.constraints,
  listenOnly: options.listenOnly,
});
const session = new RoomSession({
  adapter,
  tokenSource: tokenEndpoint('/token', {
    body: ({ room, identity }: TokenRequest) => ({ room, identity, backend: 'janus' }),
  }),
});

// Avatars are networked-aframe's. Sound and pictures come as tracks; one participant's are always in the same stream.
const tiles = document.querySelector('room-tiles')!;
session.on('participantJoined', ({ id, name }) => tiles.addParticipant(id, name));
session.on('participantLeft', ({ id }) => tiles.removeParticipant(id));
session.on('trackAdded', ({ participantId, stream }) => tiles.showStream(participantId, stream));
session.on('trackRemoved', ({ participantId, stream }) => tiles.showStream(participantId, stream));
session.on('stateChanged', ({ state, previous }) => {
  if (state === 'connected' && previous !== 'reconnecting') dress(page.identity);
  if (state === 'connected' || state === 'disconnected') tiles.showSelf(session.localStream, page.identity);
});
walkWhilePressed(document.querySelector<HTMLButtonElement>('#walk')!);

// The page: join and leave, microphone and camera, errors; the token's life; the server's faults.
document.querySelector('token-timeline')!.session = session;
const page = new CallPage({ session, options, onDevices: (devices) => tiles.showOwnDevices(devices) });
const panel = document.querySelector('fault-panel')!;
panel.person = () => ({ room: page.room, identity: page.identity });
panel.vendor = janusFaults(async () => {
  const last = session.participants.at(-1);
  if (!last) return 'You are alone here.';
  await session.kick(last.id);
  return `Asked Janus to put ${last.name ?? last.id} out.`;
});
panel.realServer = isReal ? new URL(url).host : undefined;
await panel.start();
