import type { ConnectAttempt } from '../../adapter.ts';
import type { VendorDetail } from './vendor.ts';

/** A track of the room's connection. */
interface RoomTrack {
  readonly track: MediaStreamTrack;
  /** `undefined` while its slot is free. */
  participantId: string | undefined;
}

/** The participant in a slot, `undefined` while it is free. */
interface Assignment {
  readonly label: string;
  readonly participantId: string | undefined;
}

/** `ARDAMSv` or `ARDAMSa`, before the participant's stream id or the name of a slot. */
const prefixLength = 7;
/** With the app setting `maxVideoTrackCount` the server sends slots, and its data channel names the participant in each. */
const isSlot = (trackId: string): boolean => /^.{7}(video|audio)Track\d+$/.test(trackId);

/** Tells an attempt which track belongs to which participant. Ant Media sends all tracks in one stream. */
export class RoomTracks {
  readonly #attempt: ConnectAttempt;
  /** Our own stream id. Our own tracks may come back to us; they belong to no participant. */
  readonly #me: string;
  readonly #tracks = new Map<string, RoomTrack>();
  /** The participant in each slot, also before its track arrives. */
  readonly #slots = new Map<string, string | undefined>();

  constructor(attempt: ConnectAttempt, me: string) {
    this.#attempt = attempt;
    this.#me = me;
  }

  /** A track arrived (`newTrackAvailable`). */
  add({ trackId, track, stream }: VendorDetail): void {
    const label = trackId.slice(prefixLength);
    const before = this.#tracks.get(trackId)?.participantId;
    const roomTrack = { track, participantId: isSlot(trackId) ? this.#slots.get(label) : label };
    this.#tracks.set(trackId, roomTrack);
    this.#tell(before, roomTrack.participantId);
    const remove = () => this.#remove(trackId, roomTrack);
    const { signal } = this.#attempt;
    stream.addEventListener('removetrack', (event) => event.track === track && remove(), { signal });
    track.addEventListener('ended', remove, { signal });
  }

  /** The server names the participants in these slots. */
  assign(assignments: readonly Assignment[]): void {
    for (const { label, participantId } of assignments) {
      this.#slots.set(label, participantId);
      for (const [trackId, roomTrack] of this.#tracks) {
        if (trackId.slice(prefixLength) === label) this.#give(roomTrack, participantId);
      }
    }
    // The list of videos has all participants who are in one; audio comes one by one.
    if (assignments.some(({ label }) => /^video/.test(label))) this.#attempt.participantsComplete();
  }

  join(participantId: string): void {
    if (participantId !== this.#me) this.#attempt.participantJoined({ id: participantId });
  }

  leave(participantId: string): void {
    for (const roomTrack of this.#tracks.values()) {
      if (roomTrack.participantId === participantId) roomTrack.participantId = undefined;
    }
    for (const [label, id] of this.#slots) if (id === participantId) this.#slots.set(label, undefined);
    this.#attempt.participantLeft(participantId);
  }

  /** The room is empty. */
  clear(): void {
    this.#tracks.clear();
    this.#slots.clear();
    this.#attempt.participants([]);
  }

  /** The server has sent all it has. With slots it names the participants later. */
  complete(): void {
    const isUnknown = ([trackId, { participantId }]: [string, RoomTrack]) =>
      isSlot(trackId) && !participantId;
    if (![...this.#tracks].some(isUnknown)) this.#attempt.participantsComplete();
  }

  #give(roomTrack: RoomTrack, participantId: string | undefined): void {
    const before = roomTrack.participantId;
    if (before === participantId) return;
    roomTrack.participantId = participantId;
    this.#tell(before, participantId);
  }

  #remove(trackId: string, roomTrack: RoomTrack): void {
    // A track of an earlier offer may end after its successor arrived.
    if (this.#tracks.get(trackId) !== roomTrack) return;
    const { participantId } = roomTrack;
    this.#tracks.delete(trackId);
    if (!participantId || participantId === this.#me) return;
    if (this.#tracksOf(participantId).length === 0) this.leave(participantId);
    else this.#tell(participantId);
  }

  /** Tells the attempt the tracks of these participants. */
  #tell(...participantIds: (string | undefined)[]): void {
    for (const id of participantIds) {
      if (id && id !== this.#me) this.#attempt.tracks(id, this.#tracksOf(id));
    }
  }

  #tracksOf(participantId: string): MediaStreamTrack[] {
    const all = [...this.#tracks.values()];
    return all.filter((known) => known.participantId === participantId).map(({ track }) => track);
  }
}

/** Reads `VIDEO_TRACK_ASSIGNMENT_LIST` and `AUDIO_TRACK_ASSIGNMENT` of the server's data channel; other messages are the app's. */
export function readAssignments(text: unknown): Assignment[] {
  try {
    if (/TRACK_ASSIGNMENT/.test(text as string)) {
      return [JSON.parse(text as string).payload].flat().map((entry) => {
        const { videoLabel, audioLabel, trackId } = Object(entry);
        return { label: videoLabel ?? audioLabel, participantId: trackId || undefined };
      });
    }
  } catch {}
  return [];
}
