import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { ConnectionState, ParticipantTrack, RoomSession } from 'room-session';
import { makeSession } from './session.ts';

export function App() {
  const [room, setRoom] = useState<string>();
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setRoom(String(new FormData(event.currentTarget).get('room')));
  };
  return (
    <>
      <h1>A room</h1>
      {room ? (
        <Call room={room} onLeave={() => setRoom(undefined)} />
      ) : (
        <form onSubmit={onSubmit}>
          <label>
            Room <input name="room" defaultValue="standup" required />
          </label>{' '}
          <button type="submit">Join</button>
        </form>
      )}
    </>
  );
}

function Call({ room, onLeave }: { room: string; onLeave: () => void }) {
  const [session, setSession] = useState<RoomSession>();
  const [state, setState] = useState<ConnectionState>('disconnected');
  const [error, setError] = useState<string>();
  const [tracks, setTracks] = useState<readonly ParticipantTrack[]>([]);

  useEffect(() => {
    const current = makeSession();
    setSession(current);
    current.on('stateChanged', (change) => {
      setState(change.state);
      setError(change.error?.message);
    });
    current.on('trackAdded', () => setTracks(current.tracks));
    current.on('trackRemoved', () => setTracks(current.tracks));
    current.join(room).catch(() => {}); // stateChanged has the error, too
    return () => void current.leave();
  }, [room]);

  const streams = new Map(tracks.map(({ participantId, stream }) => [participantId, stream]));
  return (
    <>
      <p>
        <label>
          <input type="checkbox" onChange={({ target }) => void session?.setMicrophone(!target.checked)} />{' '}
          Mute
        </label>{' '}
        <button type="button" onClick={onLeave}>
          Leave
        </button>
      </p>
      <p role="status">{state}</p>
      <p role="alert">{error}</p>
      {[...streams].map(([id, stream]) => (
        <Video key={id} stream={stream} />
      ))}
    </>
  );
}

function Video({ stream }: { stream: MediaStream }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  // biome-ignore lint/a11y/useMediaCaption: a call has no captions
  return <video ref={video} autoPlay playsInline />;
}
