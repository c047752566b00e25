import type { Participant, ParticipantTrack, RoomAdapter } from './adapter.ts';
import type { Clock } from './clock.ts';
import type { RoomSessionError } from './errors.ts';
import type { ConnectionState, RoomSessionEvents } from './events.ts';
import type { MediaWishes } from './own-devices.ts';
import type { Report } from './report/types.ts';
import type { SessionId } from './session-id.ts';
import type { Token } from './token/jwt.ts';

/** What a recorder sees of its session. */
export interface RecordedSession {
  readonly id: SessionId;
  readonly clock: Clock;
  readonly adapter: RoomAdapter;
  /** The names of the options that were given to the session. */
  readonly options: readonly string[];
  /** What the app sees now. `failures`: why a participant cannot be heard, by id. */
  readonly view: {
    readonly state: ConnectionState;
    readonly participants: readonly Participant[];
    readonly tracks: readonly ParticipantTrack[];
    readonly failures: ReadonlyMap<string, RoomSessionError>;
  };
  readonly media: { readonly stream: MediaStream | undefined; readonly wishes: MediaWishes };
  readonly token: Token | undefined;
  /** The vendor's object while connected. */
  readonly vendor: unknown;
  on<Name extends keyof RoomSessionEvents>(
    event: Name,
    listener: (payload: RoomSessionEvents[Name]) => void,
  ): void;
  /** Tells the app that a participant, or oneself, has been silent. */
  tellSilent(silent: RoomSessionEvents['mediaSilent']): void;
}

/** Watches a session from its start, and says what it saw. `recordReport()` of `room-session/report` makes one. */
export type Recorder = (session: RecordedSession) => () => Promise<Report>;
