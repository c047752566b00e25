import { callSafely } from '../../report-error.ts';
import { isId, mostParticipants } from '../../untrusted.ts';
import type { AttemptParts } from './attempt-parts.ts';
import { participantOf } from './client-id.ts';
import type { Infos } from './messages.ts';
import { type JanusAdapter, networkedAFrame } from './vendor.ts';

type Occupants = Pick<
  JanusAdapter,
  'addAvailableOccupant' | 'removeAvailableOccupant' | 'syncOccupants' | 'removeOccupant' | 'setMediaStream'
>;

/**
 * The vendor's methods that know who is in the room and what is received from them: the session is told too. They call the
 * scene and the app, whose errors are reported. Where the vendor's own list is wrong afterwards, another attempt makes a new one.
 */
export function occupants(
  { attempt, takenOver: { vendor, own }, options: { subscribe }, lost }: AttemptParts,
  infos: Infos,
): Occupants {
  function choose(): void {
    if (subscribe) vendor.requestedOccupants = [...subscribe([...vendor.availableOccupants])];
  }

  function check(isRight: boolean): void {
    if (!isRight) lost('the vendor did not take a change of who is in the room');
  }

  const isAvailable = (id: string) => vendor.availableOccupants.includes(id);

  return {
    addAvailableOccupant(id) {
      // The vendor's pending work would add them to the next attempt.
      const isFull = vendor.availableOccupants.length >= mostParticipants;
      if (attempt.signal.aborted || !isId(id) || (isFull && !isAvailable(id))) return;
      void callSafely(() => own.addAvailableOccupant(id));
      // networked-aframe marks those who left, and drops what a returning one sends until we hear it.
      delete networkedAFrame()?.connection.activeDataChannels?.[id];
      attempt.participantJoined({ ...participantOf(id), ...infos.get(id) });
      check(isAvailable(id));
      choose();
    },

    removeAvailableOccupant(id) {
      void callSafely(() => own.removeAvailableOccupant(id));
      attempt.participantLeft(id);
      check(!isAvailable(id));
      choose();
      if (subscribe) vendor.syncOccupants();
    },

    syncOccupants(ids) {
      void callSafely(() => own.syncOccupants(ids));
      const isPending = (id: string) => !vendor.occupants[id] && !vendor.pendingOccupants.has(id);
      check(!vendor.requestedOccupants?.some((id) => isAvailable(id) && isPending(id)));
    },

    removeOccupant(id) {
      attempt.tracks(id, []);
      // It removes entities of the scene. An error there must not keep other connections open.
      void callSafely(() => own.removeOccupant(id));
      const { occupants, occupantIds, pendingOccupants } = vendor;
      pendingOccupants.delete(id);
      if (!occupants[id]) return;
      // It threw half-way. Another attempt must not take them for heard.
      occupants[id].conn.close();
      delete occupants[id];
      occupantIds.splice(occupantIds.indexOf(id), 1);
    },

    setMediaStream(id, stream) {
      void callSafely(() => own.setMediaStream(id, stream ?? new MediaStream()));
      if (id !== vendor.clientId) attempt.tracks(id, stream?.getTracks() ?? []);
    },
  };
}
