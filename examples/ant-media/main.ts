import { RoomSession, tokenEndpoint } from 'room-session';
import { antMedia } from 'room-session/ant-media';

const session = new RoomSession({
  adapter: antMedia({
    load: () => import('@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js').then((m) => m.WebRTCAdaptor),
    websocketUrl: `ws://${location.host}/LiveApp/websocket`, // yours: wss://media.example.org:5443/LiveApp/websocket
    iceServers: [], // the demo's server is on this machine; yours: delete this line
  }),
  tokenSource: tokenEndpoint('/token'), // yours: docs/token-servers.md
});
const byId = (id: string) => document.getElementById(id) as HTMLInputElement;
const form = document.forms[0]!;
const showError = (error?: Error) => byId('error').replaceChildren(error?.message ?? '');
const videos = new Map<string, HTMLVideoElement>();
session.on('participantJoined', ({ id, name }) => {
  const video = Object.assign(document.createElement('video'), { autoplay: true, playsInline: true });
  document.body.appendChild(document.createElement('figure')).append(video, name ?? id);
  videos.set(id, video);
});
session.on('participantLeft', ({ id }) => videos.get(id)?.parentElement?.remove());
session.on('trackAdded', ({ participantId, stream }) => {
  videos.get(participantId)!.srcObject = stream;
});
session.on('stateChanged', ({ state, reason, error }) => {
  form.hidden = state !== 'disconnected';
  byId('call').hidden = !form.hidden;
  byId('state').textContent = reason ? `${state}: ${reason}` : state;
  showError(error);
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const { room, name } = Object.fromEntries(new FormData(form)) as { room: string; name: string };
  session.join(room, { identity: name }).catch(() => {}); // stateChanged has the error, too
});
byId('leave').addEventListener('click', () => session.leave());
byId('mute').addEventListener('change', () => session.setMicrophone(!byId('mute').checked).catch(showError));
