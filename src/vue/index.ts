import {
  type DefineSetupFnComponent,
  defineComponent,
  h,
  type MaybeRefOrGetter,
  onMounted,
  onScopeDispose,
  type ShallowRef,
  shallowRef,
  toValue,
  watch,
  watchEffect,
} from 'vue';
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
  readonly identity?: MaybeRefOrGetter<string | undefined>;
  /**
   * Another value leaves and joins again, also the same room: for a person who tries once more, such as a new object at each
   * click on "Join". Default: none.
   */
  readonly joinKey?: MaybeRefOrGetter<unknown>;
}

/**
 * Makes a session with the component, joins `room` when it is mounted and leaves with it. Another `room` leaves the one
 * before; an empty one, `null` or `undefined` means no room. Nothing is joined on a server.
 *
 * Failures are in {@link useConnectionState}. A component that shall outlive a change of routes belongs above the routes.
 *
 * @param create - called once; it must not join
 * @example
 * const session = useRoomSession(() => new RoomSession({ adapter: antMedia({ websocketUrl, load }), tokenSource }), () => props.room);
 * const status = useConnectionState(session);
 * const participants = useParticipants(session);
 */
export function useRoomSession<Vendor>(
  create: () => RoomSession<Vendor>,
  room: MaybeRefOrGetter<string | null | undefined>,
  { identity, joinKey }: UseRoomSessionOptions = {},
): RoomSession<Vendor> {
  const session = create();
  statusOf(session);
  onMounted(() => {
    watch(
      [() => toValue(room), () => toValue(identity), () => toValue(joinKey)] as const,
      ([name, me, key], _, onCleanup) => {
        if (name) onCleanup(stayIn(session, { room: name, identity: me, key }));
      },
      { immediate: true },
    );
  });
  return session;
}

/** Where a session stands, and why. */
export function useConnectionState(session: RoomSession): Readonly<ShallowRef<ConnectionStatus>> {
  return useStore(session, ['stateChanged'], () => statusOf(session));
}

/** The other people in the room. */
export function useParticipants(session: RoomSession): Readonly<ShallowRef<readonly Participant[]>> {
  return useStore(session, participantEvents, () => session.participants);
}

/** The tracks of the other people, for what {@link RoomVideo} does not do. */
export function useTracks(session: RoomSession): Readonly<ShallowRef<readonly ParticipantTrack[]>> {
  return useStore(session, streamEvents, () => session.tracks);
}

/** What {@link RoomVideo} takes besides the attributes of a `video`. */
export interface RoomVideoProps {
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
 * <RoomVideo v-for="{ id } in participants" :key="id" :session="session" :participant-id="id" />
 */
export const RoomVideo: DefineSetupFnComponent<RoomVideoProps> = defineComponent(
  (props: RoomVideoProps) => {
    const video = shallowRef<HTMLVideoElement>();
    const stream = shallowRef<MediaStream>();
    watchEffect((onCleanup) => {
      const { session, participantId } = props;
      const update = () => {
        stream.value = streamOf(session, participantId);
      };
      update();
      onCleanup(onChange(session, streamEvents, update));
    });
    watchEffect(() => {
      if (video.value) video.value.srcObject = stream.value ?? null;
    });
    return () =>
      h('video', {
        ref: video,
        autoplay: true,
        playsinline: true,
        muted: props.participantId === undefined,
      });
  },
  { name: 'RoomVideo', props: ['session', 'participantId'] },
);

function useStore<Value>(
  session: RoomSession,
  events: Parameters<typeof onChange>[1],
  read: () => Value,
): Readonly<ShallowRef<Value>> {
  const value = shallowRef(read()) as ShallowRef<Value>;
  const stop = onChange(session, events, () => {
    value.value = read();
  });
  onScopeDispose(stop);
  return value;
}
