import type { Attempt } from './attempt.ts';
import { type JanusAdapter, networkedAFrame } from './vendor.ts';

/** The vendor's methods that know who is in the room and what is received of them: the session is told, too. */
export function occupants({
  hold,
  people,
  options: { subscribe },
  signal,
}: Attempt): Pick<
  JanusAdapter,
  'addAvailableOccupant' | 'removeAvailableOccupant' | 'removeOccupant' | 'setMediaStream'
> {
  const { vendor, own } = hold;

  function choose(): void {
    if (subscribe) vendor.requestedOccupants = [...subscribe([...vendor.availableOccupants])];
  }

  return {
    addAvailableOccupant(id) {
      // What is still under way in the vendor would add them to the next attempt.
      if (signal.aborted) return;
      own.addAvailableOccupant(id);
      // networked-aframe marks whoever left, and then drops what a returning one tells of itself before we hear it.
      delete networkedAFrame()?.connection.activeDataChannels?.[id];
      people.join(id);
      choose();
    },

    removeAvailableOccupant(id) {
      own.removeAvailableOccupant(id);
      people.leave(id);
      choose();
      if (subscribe) vendor.syncOccupants();
    },

    removeOccupant(id) {
      people.setTracks(id, []);
      own.removeOccupant(id);
    },

    setMediaStream(id, stream) {
      own.setMediaStream(id, stream ?? new MediaStream());
      if (id !== vendor.clientId) people.setTracks(id, stream?.getTracks() ?? []);
    },
  };
}
