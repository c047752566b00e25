import type { RoomSessionEvents } from './events.ts';
import type { Participant, ParticipantInfo, ParticipantTrack } from './participant.ts';
import { cut, isId, mostParticipants } from './untrusted.ts';
import { type ParticipantEvent, type View, withSource } from './view.ts';

/** Tells an event of participants or tracks. */
export type ParticipantEmit = <Name extends ParticipantEvent>(
  event: Name,
  payload: RoomSessionEvents[Name],
) => void;

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
  #speakers: readonly string[] = [];
  readonly #emit: ParticipantEmit;
  readonly #view: Pick<View, 'show'>;
  readonly #me: { readonly participant: Participant | undefined };

  /** @param me who may speak too */
  constructor(
    emit: ParticipantEmit,
    view: Pick<View, 'show'>,
    me: { readonly participant: Participant | undefined },
  ) {
    this.#emit = emit;
    this.#view = view;
    this.#me = me;
  }

  join(participant: ParticipantInfo): void {
    this.#confirm(participant);
  }

  /** Something changed of one who is known. */
  update(participant: ParticipantInfo): void {
    const known = this.#entries.get(participant.id);
    if (known) this.#update(known, participant);
  }

  leave(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#setTracks(id, entry, []);
    this.#entries.delete(id);
    this.#emit('participantLeft', entry.participant);
    this.setSpeakers(this.#speakers);
  }

  /** These and no others are here. */
  set(list: readonly ParticipantInfo[]): void {
    const here = new Set(list.map(({ id }) => id));
    for (const id of [...this.#entries.keys()]) if (!here.has(id)) this.leave(id);
    for (const participant of list) this.join(participant);
  }

  /** These speak now, and no others. */
  setSpeakers(ids: readonly string[]): void {
    const here = [...this.#entries.values(), this.#me].flatMap(({ participant }) => participant ?? []);
    const speakers = here.filter(({ id }) => ids.includes(id));
    const before = this.#speakers;
    this.#speakers = speakers.map(({ id }) => id);
    if (`${before}` !== `${this.#speakers}`) this.#emit('speakersChanged', { speakers });
  }

  /** These are all tracks of that participant now, who joins with the first one. */
  setTracks(id: string, tracks: readonly MediaStreamTrack[]): void {
    const entry = tracks.length > 0 ? this.#confirm({ id }) : this.#entries.get(id);
    if (entry) this.#setTracks(id, entry, tracks);
  }

  /** These are all tracks now of which it is not known whose they are. They have the room's name. */
  setRoomTracks(room: string, tracks: readonly MediaStreamTrack[]): void {
    this.#room ??= this.#newEntry({ id: room });
    this.#setTracks(room, this.#room, tracks);
  }

  /** Whose track it is. */
  ownerOf(track: MediaStreamTrack): string | undefined {
    return [...this.#entries].find(([, { tracks }]) => tracks.has(track))?.[0];
  }

  /** The connection is lost and all tracks with it. The participants may still be there. */
  lost(): void {
    this.setSpeakers([]);
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
    this.setSpeakers([]);
    for (const id of [...this.#entries.keys()]) this.leave(id);
    this.#removeRoomTracks();
    this.#room = undefined;
  }

  #removeRoomTracks(): void {
    if (this.#room) this.#setTracks(this.#room.participant.id, this.#room, []);
  }

  /** `undefined` where it cannot be a participant, or there are too many. */
  #confirm(participant: ParticipantInfo): Entry | undefined {
    const known = this.#entries.get(participant.id);
    if (known) {
      known.confirmed = true;
      this.#update(known, participant);
      return known;
    }
    // An adapter that gives none at all is a mistake that must show: the contract suite looks for it.
    const isForged = participant.id && !isId(participant.id);
    if (isForged || this.#entries.size >= mostParticipants) return undefined;
    const entry = this.#newEntry(inBounds(participant));
    this.#entries.set(participant.id, entry);
    this.#emit('participantJoined', entry.participant);
    return entry;
  }

  /** An adapter that names a participant again without a name does not take the name away. */
  #update(known: Entry, participant: ParticipantInfo): void {
    const info = merge<ParticipantInfo>(known.participant, inBounds(participant));
    if (!info) return;
    known.participant = this.#view.show(info);
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
      const added = withSource(
        { participantId, track, stream: entry.stream },
        () => !!entry.participant.screen,
      );
      entry.tracks.set(track, added);
      this.#emit('trackAdded', added);
    }
  }

  #newEntry(info: ParticipantInfo): Entry {
    return { participant: this.#view.show(info), tracks: new Map(), stream: undefined, confirmed: true };
  }
}

const longestMetadata = 16_384;

/** What a participant says of itself, without what is too long or no text. An `identity` is never a part of one. */
function inBounds({ identity, name, metadata, ...more }: ParticipantInfo): ParticipantInfo {
  return {
    ...more,
    ...(isId(identity) && { identity }),
    ...(name && { name: cut(name) }),
    ...(metadata && JSON.stringify(metadata).length <= longestMetadata && { metadata }),
  };
}

/** What is new in `info` put into what is known; `undefined` where nothing is. */
export function merge<Info extends object>(known: Info, info: Partial<Info>): Info | undefined {
  const changes = Object.entries(info).filter(([name, value]) => {
    const before: unknown = Reflect.get(known, name);
    return value !== undefined && JSON.stringify(value) !== JSON.stringify(before);
  });
  return changes.length > 0 ? { ...known, ...Object.fromEntries(changes) } : undefined;
}
