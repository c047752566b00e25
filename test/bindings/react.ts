import { createElement, Fragment, lazy, type ReactNode, StrictMode, Suspense, useState } from 'react';
import { createRoot } from 'react-dom/client';
import type { RoomSession } from 'room-session';
import { RoomVideo, useConnectionState, useParticipants, useRoomSession } from 'room-session/react';
import { type Mount, type MountOptions, words } from './mounted.ts';

interface CallProps extends Omit<MountOptions, 'suspended'> {
  readonly joinKey: unknown;
  readonly onSession: (session: RoomSession) => void;
}

function Call({ create, room, identity, joinKey, onSession }: CallProps): ReactNode {
  const session = useRoomSession(create, room, { identity, joinKey });
  onSession(session);
  const participants = useParticipants(session);
  return createElement(
    Fragment,
    null,
    createElement('p', null, words(useConnectionState(session), participants)),
    createElement(RoomVideo, { session, className: 'self' }),
    participants.map(({ id }) => createElement(RoomVideo, { session, participantId: id, key: id })),
  );
}

const Status = ({ session }: { session: RoomSession }) =>
  createElement('output', null, words(useConnectionState(session), []));

/** A component that is loaded first. */
const Later = lazy(async () => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { default: () => createElement('i') };
});

/** Mounts a component in StrictMode, below a Suspense. */
export const mount: Mount = ({ room: first, suspended = false, ...options }) => {
  const element = document.body.appendChild(document.createElement('main'));
  const root = createRoot(element);
  let change: (room: string | undefined) => void = () => {};
  let showStatus: () => void = () => {};
  let joinAgain: () => void = () => {};
  let session: RoomSession | undefined;
  const App = () => {
    const [room, setRoom] = useState(first);
    const [hasStatus, setHasStatus] = useState(false);
    const [joinKey, setJoinKey] = useState({});
    change = setRoom;
    joinAgain = () => setJoinKey({});
    showStatus = () => setHasStatus(true);
    const onSession = (made: RoomSession) => {
      session = made;
    };
    return createElement(
      Suspense,
      { fallback: '…' },
      createElement(Call, { ...options, room, joinKey, onSession }),
      suspended && createElement(Later),
      hasStatus && session && createElement(Status, { session }),
    );
  };
  root.render(createElement(StrictMode, null, createElement(App)));
  return {
    element,
    setRoom: (room) => change(room),
    joinAgain: () => joinAgain(),
    showStatus: () => showStatus(),
    unmount: () => root.unmount(),
  };
};
