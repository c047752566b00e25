import { randomUUID } from 'node:crypto';
import type { EventLog, TokenVerdict } from '../event-log.ts';
import type { Settings } from '../settings.ts';
import type { BreakoutRoom, Person, ServerMessage } from './messages.ts';
import { nameOf, type RoomAddress } from './room-address.ts';
import { judgeRoom } from './tokens.ts';
import type { XmppSession } from './xmpp-session.ts';

/** Who is in a meeting, for the fault panel. */
export interface JitsiRoomReport {
  app: 'jitsi';
  room: string;
  participants: (Person & { role: string; held: boolean; breakout: boolean })[];
  knocking: Person[];
}

/** What a meeting works with. */
export interface ConferenceParts {
  settings: Settings;
  log: EventLog;
}

const main = '';
const moderator: Person = { id: 'moderator', name: 'A moderator' };

/**
 * One meeting: the MUC's and Jicofo's decisions about who comes in, its lobby and its breakout rooms. It lives until
 * the last one has gone, and remembers as long that a host has come.
 */
export class Conference {
  readonly address: RoomAddress;
  readonly #parts: ConferenceParts;
  /** Who is in which of its rooms: the main one, or a breakout room by its id. */
  readonly #rooms = new Map<XmppSession, string>();
  /** Who waits outside: for a host, in the lobby, or in front of its form and unheard of. */
  readonly #knocking = new Map<XmppSession, 'host' | 'form' | 'lobby'>();
  readonly #admitted = new WeakSet<XmppSession>();
  readonly #breakouts = new Map<string, string>();
  #hasHost = false;
  #lobby: boolean;

  constructor(address: RoomAddress, parts: ConferenceParts) {
    this.address = address;
    this.#parts = parts;
    this.#lobby = parts.settings.jitsi.lobby;
  }

  get name(): string {
    return nameOf(this.address);
  }

  get isEmpty(): boolean {
    return this.#rooms.size + this.#knocking.size === 0;
  }

  /** Who knocks; what is undefined fits all. */
  knockers(identity?: string): XmppSession[] {
    return [...this.#knocking]
      .filter(([session, reason]) => reason !== 'form' && session.isCalled(identity))
      .map(([session]) => session);
  }

  /** Somebody in front of the lobby's form asks to come in. */
  ask(session: XmppSession): void {
    if (this.#knocking.get(session) !== 'form') return;
    this.#knocking.set(session, 'lobby');
    this.#tellModerators(session);
  }

  /** Lets somebody in, or says why not. */
  join(session: XmppSession, given?: string): void {
    const { waitForHost, password, lobbyForAll } = this.#parts.settings.jitsi;
    const { claims, guest } = session.credentials;
    const why = claims && judgeRoom(claims, this.address, this.#parts.settings.jitsi);
    if (why) {
      const isNull = claims.room === null || claims.domain === null;
      if (isNull) return this.#record(session, 'never', { ...session.credentials.verdict, ok: false, why });
      const text = 'Room and token mismatched';
      session.send({ type: 'join-failed', authType: 'general', text });
      return this.#record(session, text, { ...session.credentials.verdict, ok: false, why });
    }
    if (password !== null && password !== given) {
      session.send({ type: 'password-required' });
      return this.#record(session, 'password-required');
    }
    if (!guest) this.#hasHost = true;
    if (!this.#hasHost && waitForHost === 'jicofo') {
      session.send({ type: 'authentication-required' });
      return this.#record(session, 'authentication-required');
    }
    if (!this.#hasHost && waitForHost === 'lobby') return this.#knock(session, 'host');
    if (this.#lobby && (lobbyForAll || session.role !== 'moderator') && !this.#admitted.has(session))
      return this.#knock(session, 'form');
    this.#enter(session, main);
    if (guest) return;
    // A host has come: whoever waited for one comes in by himself.
    for (const [waiting, reason] of [...this.#knocking]) if (reason === 'host') this.join(waiting);
  }

  /** Takes somebody out, in whatever room it is; says whether it was in any. */
  leave(session: XmppSession): boolean {
    this.#knocking.delete(session);
    const room = this.#rooms.get(session);
    if (room === undefined) return false;
    this.#rooms.delete(session);
    this.#tellLeft(session, room);
    this.#parts.log.add({ type: 'jitsi-leave', room: this.name, ...session.person });
    return true;
  }

  /** Somebody's name or mute state is another. */
  changed(session: XmppSession): void {
    this.#tellOthers(session, { type: 'occupant-changed', occupant: session.occupant });
  }

  /** Passes a signal on to another page. */
  signal(from: XmppSession, to: string, data: unknown): void {
    const target = this.#inRoomOf(from).find(({ id }) => id === to);
    target?.send({ type: 'signal', from: from.id, data });
  }

  /** Takes somebody out against his will. */
  kick(session: XmppSession, kicker: Person = moderator): void {
    if (!this.#rooms.has(session)) return;
    const message: ServerMessage = { type: 'kicked', kicked: session.person, kicker };
    session.send(message);
    this.#tellOthers(session, message);
    this.#parts.log.add({ type: 'jitsi-kick', room: this.name, ...session.person });
    this.leave(session);
  }

  /** Answers one who knocks. */
  admit(session: XmppSession, admitted: boolean): void {
    if (!this.#knocking.delete(session)) return;
    const answer = admitted ? 'admitted' : 'rejected';
    this.#parts.log.add({ type: 'jitsi-knock', room: this.name, ...session.person, answer });
    if (!admitted) return session.send({ type: 'rejected' });
    this.#admitted.add(session);
    this.#enter(session, main);
  }

  /** Turns the lobby on or off; off lets everybody in who waits in it. */
  setLobby(enabled: boolean): void {
    this.#lobby = enabled;
    if (enabled) return;
    for (const [session, reason] of [...this.#knocking]) if (reason !== 'host') this.admit(session, true);
  }

  addBreakout(name: string): string {
    const id = randomUUID();
    this.#breakouts.set(id, name);
    this.#tellBreakouts();
    return id;
  }

  /** Moves somebody to a breakout room, or back. Nobody looks at the token again. */
  move(session: XmppSession, to: string | null): void {
    const from = this.#rooms.get(session);
    if (from === undefined || (to !== null && !this.#breakouts.has(to))) return;
    this.#rooms.delete(session);
    this.#tellLeft(session, from);
    this.#enter(session, to ?? main);
    this.#tellBreakouts();
  }

  /** Ends the meeting for all. */
  destroy(reason: string, sameRoom: boolean): number {
    const all = [...this.#rooms.keys(), ...this.#knocking.keys()];
    this.#rooms.clear();
    this.#knocking.clear();
    this.#hasHost = false;
    for (const session of all) session.send({ type: 'destroyed', reason, sameRoom });
    this.#parts.log.add({ type: 'jitsi-destroy', room: this.name, reason });
    return all.length;
  }

  report(): JitsiRoomReport {
    const participants = [...this.#rooms].map(([session, room]) => ({
      ...session.person,
      role: session.role,
      held: session.held,
      breakout: room !== main,
    }));
    const knocking = this.knockers().map(({ person }) => person);
    return { app: 'jitsi', room: this.name, participants, knocking };
  }

  #enter(session: XmppSession, room: string): void {
    this.#knocking.delete(session);
    this.#rooms.set(session, room);
    const others = this.#inRoomOf(session).filter((other) => other !== session);
    session.send({
      type: 'joined',
      id: session.id,
      role: session.role,
      room: room || this.address.room,
      breakout: room !== main,
      occupants: others.map(({ occupant }) => occupant),
    });
    for (const other of others) other.send({ type: 'occupant-joined', occupant: session.occupant });
    if (!this.#parts.settings.jitsi.bridge && others.length > 0) session.send({ type: 'no-bridge' });
    this.#record(session, room === main ? 'joined' : 'breakout');
    if (session.role === 'moderator')
      for (const [{ person }, reason] of this.#knocking)
        if (reason === 'lobby') session.send({ type: 'knocking', person });
  }

  #knock(session: XmppSession, reason: 'host' | 'form'): void {
    this.#knocking.set(session, reason);
    const lobby = `${this.address.room}@lobby`;
    session.send({ type: 'members-only', lobby, waitForHost: reason === 'host' });
    this.#record(session, reason === 'host' ? 'waiting-for-host' : 'lobby');
    // Waiting for the host knocks by itself.
    if (reason === 'host') this.#tellModerators(session);
  }

  #tellModerators(session: XmppSession): void {
    for (const [other] of this.#rooms)
      if (other.role === 'moderator') other.send({ type: 'knocking', person: session.person });
  }

  #inRoomOf(session: XmppSession): XmppSession[] {
    const room = this.#rooms.get(session);
    return [...this.#rooms].filter(([, other]) => other === room).map(([other]) => other);
  }

  #tellOthers(session: XmppSession, message: ServerMessage): void {
    if (!this.#rooms.has(session)) return;
    for (const other of this.#inRoomOf(session)) if (other !== session) other.send(message);
  }

  #tellLeft(session: XmppSession, room: string): void {
    const twice = this.#parts.settings.jitsi.duplicateLeft;
    for (const [other, where] of this.#rooms)
      if (where === room) other.send({ type: 'occupant-left', id: session.id, twice });
  }

  #tellBreakouts(): void {
    const people = (room: string): Person[] =>
      [...this.#rooms].filter(([, where]) => where === room).map(([{ person }]) => person);
    const rooms: BreakoutRoom[] = [
      { id: this.address.room, name: 'Main room', isMainRoom: true, participants: people(main) },
      ...[...this.#breakouts].map(([id, name]) => ({
        id,
        name,
        isMainRoom: false,
        participants: people(id),
      })),
    ];
    for (const [session] of this.#rooms) session.send({ type: 'breakouts', rooms });
  }

  #record(session: XmppSession, answer: string, token: TokenVerdict = session.credentials.verdict): void {
    this.#parts.log.add({ type: 'jitsi-join', room: this.name, ...session.person, token, answer });
  }
}
