import type { AdapterReport, Participant, ParticipantTrack } from './adapter.ts';
import type { RoomSessionEvents } from './events.ts';

type RosterEvent = 'participantJoined' | 'participantLeft' | 'trackAdded' | 'trackRemoved';
type Emit = <Name extends RosterEvent>(event: Name, payload: RoomSessionEvents[Name]) => void;

/** What an adapter reports of the others in the room. */
export type RosterReport = Extract<AdapterReport, { type: RosterEvent }>;

/** The others in a room and their tracks. Each is told once, however often an adapter reports it. */
export class Roster {
  readonly #emit: Emit;
  readonly #participants = new Map<string, Participant>();
  readonly #tracks = new Map<MediaStreamTrack, ParticipantTrack>();

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  get participants(): readonly Participant[] {
    return [...this.#participants.values()];
  }

  get tracks(): readonly ParticipantTrack[] {
    return [...this.#tracks.values()];
  }

  take(report: RosterReport): void {
    switch (report.type) {
      case 'participantJoined':
        this.#join(report.participant);
        break;
      case 'participantLeft':
        this.#leave(report.participant.id);
        break;
      case 'trackAdded':
        this.#join({ id: report.participantId });
        this.#add({ participantId: report.participantId, track: report.track, stream: report.stream });
        break;
      case 'trackRemoved':
        this.#remove(report.track);
    }
  }

  /** The stay is over: everybody has left, as seen from here. */
  clear(): void {
    for (const { id } of this.participants) this.#leave(id);
  }

  #join(participant: Participant): void {
    if (this.#participants.has(participant.id)) return;
    this.#participants.set(participant.id, participant);
    this.#emit('participantJoined', participant);
  }

  #leave(id: string): void {
    const participant = this.#participants.get(id);
    if (!participant) return;
    for (const { participantId, track } of this.tracks) if (participantId === id) this.#remove(track);
    this.#participants.delete(id);
    this.#emit('participantLeft', participant);
  }

  #add(track: ParticipantTrack): void {
    if (this.#tracks.has(track.track)) return;
    this.#tracks.set(track.track, track);
    this.#emit('trackAdded', track);
  }

  #remove(track: MediaStreamTrack): void {
    const known = this.#tracks.get(track);
    if (!known) return;
    this.#tracks.delete(track);
    this.#emit('trackRemoved', known);
  }
}
