import type { WebSocket } from 'ws';
import type { EventLog } from '../event-log.ts';
import type { Settings } from '../settings.ts';
import { Conference } from './conference.ts';
import type { ClientMessage, ServerMessage } from './messages.ts';
import { isRoom, nameOf, parseRoomAddress, type RoomAddress } from './room-address.ts';
import type { JitsiTokens } from './tokens.ts';
import { type Credentials, XmppSession } from './xmpp-session.ts';

/** Whom something is done to; what is left out fits all. */
export interface Who {
  /** `room` or `tenant/room`. */
  room?: string;
  /** The display name, the user id in the token, or the participant id. */
  identity?: string;
}

/** What the server works with. */
export interface JitsiServerParts {
  settings: Settings;
  tokens: JitsiTokens;
  log: EventLog;
}

/** What a page closes with when its person leaves, and when it is left itself; what the browser does then in its place. */
const loggedOut = [1000, 1005];
const pageLeft = [4001, 1001];

/** Prosody's part: who logs in with what, who has come back, and which meeting he is in. */
export class Prosody {
  readonly #parts: JitsiServerParts;
  readonly #sockets = new Set<WebSocket>();
  readonly #sessions = new Map<string, XmppSession>();
  readonly #conferences = new Map<string, Conference>();
  #nextId = 1;

  constructor(parts: JitsiServerParts) {
    this.#parts = parts;
  }

  /** What is open; `sessions` counts those whose socket is lost, too. */
  get open(): { sockets: number; sessions: number } {
    return { sockets: this.#sockets.size, sessions: this.#sessions.size };
  }

  /** Takes a page's socket, whose address has the room and the token. */
  connect(socket: WebSocket, query: URLSearchParams): void {
    const { log } = this.#parts;
    const id = this.#nextId;
    this.#nextId += 1;
    this.#sockets.add(socket);
    log.add({ type: 'socket-open', app: 'jitsi', socket: id });
    const address = parseRoomAddress(query.get('room') ?? '');
    const token = query.get('token');
    let session: XmppSession | undefined;
    let queue: Promise<void> = Promise.resolve();
    socket.on('message', (frame) => {
      queue = queue.then(async () => {
        try {
          const message = JSON.parse(String(frame)) as ClientMessage;
          if (message.type === 'login') session = await this.#login(socket, id, address, token, message);
          else if (session?.isOn(socket)) this.#receive(session, message);
        } catch (error) {
          console.error('Jitsi: a message was not understood:', error);
        }
      });
    });
    socket.on('close', (code) => {
      this.#sockets.delete(socket);
      log.add({ type: 'socket-close', app: 'jitsi', socket: id, code });
      void queue.then(() => {
        const lost = session;
        if (!lost?.isOn(socket) || !this.#sessions.has(lost.key)) return;
        const { ghosts, sessionHoldMs } = this.#parts.settings.jitsi;
        // A page that is left says so by the code; a socket that is lost does not.
        if (loggedOut.includes(code) || (!ghosts && pageLeft.includes(code))) this.end(lost);
        else lost.keep(sessionHoldMs, () => this.end(lost));
      });
    });
  }

  /** The meeting that a session is in, or knocks at. */
  conferenceOf({ address }: XmppSession): Conference | undefined {
    return this.#conferences.get(nameOf(address));
  }

  /** The meetings of a room, or all. */
  conferencesOf({ room }: Who): Conference[] {
    return [...this.#conferences.values()].filter(({ name }) => isRoom(name, room));
  }

  /** The sessions that fit. */
  matching({ room, identity }: Who): XmppSession[] {
    return [...this.#sessions.values()].filter(
      (session) => isRoom(nameOf(session.address), room) && session.isCalled(identity),
    );
  }

  /** Ends a session, also one whose socket is lost. */
  end(session: XmppSession): void {
    this.#leave(session);
    session.end();
    this.#sessions.delete(session.key);
  }

  /** Forgets a meeting that nobody is in any more. */
  tidy(conference: Conference): void {
    if (conference.isEmpty) this.#conferences.delete(conference.name);
  }

  /** Cuts everybody off and frees everything. */
  close(): void {
    for (const socket of this.#sockets) socket.terminate();
    for (const session of this.#sessions.values()) session.end();
    this.#sessions.clear();
  }

  async #login(
    socket: WebSocket,
    id: number,
    address: RoomAddress,
    token: string | null,
    { resume, page, name }: Extract<ClientMessage, { type: 'login' }>,
  ): Promise<XmppSession | undefined> {
    const login = await this.#authenticate(token);
    const record = (answer: string): void =>
      this.#parts.log.add({
        type: 'jitsi-login',
        socket: id,
        room: nameOf(address),
        name,
        resume: resume !== null,
        token: login.verdict,
        answer,
      });
    if ('refused' in login) {
      record(login.refused);
      say(socket, { type: 'login-failed', text: login.text });
      return undefined;
    }
    const kept = resume === null ? undefined : this.#sessions.get(resume);
    const session = kept ?? new XmppSession(page, address, login);
    session.credentials = login;
    this.#sessions.set(session.key, session);
    if (!kept) session.presence = { ...session.presence, name };
    record(kept ? 'resumed' : resume === null ? 'ok' : 'item-not-found');
    session.attach(socket, { type: 'logged-in', session: session.key, resumed: kept !== undefined });
    return session;
  }

  async #authenticate(
    token: string | null,
  ): Promise<Credentials | { verdict: Credentials['verdict']; refused: string; text: string | null }> {
    const settings = this.#parts.settings.jitsi;
    const login = await this.#parts.tokens.verify(token, settings);
    const { verdict } = login;
    if ('claims' in login) return { verdict, claims: login.claims, guest: false };
    if (token === null && settings.guests) return { verdict, guest: true };
    if (token === null && !settings.requireToken) return { verdict, guest: false };
    const { condition, text } = login;
    return { verdict, refused: text, text: condition === 'not-allowed' ? asInXml(text) : null };
  }

  #receive(session: XmppSession, message: ClientMessage): void {
    if (message.type === 'join') {
      session.presence = message.presence;
      const joined = this.#conferenceFor(session.address);
      joined.join(session, message.password);
      return this.tidy(joined);
    }
    if (message.type === 'leave') return this.#leave(session);
    const conference = this.conferenceOf(session);
    if (!conference) return;
    const mayModerate = session.role === 'moderator';
    const person = (id: string): XmppSession | undefined =>
      this.#sessionsIn(conference).find((one) => one.id === id);
    switch (message.type) {
      case 'presence':
        session.presence = message.presence;
        return conference.changed(session);
      case 'signal':
        return conference.signal(session, message.to, message.data);
      case 'breakout':
        return conference.move(session, message.room);
      case 'knock':
        return conference.ask(session);
    }
    if (!mayModerate) return;
    switch (message.type) {
      case 'kick': {
        const kicked = person(message.id);
        if (kicked) conference.kick(kicked, session.person);
        return;
      }
      case 'admit': {
        const knocker = person(message.id);
        if (knocker) conference.admit(knocker, message.admitted);
        return;
      }
      case 'lobby':
        return conference.setLobby(message.enabled);
      case 'add-breakout':
        conference.addBreakout(message.name);
        return;
      case 'end':
        conference.destroy('The meeting has been ended.', false);
        this.tidy(conference);
    }
  }

  #conferenceFor(address: RoomAddress): Conference {
    const name = nameOf(address);
    const conference = this.#conferences.get(name) ?? new Conference(address, this.#parts);
    this.#conferences.set(name, conference);
    return conference;
  }

  #sessionsIn({ name }: Conference): XmppSession[] {
    return [...this.#sessions.values()].filter(({ address }) => nameOf(address) === name);
  }

  #leave(session: XmppSession): void {
    const conference = this.conferenceOf(session);
    conference?.leave(session);
    if (conference) this.tidy(conference);
  }
}

function say(socket: WebSocket, message: ServerMessage): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}

/** The client takes the text out of the XML as it stands. */
function asInXml(text: string): string {
  return text.replaceAll("'", '&apos;');
}
