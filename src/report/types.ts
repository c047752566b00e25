import type { ConnectionState, SilenceReason } from '../events.ts';
import type { LogEntry } from '../log/entry.ts';
import type { SessionId } from '../session-id.ts';

/** A track of our own. */
export interface OwnTrackLine {
  readonly kind: string;
  /** Not turned off by the app or the person. */
  readonly enabled: boolean;
  /** Muted by the system. */
  readonly muted: boolean;
  readonly ended: boolean;
  /** What was asked for by `setMicrophone` or `setCamera`. */
  readonly wished: boolean | undefined;
}

/** Media of a participant by number, 0 for our own. */
export interface ReportedMedia {
  readonly direction: 'sends' | 'receives';
  readonly kind: string;
  /** Since the connection was made. */
  readonly packets: number;
  /** How loud it is now, from 0 to 1, where the browser tells it. */
  readonly level: number | undefined;
  /** The states of the connection, in the browser's words. */
  readonly ice: string | undefined;
  readonly dtls: string | undefined;
  readonly participant: number;
}

/** A participant by number, 0 for oneself, and why there is no sound. */
export interface ReportedSilence {
  readonly participant: number;
  readonly reason: SilenceReason;
  /** In ms since the epoch. */
  readonly since: number;
}

/** What a session knows of itself, for the people who help. JSON of less than 20 kB, without a token, a name or a room. */
export interface Report {
  readonly session: SessionId;
  /** When it was made, in ms since the epoch. */
  readonly at: number;
  /** Of this package. */
  readonly version: string;
  readonly browser: string;
  readonly adapter: string;
  /** The names of the options that the session was given. */
  readonly options: readonly string[];
  readonly state: ConnectionState;
  /** The newest token by its fingerprint, and when it ends, in ms since the epoch by the server's clock. */
  readonly token: { readonly fingerprint: string; readonly expiresAt: number } | undefined;
  readonly ownTracks: readonly OwnTrackLine[];
  readonly media: readonly ReportedMedia[];
  readonly silent: readonly ReportedSilence[];
  /** What happened, the newest last. */
  readonly history: readonly LogEntry[];
}
