import type { ConnectContext } from '../../adapter.ts';

interface Member {
  readonly stream: MediaStream;
  readonly tracks: Map<string, MediaStreamTrack>;
}

/** What the vendor tells of a new track (`newTrackAvailable`). */
export interface VendorTrack {
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;
  /** `ARDAMSv` or `ARDAMSa` and a label: the participant's stream id, or the name of a slot. */
  readonly trackId: string;
}

/** One of the tracks that the server shares out, and who is in it; the two are told apart, in either order. */
interface Slot {
  track?: MediaStreamTrack | undefined;
  participantId?: string | undefined;
}

/** Who is in a slot now; nobody where `participantId` is missing. */
interface Assignment {
  readonly label: string;
  readonly participantId: string | undefined;
}

const prefixLength = 'ARDAMSv'.length;
/** With the app setting `maxVideoTrackCount` the server sends slots, and tells by data channel who is in which. */
const slotName = /^(video|audio)Track\d+$/;

/**
 * Who is in the room and with which tracks, told to the session as it changes. Ant Media sends all tracks in one stream;
 * here each participant gets a stream of their own, the same one over reconnects.
 */
export class RoomTracks {
  readonly #report: ConnectContext['report'];
  readonly #me: string;
  readonly #members = new Map<string, Member>();
  readonly #slots = new Map<string, Slot>();
  /** Who was there before the connection was lost, and did not show up again yet. */
  readonly #missing = new Set<string>();
  /** The server has still to say who is in its slots. */
  #unsettled = false;

  constructor(report: ConnectContext['report'], me: string) {
    this.#report = report;
    this.#me = me;
  }

  /** A track arrived; `signal` aborts when its connection is over. */
  add({ stream, track, trackId }: VendorTrack, signal: AbortSignal): void {
    const label = trackId.slice(prefixLength);
    const remove = () => this.#remove(label, track);
    stream.addEventListener('removetrack', (event) => event.track === track && remove(), { signal });
    track.addEventListener('ended', remove, { signal });
    if (!slotName.test(label)) return this.#show(label, label, track);
    const slot = this.#slot(label);
    slot.track = track;
    if (slot.participantId) this.#show(slot.participantId, label, track);
  }

  /** The server says who is in which slot. */
  assign(assignments: readonly Assignment[]): void {
    for (const { label, participantId } of assignments) {
      if (!slotName.test(label)) continue;
      const slot = this.#slot(label);
      const { track } = slot;
      if (slot.participantId === participantId) continue;
      if (slot.participantId && track) this.#hide(slot.participantId, `${track.kind}:${label}`);
      slot.participantId = participantId;
      if (participantId && track) this.#show(participantId, label, track);
    }
    // The list of videos has everybody who is in one; audio comes one by one.
    if (this.#unsettled && assignments.some(({ label }) => label.startsWith('video'))) this.#dropMissing();
  }

  join(participantId: string): void {
    if (participantId !== this.#me) this.#member(participantId);
  }

  leave(participantId: string): void {
    const member = this.#members.get(participantId);
    if (!member) return;
    for (const key of [...member.tracks.keys()]) this.#hide(participantId, key);
    for (const slot of this.#slots.values()) {
      if (slot.participantId === participantId) slot.participantId = undefined;
    }
    this.#members.delete(participantId);
    this.#missing.delete(participantId);
    this.#report({ type: 'participantLeft', participant: { id: participantId } });
  }

  /** The connection is gone, and all tracks with it; the people may still be there. */
  lose(): void {
    this.#slots.clear();
    for (const [participantId, { tracks }] of this.#members) {
      this.#missing.add(participantId);
      for (const key of [...tracks.keys()]) this.#hide(participantId, key);
    }
  }

  /** The server has sent all it has: who did not show up again has left meanwhile, unless slots are still to be told. */
  settle(): void {
    this.#unsettled = [...this.#slots.values()].some(({ track, participantId }) => track && !participantId);
    if (!this.#unsettled) this.#dropMissing();
  }

  #dropMissing(): void {
    this.#unsettled = false;
    for (const participantId of this.#missing) this.leave(participantId);
  }

  #show(participantId: string, label: string, track: MediaStreamTrack): void {
    if (participantId === this.#me) return;
    const { stream, tracks } = this.#member(participantId);
    const key = `${track.kind}:${label}`;
    if (tracks.has(key)) this.#hide(participantId, key);
    tracks.set(key, track);
    stream.addTrack(track);
    this.#report({ type: 'trackAdded', participantId, track, stream });
  }

  #hide(participantId: string, key: string): void {
    const member = this.#members.get(participantId);
    const track = member?.tracks.get(key);
    if (!member || !track) return;
    member.tracks.delete(key);
    member.stream.removeTrack(track);
    this.#report({ type: 'trackRemoved', participantId, track, stream: member.stream });
  }

  #remove(label: string, track: MediaStreamTrack): void {
    const slot = this.#slots.get(label);
    if (slot?.track === track) slot.track = undefined;
    const participantId = slotName.test(label) ? slot?.participantId : label;
    const member = participantId === undefined ? undefined : this.#members.get(participantId);
    const key = `${track.kind}:${label}`;
    // A track of an earlier offer may end after its successor came.
    if (participantId === undefined || member?.tracks.get(key) !== track) return;
    this.#hide(participantId, key);
    if (member.tracks.size === 0) this.leave(participantId);
  }

  #slot(label: string): Slot {
    const slot = this.#slots.get(label) ?? {};
    this.#slots.set(label, slot);
    return slot;
  }

  #member(participantId: string): Member {
    this.#missing.delete(participantId);
    let member = this.#members.get(participantId);
    if (!member) {
      member = { stream: new MediaStream(), tracks: new Map() };
      this.#members.set(participantId, member);
      this.#report({ type: 'participantJoined', participant: { id: participantId } });
    }
    return member;
  }
}

/** `VIDEO_TRACK_ASSIGNMENT_LIST` and `AUDIO_TRACK_ASSIGNMENT` of the server's data channel; anything else is the app's. */
export function readAssignments(data: unknown): Assignment[] {
  if (typeof data !== 'string' || !data.includes('TRACK_ASSIGNMENT')) return [];
  try {
    const { payload } = JSON.parse(data) as { payload?: unknown };
    return [payload].flat().map((entry) => {
      const { videoLabel, audioLabel, trackId } = Object(entry) as Record<string, string | undefined>;
      return { label: videoLabel ?? audioLabel ?? '', participantId: trackId || undefined };
    });
  } catch {
    return [];
  }
}
