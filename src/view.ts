import type { RoomSessionError } from './errors.ts';
import type { ConnectionState, RoomSessionEvents, StateChange } from './events.ts';
import type { Participant, ParticipantInfo, ParticipantTrack } from './participant.ts';

/**
 * What a session shows of its room. Events alone change it, right before their listeners are called. So a listener reads
 * what the events have told so far, whatever has happened since.
 */
export class View {
  state: ConnectionState = 'disconnected';
  room: string | undefined;
  /** Why the media of participants did not come, by their ids, until they come. */
  readonly failures: Map<string, RoomSessionError> = new Map();
  localParticipant: Participant | undefined;
  readonly #participants = new Map<string, Participant>();
  /** By participants. The same arrays until they change, so that an app can compare them. */
  readonly #tracks = new Map<string, readonly ParticipantTrack[]>();
  #speakers: readonly Participant[] = [];
  #list: readonly Participant[] | undefined;
  #trackList: readonly ParticipantTrack[] | undefined;

  get participants(): readonly Participant[] {
    this.#list ??= [...this.#participants.values()];
    return this.#list;
  }

  get tracks(): readonly ParticipantTrack[] {
    this.#trackList ??= [...this.#tracks.values()].flat();
    return this.#trackList;
  }

  /** Adds what always is the newest. It is not listed, so that what is told of a participant can be copied and compared. */
  show(
    info: ParticipantInfo,
    tracks: () => readonly ParticipantTrack[] = () => this.#tracks.get(info.id) ?? none,
  ): Participant {
    const speaking = () => this.#speakers.some(({ id }) => id === info.id);
    const live = {
      tracks: { get: tracks, configurable: true },
      speaking: { get: speaking, configurable: true },
    };
    return Object.defineProperties({ ...info }, live) as Participant;
  }

  /** Takes in an event of participants or tracks. */
  apply(event: ParticipantEvent, payload: RoomSessionEvents[ParticipantEvent]): void {
    if ('speakers' in payload) {
      this.#speakers = payload.speakers;
    } else if (event === 'localParticipantUpdated' && 'id' in payload) {
      this.localParticipant = payload;
    } else if ('id' in payload) {
      this.#list = undefined;
      if (event === 'participantLeft') {
        this.#participants.delete(payload.id);
        this.failures.delete(payload.id);
      } else this.#participants.set(payload.id, payload);
    } else {
      const { participantId, stream, track } = payload as ParticipantTrack;
      this.#trackList = undefined;
      const others = (this.#tracks.get(participantId) ?? none).filter((each) => each !== payload);
      const isGone = event === 'trackRemoved';
      if (isGone) stream.removeTrack(track);
      else {
        stream.addTrack(track);
        this.failures.delete(participantId);
      }
      const now = isGone ? others : [...others, payload as ParticipantTrack];
      if (now.length > 0) this.#tracks.set(participantId, now);
      else this.#tracks.delete(participantId);
    }
  }
}

const none: readonly never[] = [];

/** Adds what a track is of now. It is not listed either. */
export function withSource(
  track: Omit<ParticipantTrack, 'source'>,
  isScreen: () => boolean,
): ParticipantTrack {
  const get = () => (track.track.kind === 'audio' ? 'microphone' : isScreen() ? 'screen' : 'camera');
  return Object.defineProperty({ ...track }, 'source', { get, configurable: true }) as ParticipantTrack;
}

/** The events that a {@link View} takes in. */
export type ParticipantEvent = keyof RoomSessionEvents &
  `${'participant' | 'track' | 'localParticipant' | 'speakers'}${string}`;

/** A state and what it brings, without the state before it. */
export type NewState = StateChange extends infer Change
  ? Change extends StateChange
    ? Omit<Change, 'previous'>
    : never
  : never;

/** What the session tells its listeners with. */
export interface Listeners {
  emit<Name extends keyof RoomSessionEvents>(
    event: Name,
    payload: RoomSessionEvents[Name],
    before?: () => void,
  ): void;
  atOnce(work: () => void): void;
}
