import type { AdapterReport, Participant, ParticipantTrack } from './adapter.ts';
import type { RoomSessionEvents } from './events.ts';

type RosterEvent = 'participantJoined' | 'participantLeft' | 'trackAdded' | 'trackRemoved';
type Emit = <Name extends RosterEvent>(event: Name, payload: RoomSessionEvents[Name]) => void;

/** What an adapter reports of the others in the room. */
export type RosterReport = Extract<AdapterReport, { type: RosterEvent }>;

/** The others in a room and their tracks. Each is told once, however often an adapter reports it. */
export class Roster {
  readonly #participants = new Map<string, Participant>();
  readonly #tracks = new Map<MediaStreamTrack, ParticipantTrack>();
  readonly #emit: Emit;

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
    if ('participant' in report) {
      if (report.type === 'participantJoined') this.#join(report.participant);
      else this.#leave(report.participant.id);
    } else if (report.type === 'trackAdded') this.#add(report);
    else this.#remove(report.track);
  }

  /** The stay is over: everybody has left, as seen from here. */
  clear(): void {
    for (const id of this.#participants.keys()) this.#leave(id);
  }

  #join(participant: Participant): void {
    if (this.#participants.has(participant.id)) return;
    this.#participants.set(participant.id, participant);
    this.#emit('participantJoined', participant);
  }

  #leave(id: string): void {
    const participant = this.#participants.get(id);
    if (!participant) return;
    for (const { participantId, track } of this.#tracks.values())
      if (participantId === id) this.#remove(track);
    this.#participants.delete(id);
    this.#emit('participantLeft', participant);
  }

  #add({ participantId, track, stream }: ParticipantTrack): void {
    if (this.#tracks.has(track)) return;
    this.#join({ id: participantId });
    const added = { participantId, track, stream };
    this.#tracks.set(track, added);
    this.#emit('trackAdded', added);
  }

  #remove(track: MediaStreamTrack): void {
    const known = this.#tracks.get(track);
    if (this.#tracks.delete(track) && known) this.#emit('trackRemoved', known);
  }
}
