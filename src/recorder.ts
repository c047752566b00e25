import type { RoomAdapter } from './adapter.ts';
import type { Clock } from './clock.ts';
import type { RoomSessionEvents } from './events.ts';
import type { LocalMedia } from './local-media.ts';
import type { Report } from './report/types.ts';
import type { SessionId } from './session-id.ts';
import type { Token } from './token/jwt.ts';
import type { View } from './view.ts';

/** What a recorder sees of its session. */
export interface RecordedSession {
  readonly id: SessionId;
  readonly clock: Clock;
  readonly adapter: RoomAdapter;
  /** The names of the options that were given to the session. */
  readonly options: readonly string[];
  readonly view: Pick<View, 'state' | 'participants' | 'tracks' | 'failures'>;
  readonly media: Pick<LocalMedia, 'stream' | 'wishes'>;
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
