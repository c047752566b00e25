import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import type { TokenVerdict } from '../event-log.ts';
import type { ServerMessage as Message, Occupant, Person, Presence } from './messages.ts';
import type { RoomAddress } from './room-address.ts';
import type { JitsiClaims } from './tokens.ts';

/** What a login has shown. */
export interface Credentials {
  readonly verdict: TokenVerdict;
  /** Absent without a token. */
  readonly claims?: JitsiClaims;
  /** Logged in on the guest domain. */
  readonly guest: boolean;
}

/**
 * One who has logged in. It outlives its socket for a while, as with XEP-0198: what it is told meanwhile is kept, and
 * sent when the page comes back.
 */
export class XmppSession {
  /** What the page names to resume it. */
  readonly key = randomBytes(12).toString('base64url');
  /** The participant id. */
  readonly id = randomBytes(4).toString('hex');
  /** Which page it is of. */
  readonly page: string;
  readonly address: RoomAddress;
  credentials: Credentials;
  presence: Presence = { name: '', audioMuted: false, videoMuted: false };
  #socket: WebSocket | undefined;
  #kept: Message[] = [];
  #hold: NodeJS.Timeout | undefined;

  constructor(page: string, address: RoomAddress, credentials: Credentials) {
    this.page = page;
    this.address = address;
    this.credentials = credentials;
  }

  get role(): Occupant['role'] {
    return this.credentials.claims?.user.moderator ? 'moderator' : 'participant';
  }

  get person(): Person {
    return { id: this.id, name: this.presence.name };
  }

  get occupant(): Occupant {
    return { ...this.presence, id: this.id, role: this.role };
  }

  /** Whether its socket is lost. */
  get held(): boolean {
    return this.#socket === undefined;
  }

  /** By display name, user id in the token, or participant id; undefined fits all. */
  isCalled(identity: string | undefined): boolean {
    const known = [this.presence.name, this.credentials.claims?.user.id, this.id];
    return identity === undefined || known.includes(identity);
  }

  isOn(socket: WebSocket): boolean {
    return this.#socket === socket;
  }

  /** Takes a new socket, after what it is told first; the old one is of no more use. */
  attach(socket: WebSocket, first: Message): void {
    clearTimeout(this.#hold);
    this.#socket?.terminate();
    this.#socket = socket;
    const kept = this.#kept;
    this.#kept = [];
    for (const message of [first, ...kept]) this.send(message);
  }

  /** Its socket is lost: `expired` is called when nobody has come back for it. */
  keep(holdMs: number, expired: () => void): void {
    this.#socket = undefined;
    this.#hold = setTimeout(expired, holdMs);
  }

  send(message: Message): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
    else this.#kept.push(message);
  }

  /** Cuts the socket off without a word. */
  drop(): void {
    this.#socket?.terminate();
  }

  end(): void {
    clearTimeout(this.#hold);
    this.#kept = [];
  }
}
