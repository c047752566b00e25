import { RoomSession, tokenEndpoint } from 'room-session';
import { liveKit } from './livekit.ts';

const session = new RoomSession({
  adapter: liveKit('ws://127.0.0.1:7880'), // yours: wss://livekit.example.org
  tokenSource: tokenEndpoint('/livekit-token'), // yours: README.md
});
const byId = (id: string) => document.getElementById(id) as HTMLInputElement;
const form = document.forms[0]!;
const showError = (error?: Error) => byId('error').replaceChildren(error?.message ?? '');
const videos = new Map<string, HTMLVideoElement>();
session.on('participantJoined', ({ id, name }) => {
  const video = Object.assign(document.createElement('video'), { autoplay: true, playsInline: true });
  byId('others')
    .appendChild(document.createElement('figure'))
    .append(video, name || id);
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
