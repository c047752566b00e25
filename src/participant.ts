/** What a person says of itself: an object that JSON can carry. */
export type Metadata = Readonly<Record<string, unknown>>;

/** What the person at this session says of itself, to the others. */
export interface OwnInfo {
  readonly name: string | undefined;
  /** As given to `session.setMetadata`. */
  readonly metadata: Metadata | undefined;
  /** Whether it is on: there is one, and it is not muted. */
  readonly microphone: boolean;
  /** Whether it is on: there is one, and it is not turned off. */
  readonly camera: boolean;
  /** Whether the screen is shared. */
  readonly screen: boolean;
}

/** What an adapter says of a participant. `id` is the vendor's. What is `undefined` is not known, or stays as it was. */
export interface ParticipantInfo {
  readonly id: string;
  /** What that person's own app has given as `identity`, where the backend tells it beside the id. The backend has not checked it. */
  readonly identity?: string | undefined;
  readonly name?: string | undefined;
  /** What that person's own app has given to `setMetadata`. The backend has not checked it. */
  readonly metadata?: Metadata | undefined;
  /** Whether the microphone is on, as that person's app says. */
  readonly microphone?: boolean | undefined;
  /** Whether the camera is on, as that person's app says. */
  readonly camera?: boolean | undefined;
  /** Whether the screen is shared, as that person's app says. */
  readonly screen?: boolean | undefined;
}

/**
 * A person in the room. The object stays the same until something above changes. `speaking` and `tracks` always have the
 * newest, and are not part of a copy (`{ ...participant }`).
 */
export interface Participant extends ParticipantInfo {
  /** Whether the person speaks now. Changes are told as `speakersChanged`. */
  readonly speaking: boolean;
  /** Changes are told as `trackAdded` and `trackRemoved`. The same array until then. */
  readonly tracks: readonly ParticipantTrack[];
}

/**
 * A track of a participant, in a stream that holds the tracks of that participant only. Where it is not known whose it is,
 * `participantId` is the room's name.
 */
export interface ParticipantTrack {
  readonly participantId: string;
  readonly track: MediaStreamTrack;
  readonly stream: MediaStream;
  /** What it is of. A screen that takes the place of the camera comes on the same track. Always the newest, as `speaking`. */
  readonly source: 'microphone' | 'camera' | 'screen';
}

/** A message from a participant. */
export interface Message {
  /** That participant's id, as the backend or that person's own app says. */
  readonly from: string;
  /** A text, or what JSON carries. */
  readonly data: unknown;
}

/** A message that an adapter sends. */
export interface OutgoingMessage {
  /** A text, or what JSON carries. */
  readonly data: unknown;
  /** For this participant only. `undefined`: for all others. */
  readonly to: string | undefined;
}
