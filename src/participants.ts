import type { Participant, ParticipantTrack } from './adapter.ts';
import type { RoomSessionEvents } from './events.ts';
import type { ParticipantEvent } from './view.ts';

type Emit = <Name extends ParticipantEvent>(event: Name, payload: RoomSessionEvents[Name]) => void;

/** A participant, with the one stream that all tracks of theirs go into. */
interface Entry {
  participant: Participant;
  readonly tracks: Map<MediaStreamTrack, ParticipantTrack>;
  /** Made with the first track, and kept over reconnects. */
  stream: MediaStream | undefined;
  /** False after a lost connection, until the backend names the participant again. */
  confirmed: boolean;
}

/** The other people in a room and their tracks. Each is told once, however often an adapter names it. */
export class Participants {
  readonly #entries = new Map<string, Entry>();
  /** Tracks of which it is not known whose they are. */
  #room: Entry | undefined;
  readonly #emit: Emit;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  join(participant: Participant): void {
    this.#confirm(participant);
  }

  leave(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#setTracks(id, entry, []);
    this.#entries.delete(id);
    this.#emit('participantLeft', entry.participant);
  }

  /** These and no others are here. */
  set(list: readonly Participant[]): void {
    const here = new Set(list.map(({ id }) => id));
    for (const id of [...this.#entries.keys()]) if (!here.has(id)) this.leave(id);
    for (const participant of list) this.join(participant);
  }

  /** These are all tracks of that participant now, who joins with the first one. */
  setTracks(id: string, tracks: readonly MediaStreamTrack[]): void {
    const entry = tracks.length > 0 ? this.#confirm({ id }) : this.#entries.get(id);
    if (entry) this.#setTracks(id, entry, tracks);
  }

  /** These are all tracks now of which it is not known whose they are. They have the room's name. */
  setRoomTracks(room: string, tracks: readonly MediaStreamTrack[]): void {
    this.#room ??= newEntry({ id: room });
    this.#setTracks(room, this.#room, tracks);
  }

  /** The connection is lost and all tracks with it. The participants may still be there. */
  lost(): void {
    for (const [id, entry] of this.#entries) {
      entry.confirmed = false;
      this.#setTracks(id, entry, []);
    }
    this.#removeRoomTracks();
  }

  /** The backend has named all who are here. Those who were not named again have left meanwhile. */
  complete(): void {
    for (const [id, { confirmed }] of [...this.#entries]) if (!confirmed) this.leave(id);
  }

  /** The join has ended: all have left, as seen from here. */
  clear(): void {
    for (const id of [...this.#entries.keys()]) this.leave(id);
    this.#removeRoomTracks();
    this.#room = undefined;
  }

  #removeRoomTracks(): void {
    if (this.#room) this.#setTracks(this.#room.participant.id, this.#room, []);
  }

  #confirm(participant: Participant): Entry {
    const known = this.#entries.get(participant.id);
    if (known) {
      known.confirmed = true;
      this.#rename(known, participant);
      return known;
    }
    const entry = newEntry(participant);
    this.#entries.set(participant.id, entry);
    this.#emit('participantJoined', participant);
    return entry;
  }

  /** An adapter that names a participant again without a name does not take the name away. */
  #rename(known: Entry, { name }: Participant): void {
    if (name === undefined || name === known.participant.name) return;
    known.participant = { ...known.participant, name };
    this.#emit('participantUpdated', known.participant);
  }

  #setTracks(participantId: string, entry: Entry, tracks: readonly MediaStreamTrack[]): void {
    for (const [track, known] of [...entry.tracks]) {
      if (tracks.includes(track)) continue;
      entry.tracks.delete(track);
      this.#emit('trackRemoved', known);
    }
    for (const track of tracks) {
      if (entry.tracks.has(track)) continue;
      entry.stream ??= new MediaStream();
      const added = { participantId, track, stream: entry.stream };
      entry.tracks.set(track, added);
      this.#emit('trackAdded', added);
    }
  }
}

const newEntry = (participant: Participant): Entry => ({
  participant,
  tracks: new Map(),
  stream: undefined,
  confirmed: true,
});
