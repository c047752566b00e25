import { type FormEvent, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { RoomSession, tokenEndpoint } from 'room-session';
import { antMedia } from 'room-session/ant-media';
import { RoomVideo, useConnectionState, useParticipants, useRoomSession } from 'room-session/react';

const createSession = () =>
  new RoomSession({
    adapter: antMedia({
      load: () => import('@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js').then((m) => m.WebRTCAdaptor),
      websocketUrl: `ws://${location.host}/LiveApp/websocket`, // yours: wss://media.example.org:5443/LiveApp/websocket
      iceServers: [], // the demo's server is on this machine; yours: delete this line
    }),
    tokenSource: tokenEndpoint('/token'), // yours: docs/token-servers.md
  });

function App() {
  const [call, setCall] = useState<{ room: string; name: string }>();
  const session = useRoomSession(createSession, call?.room, { identity: call?.name, joinKey: call });
  const { state, reason, error } = useConnectionState(session);
  const participants = useParticipants(session);

  const join = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { room = '', name = '' } = Object.fromEntries(new FormData(event.currentTarget)) as Record<
      string,
      string
    >;
    setCall({ room, name });
  };
  const isOut = state === 'disconnected';
  return (
    <>
      <form onSubmit={join} hidden={!isOut}>
        <p>
          <label>
            Room <input name="room" defaultValue="demo" size={12} required />
          </label>
        </p>
        <p>
          <label>
            Name <input name="name" size={12} required />
          </label>{' '}
          <button type="submit">Join</button>
        </p>
      </form>
      <p hidden={isOut}>
        <label>
          <input type="checkbox" onChange={(event) => session.setMicrophone(!event.target.checked)} /> Mute
        </label>{' '}
        <button type="button" onClick={() => setCall(undefined)}>
          Leave
        </button>
      </p>
      <p id="state" role="status">
        {reason ? `${state}: ${reason}` : state}
      </p>
      <p id="error" role="alert" style={{ color: 'firebrick' }}>
        {error?.message}
      </p>
      {participants.map(({ id, name }) => (
        <figure key={id}>
          <RoomVideo session={session} participantId={id} />
          {name ?? id}
        </figure>
      ))}
    </>
  );
}

createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
