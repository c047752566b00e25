import type { RoomSession } from 'room-session';
import { RoomVideo, useConnectionState, useParticipants, useRoomSession } from 'room-session/vue';
import { createApp, defineAsyncComponent, defineComponent, h, ref, shallowRef } from 'vue';
import { type Mount, words } from './mounted.ts';

const Status = defineComponent({
  props: { session: { type: Object, required: true } },
  setup({ session }) {
    const status = useConnectionState(session as RoomSession);
    return () => h('output', words(status.value, []));
  },
});

/** Mounts a component. */
export const mount: Mount = ({ room: first, create, identity, suspended = false }) => {
  const element = document.body.appendChild(document.createElement('main'));
  const room = ref(first);
  const joinKey = ref({});
  const hasStatus = ref(false);
  const session = shallowRef<RoomSession>();
  const Call = defineComponent(() => {
    const made = useRoomSession(create, room, { identity: () => identity, joinKey });
    session.value = made;
    const status = useConnectionState(made);
    const participants = useParticipants(made);
    return () => [
      h('p', words(status.value, participants.value)),
      h(RoomVideo, { session: made, class: 'self' }),
      participants.value.map(({ id }) => h(RoomVideo, { session: made, participantId: id, key: id })),
    ];
  });
  const Shown = suspended
    ? defineAsyncComponent(() => new Promise<typeof Call>((resolve) => setTimeout(() => resolve(Call), 50)))
    : Call;
  const app = createApp(() => [
    h(Shown),
    hasStatus.value && session.value ? h(Status, { session: session.value }) : undefined,
  ]);
  app.mount(element);
  return {
    element,
    setRoom(next) {
      room.value = next;
    },
    joinAgain() {
      joinKey.value = {};
    },
    showStatus() {
      hasStatus.value = true;
    },
    unmount: () => app.unmount(),
  };
};
