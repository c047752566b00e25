import { RoomSession, tokenEndpoint } from 'room-session';
import { nafJanus } from 'room-session/naf-janus';

const session = new RoomSession({
  adapter: nafJanus({ serverUrl: '/janus' }), // yours: wss://janus.example.org/janus
  tokenSource: tokenEndpoint('/token?backend=janus'), // yours: docs/token-servers.md
});
const byId = (id: string) => document.getElementById(id) as HTMLInputElement;
const form = document.forms[0]!;
const showError = (error?: Error) => byId('error').replaceChildren(error?.message ?? '');
byId('me').setAttribute('position', `${4 * Math.random() - 2} 1.5 ${Math.random()}`);

// networked-aframe shows the others as avatars. Their voices are tracks.
session.on('trackAdded', ({ track, stream }) => {
  if (track.kind === 'audio') Object.assign(new Audio(), { srcObject: stream }).play();
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
