import { RoomSession, tokenEndpoint } from 'room-session';
import { jitsi } from 'room-session/jitsi';

const byId = (id: string) => document.getElementById(id) as HTMLInputElement;
const form = document.forms[0]!;
const showError = (error?: Error) => byId('error').replaceChildren(error?.message ?? '');
const session = new RoomSession({
  adapter: jitsi({
    domain: `127.0.0.1:${location.port}/jitsi`, // yours: meet.example.org
    parentNode: byId('meeting'),
  }),
  tokenSource: tokenEndpoint('/token?backend=jitsi'), // yours: docs/token-servers.md
});

// The others are seen and heard inside the frame. This lists their names.
const listOthers = () => {
  byId('others').textContent = session.participants.map(({ id, name }) => name ?? id).join(', ');
};
session.on('participantJoined', listOthers);
session.on('participantLeft', listOthers);
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
