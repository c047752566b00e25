import { RoomSession, type TokenRequest, tokenEndpoint } from 'room-session';
import { jitsi } from 'room-session/jitsi';
import { CallPage } from '../shared/call-page.ts';
import { jitsiDeployment } from '../shared/dev-server.ts';
import { readPageOptions } from '../shared/page-options.ts';
import '../shared/fault-panel.ts';
import '../shared/token-timeline.ts';
import { jitsiFaults } from './faults.ts';

const options = readPageOptions();
const { domain, tenant, isReal } = await jitsiDeployment();
const byId = <Kind extends HTMLElement>(id: string) => document.getElementById(id) as Kind;
const role = byId<HTMLSelectElement>('role');
role.value = new URLSearchParams(location.search).get('role') ?? 'participant';

// The session: the meeting is in a frame inside the box, and stays there however long its token is over.
let frames = 0;
const session = new RoomSession({
  adapter: jitsi({
    domain,
    tenant: tenant ?? undefined,
    parentNode: byId('meeting'),
    configOverwrite: { startWithVideoMuted: !options.video, startWithAudioMuted: options.listenOnly },
    onVendor: () => {
      frames += 1;
      showFrames();
    },
  }),
  // The endpoint answers a guest with null: no token.
  tokenSource: tokenEndpoint('/token', {
    body: ({ room, identity }: TokenRequest) => ({
      room: tenant ? `${tenant}/${room}` : room,
      identity,
      backend: 'jitsi',
      role: role.value,
    }),
  }),
});

// Who else is there; their pictures and voices are inside the frame.
const showWho = () => {
  const names = session.participants.map(({ id, name }) => name ?? id);
  byId('who').textContent = names.length > 0 ? `With you: ${names.join(', ')}` : '';
};
session.on('participantJoined', showWho);
session.on('participantLeft', showWho);
session.on('stateChanged', ({ previous }) => {
  if (previous === 'disconnected') frames = 0;
  showFrames();
});

function showFrames(): void {
  const isThere = session.state === 'connected' || session.state === 'reconnecting';
  const words =
    role.value === 'guest'
      ? 'A guest’s frame has no token that could end.'
      : frames === 1
        ? 'One frame since you joined: tokens come and go, and it is never loaded again.'
        : `The ${frames === 2 ? '2nd' : frames === 3 ? '3rd' : `${frames}th`} frame since you joined: each with a token that was valid when it was made.`;
  byId('frames').textContent = isThere ? words : '';
}

// The page: join and leave, microphone and camera, errors; the token's life; the server's faults.
document.querySelector('token-timeline')!.session = session;
const page = new CallPage({ session, options });
const panel = document.querySelector('fault-panel')!;
panel.person = () => ({ room: page.room, identity: page.identity });
panel.vendor = jitsiFaults;
panel.realServer = isReal ? domain : undefined;
await panel.start();
