import { callSafely } from '../../report-error.ts';
import type { AttemptParts } from './attempt-parts.ts';
import { participantOf } from './client-id.ts';
import { type JanusAdapter, networkedAFrame } from './vendor.ts';

type Occupants = Pick<
  JanusAdapter,
  'addAvailableOccupant' | 'removeAvailableOccupant' | 'removeOccupant' | 'setMediaStream'
>;

/** The vendor's methods that know who is in the room and what is received from them: the session is told too. */
export function occupants({
  attempt,
  takenOver: { vendor, own },
  options: { subscribe },
}: AttemptParts): Occupants {
  function choose(): void {
    if (subscribe) vendor.requestedOccupants = [...subscribe([...vendor.availableOccupants])];
  }

  return {
    addAvailableOccupant(id) {
      // The vendor's pending work would add them to the next attempt.
      if (attempt.signal.aborted) return;
      own.addAvailableOccupant(id);
      // networked-aframe marks those who left, and drops what a returning one sends until we hear it.
      delete networkedAFrame()?.connection.activeDataChannels?.[id];
      attempt.participantJoined(participantOf(id));
      choose();
    },

    removeAvailableOccupant(id) {
      own.removeAvailableOccupant(id);
      attempt.participantLeft(id);
      choose();
      if (subscribe) vendor.syncOccupants();
    },

    removeOccupant(id) {
      attempt.tracks(id, []);
      // It removes entities of the scene. An error there must not keep other connections open.
      void callSafely(() => own.removeOccupant(id));
    },

    setMediaStream(id, stream) {
      own.setMediaStream(id, stream ?? new MediaStream());
      if (id !== vendor.clientId) attempt.tracks(id, stream?.getTracks() ?? []);
    },
  };
}
