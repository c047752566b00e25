import type { ConnectAttempt } from '../../adapter.ts';
import type { RoomMessage } from './room-messages.ts';
import type { VendorDetail } from './vendor.ts';

/** A slot of the room, such as `videoTrack0`. */
interface Slot {
  readonly kind: 'video' | 'audio';
  /** Whom the server put into it. */
  participantId: string | undefined;
  /** Whom a message put into it and the server has not named as a participant. It may be a forged one. */
  nextId: string | undefined;
  /** An audio slot that changed hands once. The server moves it to each new speaker, so it has no owner from then on. */
  isShared: boolean;
}

/** A track of the room's connection. */
interface RoomTrack {
  readonly track: MediaStreamTrack;
  readonly label: string;
  readonly isSlot: boolean;
}

/** What {@link RoomTracks} knows of the participants. */
interface Known {
  readonly ids: ReadonlySet<string>;
}

/** `ARDAMSv` or `ARDAMSa`, before the participant's stream id or the name of a slot. */
const prefixLength = 7;
const slotPattern = /^(video|audio)Track\d+$/;

/**
 * Tells an attempt which track belongs to which participant. Ant Media sends all tracks in one stream. Up to 2.9 a track
 * has its participant's name; since then it is a slot, and the data channel says whose it is now.
 */
export class RoomTracks {
  readonly #attempt: ConnectAttempt;
  /** Our own stream id. Our own tracks may come back to us; they belong to no participant. */
  readonly #me: string;
  readonly #known: Known;
  readonly #tracks = new Map<string, RoomTrack>();
  /** Also before their tracks arrive. */
  readonly #slots = new Map<string, Slot>();
  /** What the attempt was told of each participant. */
  readonly #told = new Map<string, readonly MediaStreamTrack[]>();
  /** Called when a participant with tracks of their own name has lost the last one. */
  onEmpty: (participantId: string) => void = () => {};

  constructor(attempt: ConnectAttempt, me: string, known: Known) {
    this.#attempt = attempt;
    this.#me = me;
    this.#known = known;
  }

  /** A track arrived (`newTrackAvailable`). Returns the participant in its name, `undefined` for a slot. */
  add({ trackId, track, stream }: VendorDetail): string | undefined {
    const label = trackId.slice(prefixLength);
    const roomTrack = { track, label, isSlot: slotPattern.test(label) };
    this.#tracks.set(trackId, roomTrack);
    if (roomTrack.isSlot) this.#slot(label);
    this.update();
    const remove = () => {
      // A track of an earlier offer may end after its successor arrived.
      if (this.#tracks.get(trackId) === roomTrack) this.#remove(trackId, roomTrack);
    };
    const { signal } = this.#attempt;
    stream.addEventListener('removetrack', (event) => event.track === track && remove(), { signal });
    track.addEventListener('ended', remove, { signal });
    return roomTrack.isSlot ? undefined : label;
  }

  /** The server names the participants in these slots. Returns whether that is new. */
  assign({ assignments }: RoomMessage): boolean {
    let isNew = false;
    for (const { label, participantId } of assignments) {
      // We do not come back to ourselves in a slot; a message that says so is not the server's.
      if (participantId === this.#me) continue;
      const slot = this.#slot(label);
      slot.nextId = undefined;
      if (participantId && !this.#known.ids.has(participantId)) slot.nextId = participantId;
      else if (this.#give(slot, participantId)) isNew = true;
    }
    this.update();
    return isNew;
  }

  #give(slot: Slot, participantId: string | undefined): boolean {
    const before = slot.participantId;
    if (slot.isShared || before === participantId) return false;
    slot.isShared = slot.kind === 'audio' && before !== undefined;
    slot.participantId = slot.isShared ? undefined : participantId;
    return true;
  }

  /** Takes their tracks and slots from who left. */
  leave(participantId: string): void {
    for (const [trackId, { label, isSlot }] of [...this.#tracks]) {
      if (!isSlot && label === participantId) this.#tracks.delete(trackId);
    }
    for (const slot of this.#slots.values()) {
      if (slot.participantId === participantId) slot.participantId = undefined;
    }
  }

  /** The room is empty. */
  clear(): void {
    this.#tracks.clear();
    this.#slots.clear();
    this.update();
  }

  /** Whether a video slot's track is here of which the server has not said whose it is. */
  get hasNamelessVideo(): boolean {
    return [...this.#tracks.values()].some(
      ({ label, isSlot, track }) =>
        isSlot && track.kind === 'video' && !this.#slots.get(label)?.participantId,
    );
  }

  /** Whether this participant has a track, or a slot that is theirs. */
  has(participantId: string): boolean {
    return [...this.#tracks.values()].some((known) => this.#ownerOf(known) === participantId);
  }

  /** Whether a track has this participant's name. */
  hasNamed(participantId: string): boolean {
    return [...this.#tracks.values()].some(({ label, isSlot }) => !isSlot && label === participantId);
  }

  /** Tells the attempt what has changed: first what is gone, then what is new. */
  update(): void {
    for (const slot of this.#slots.values()) {
      if (!slot.nextId || !this.#known.ids.has(slot.nextId)) continue;
      this.#give(slot, slot.nextId);
      slot.nextId = undefined;
    }
    const now = new Map<string, MediaStreamTrack[]>([...this.#told.keys()].map((id) => [id, []]));
    for (const roomTrack of this.#tracks.values()) {
      const { label, isSlot, track } = roomTrack;
      const owner = this.#ownerOf(roomTrack);
      const list = isSlot && !owner && track.kind === 'audio' ? this.#attempt.room : owner;
      if (list && label !== this.#me) now.set(list, [...(now.get(list) ?? []), track]);
    }
    const changed = [...now].filter(([id, tracks]) => !isSame(tracks, this.#told.get(id)));
    for (const [id, tracks] of changed) {
      const before = this.#told.get(id) ?? [];
      this.#tell(
        id,
        before.filter((track) => tracks.includes(track)),
      );
    }
    for (const [id, tracks] of changed) this.#tell(id, tracks);
  }

  #tell(id: string, tracks: readonly MediaStreamTrack[]): void {
    this.#told.set(id, tracks);
    if (id === this.#attempt.room) this.#attempt.roomTracks(tracks);
    else this.#attempt.tracks(id, tracks);
  }

  #remove(trackId: string, { label, isSlot }: RoomTrack): void {
    this.#tracks.delete(trackId);
    this.update();
    if (!isSlot && !this.has(label)) this.onEmpty(label);
  }

  #slot(label: string): Slot {
    const known = this.#slots.get(label);
    if (known) return known;
    const slot: Slot = {
      kind: label.startsWith('video') ? 'video' : 'audio',
      participantId: undefined,
      nextId: undefined,
      isShared: false,
    };
    this.#slots.set(label, slot);
    return slot;
  }

  #ownerOf({ label, isSlot }: RoomTrack): string | undefined {
    if (!isSlot) return label;
    const id = this.#slots.get(label)?.participantId;
    return id && this.#known.ids.has(id) ? id : undefined;
  }
}

const isSame = (some: readonly unknown[], others: readonly unknown[] = []): boolean =>
  some.length === others.length && some.every((one, index) => one === others[index]);
