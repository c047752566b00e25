/** Why a token was not good enough. */
export type TokenFault =
  | 'missing'
  | 'malformed'
  | 'signature'
  | 'expired'
  | 'room'
  | 'type'
  | 'used'
  /** Signed with another algorithm than the one that is expected. */
  | 'algorithm'
  /** Its claims do not allow this. */
  | 'permission'
  /** It is not valid yet. */
  | 'early'
  | 'issuer'
  | 'audience'
  /** Made out for another domain or tenant. */
  | 'domain';

/** What the server thought of the token in a command. Never the token itself. */
export interface TokenVerdict {
  /** Whether there was one at all. */
  present: boolean;
  ok: boolean;
  why?: TokenFault;
  /** `exp` minus now, in ms; negative when it has expired. Absent when the token says no time. */
  expiresInMs?: number;
}

/**
 * What happened, without its place in the log. Ids of sockets are numbers, counted from 1; those of Janus and of
 * Jitsi have counts of their own, and `janus` or `jitsi` for their app.
 */
export type LogEvent =
  | {
      type: 'token';
      room: string;
      identity: string | null;
      /** Absent for Ant Media. */
      backend?: 'janus' | 'jitsi';
      /** The endpoint's mode, or why the request itself was wrong. */
      outcome: string;
      /** The HTTP status; null when there was no answer. */
      status: number | null;
      /** How long the token was good for, in ms; absent when none was issued. */
      expiresInMs?: number;
    }
  | { type: 'socket-open'; app: string; socket: number }
  | { type: 'socket-close'; app: string; socket: number; code: number }
  | {
      type: 'publish' | 'play' | 'getTrackList';
      app: string;
      socket: number;
      room: string;
      streamId: string;
      token: TokenVerdict;
      /** `started`, or the definition of the error. */
      answer: string;
    }
  | { type: 'stop'; app: string; socket: number; streamId: string }
  | { type: 'left'; app: string; room: string; streamId: string }
  | {
      type: 'janus-join';
      socket: number;
      room: string;
      user: string;
      /** The plugin tells them apart by whether they ask for data. */
      role: 'publisher' | 'subscriber';
      /** Whom a subscriber asks for. */
      media?: string;
      token: TokenVerdict;
      /** `joined`, or the text of the error. `panicked`: the plugin does nothing from then on. */
      answer: string;
    }
  | {
      type: 'janus-kick';
      socket: number;
      room: string;
      /** Who is to go. */
      user: string;
      /** What the one who asks has joined as; null when it has not joined. */
      role: 'publisher' | 'subscriber' | null;
      token: TokenVerdict;
      /** The client is told `success` in both cases. */
      answer: 'kicked' | 'ignored';
    }
  | { type: 'janus-leave'; room: string; user: string }
  | {
      type: 'jitsi-login';
      socket: number;
      room: string;
      /** The display name; empty for one who has none. */
      name: string;
      /** Whether the page asked to go on with an earlier session. */
      resume: boolean;
      token: TokenVerdict;
      /** `ok`, `resumed`, `item-not-found` for a session that is no more, or why it was refused. */
      answer: string;
    }
  | {
      type: 'jitsi-join';
      room: string;
      /** The participant id. */
      id: string;
      name: string;
      /** Of the token that the session logged in with, and for this room. */
      token: TokenVerdict;
      /** `joined`, `lobby`, `waiting-for-host`, or why it was refused. */
      answer: string;
    }
  | { type: 'jitsi-knock'; room: string; id: string; name: string; answer: 'admitted' | 'rejected' }
  | { type: 'jitsi-kick'; room: string; id: string; name: string }
  | { type: 'jitsi-leave'; room: string; id: string; name: string }
  | { type: 'jitsi-destroy'; room: string; reason: string };

/** An event with its number, counted from 1 without gaps, and its time in ms since the epoch. */
export type LogEntry = LogEvent & { seq: number; at: number };

/**
 * What the server saw, oldest first: tests read it to prove what clients really sent. It keeps at
 * least the last `capacity` entries (default 5000), and never a token or a piece of one.
 */
export class EventLog {
  readonly #capacity: number;
  #entries: LogEntry[] = [];
  #seq = 0;

  constructor(capacity = 5000) {
    this.#capacity = capacity;
  }

  /** The number of the newest entry; 0 when nothing happened yet. */
  get last(): number {
    return this.#seq;
  }

  /** Appends an event. */
  add(event: LogEvent): void {
    this.#seq += 1;
    this.#entries.push({ seq: this.#seq, at: Date.now(), ...event });
    // Cut in blocks: shifting a full log at each entry would cost more than the entry.
    if (this.#entries.length > this.#capacity * 1.2) this.#entries = this.#entries.slice(-this.#capacity);
  }

  /** The entries after number `seq` (default 0: all that are kept). */
  since(seq = 0): LogEntry[] {
    return this.#entries.filter((entry) => entry.seq > seq);
  }
}
