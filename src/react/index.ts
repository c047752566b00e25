import {
  createElement,
  type ReactElement,
  useCallback,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type VideoHTMLAttributes,
} from 'react';
import type { Participant, ParticipantTrack } from '../adapter.ts';
import {
  type ConnectionStatus,
  onChange,
  participantEvents,
  statusOf,
  stayIn,
  streamEvents,
  streamOf,
} from '../bindings.ts';
import type { RoomSession } from '../session.ts';

export type { ConnectionStatus } from '../bindings.ts';

/** How {@link useRoomSession} joins. */
export interface UseRoomSessionOptions {
  /** Who is joining. Another one leaves the room and joins again. Default: the session's `identity`. */
  readonly identity?: string | undefined;
  /**
   * Another value leaves and joins again, also the same room: for a person who tries once more, such as a new object at each
   * click on "Join". Default: none.
   */
  readonly joinKey?: unknown;
}

/**
 * Makes a session with the component, joins `room` and leaves with the component. Another `room` leaves the one before;
 * an empty one, `null` or `undefined` means no room. StrictMode and hot reload change nothing: neither asks for a token
 * or opens a socket again.
 *
 * Failures are in {@link useConnectionState}. A component that shall outlive a change of routes belongs above the routes.
 *
 * @param create - called once for the component (twice in StrictMode, for the first render); it must not join
 * @example
 * const session = useRoomSession(() => new RoomSession({ adapter: antMedia({ websocketUrl, load }), tokenSource }), room);
 * const { state, error } = useConnectionState(session);
 * const participants = useParticipants(session);
 */
export function useRoomSession<Vendor>(
  create: () => RoomSession<Vendor>,
  room: string | null | undefined,
  { identity, joinKey: key }: UseRoomSessionOptions = {},
): RoomSession<Vendor> {
  const [session] = useState(() => {
    const made = create();
    statusOf(made);
    return made;
  });
  useEffect(
    () => (room ? stayIn(session, { room, identity, key }) : undefined),
    [session, room, identity, key],
  );
  return session;
}

/** Where a session stands, and why. */
export function useConnectionState(session: RoomSession): ConnectionStatus {
  return useStore(session, stateEvents, statusOf);
}

/** The other people in the room. */
export function useParticipants(session: RoomSession): readonly Participant[] {
  return useStore(session, participantEvents, readParticipants);
}

/** The tracks of the other people, for what {@link RoomVideo} does not do. */
export function useTracks(session: RoomSession): readonly ParticipantTrack[] {
  return useStore(session, streamEvents, readTracks);
}

/** What {@link RoomVideo} takes besides the attributes of a `video`. */
export interface RoomVideoProps extends VideoHTMLAttributes<HTMLVideoElement> {
  /** The session whose people are shown. */
  readonly session: RoomSession;
  /** Who is seen and heard. Default: we, without sound. */
  readonly participantId?: string | undefined;
}

/**
 * A `video` that plays what a participant sends, sound too, also after a reconnect. It is the self view without a
 * `participantId`.
 *
 * @example
 * {participants.map(({ id }) => <RoomVideo key={id} session={session} participantId={id} />)}
 */
export function RoomVideo({ session, participantId, ...attributes }: RoomVideoProps): ReactElement {
  const read = useCallback((of: RoomSession) => streamOf(of, participantId), [participantId]);
  const stream = useStore(session, streamEvents, read);
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream ?? null;
  }, [stream]);
  const isSelf = participantId === undefined;
  return createElement('video', {
    autoPlay: true,
    playsInline: true,
    muted: isSelf,
    ...attributes,
    ref: video,
  });
}

const stateEvents = ['stateChanged'] as const;
const readParticipants = ({ participants }: RoomSession) => participants;
const readTracks = ({ tracks }: RoomSession) => tracks;

function useStore<Value>(
  session: RoomSession,
  events: Parameters<typeof onChange>[1],
  read: (session: RoomSession) => Value,
): Value {
  const subscribe = useCallback(
    (changed: () => void) => onChange(session, events, changed),
    [session, events],
  );
  const readNow = () => read(session);
  return useSyncExternalStore(subscribe, readNow, readNow);
}
