import type { Participant, ParticipantTrack } from './adapter.ts';
import type { ConnectionState, RoomSessionEvents, StateChange } from './events.ts';

/**
 * What a session shows of its room. Events alone change it, right before their listeners are called. So a listener reads
 * what the events have told so far, whatever has happened since.
 */
export class View {
  state: ConnectionState = 'disconnected';
  room: string | undefined;
  readonly #participants = new Map<string, Participant>();
  readonly #tracks = new Set<ParticipantTrack>();
  /** The same arrays until they change, so that an app can compare them. */
  #list: readonly Participant[] | undefined;
  #trackList: readonly ParticipantTrack[] | undefined;

  get participants(): readonly Participant[] {
    this.#list ??= [...this.#participants.values()];
    return this.#list;
  }

  get tracks(): readonly ParticipantTrack[] {
    this.#trackList ??= [...this.#tracks];
    return this.#trackList;
  }

  /** Takes in an event of participants or tracks. */
  apply(event: ParticipantEvent, payload: Participant | ParticipantTrack): void {
    if ('id' in payload) {
      this.#list = undefined;
      if (event === 'participantLeft') this.#participants.delete(payload.id);
      else this.#participants.set(payload.id, payload);
    } else {
      const { stream, track } = payload;
      this.#trackList = undefined;
      if (event === 'trackRemoved') {
        stream.removeTrack(track);
        this.#tracks.delete(payload);
      } else {
        stream.addTrack(track);
        this.#tracks.add(payload);
      }
    }
  }
}

/** The events that a {@link View} takes in. */
export type ParticipantEvent = keyof RoomSessionEvents & `${'participant' | 'track'}${string}`;

/** A state and what it brings, without the state before it. */
export type NewState = StateChange extends infer Change
  ? Change extends StateChange
    ? Omit<Change, 'previous'>
    : never
  : never;
