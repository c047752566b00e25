import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { EventLog } from '../event-log.ts';
import type { Settings } from '../settings.ts';
import { Conference, type JitsiRoomReport } from './conference.ts';
import type { ClientMessage, RemoteCommand, ServerMessage } from './messages.ts';
import { nameOf, parseRoomAddress, type RoomAddress } from './room-address.ts';
import type { JitsiTokens } from './tokens.ts';
import { answerJitsiRequest } from './web.ts';
import { type Credentials, XmppSession } from './xmpp-session.ts';

/** Whom something is done to; what is left out fits all. */
export interface Who {
  /** `room` or `tenant/room`. */
  room?: string;
  /** The display name, the user id in the token, or the participant id. */
  identity?: string;
}

/**
 * How a page's signalling is cut off: `terminate` destroys the socket and keeps the session, so that the page can
 * resume it; `forget` destroys both, so that it cannot.
 */
export type JitsiDropKind = 'terminate' | 'forget';

/** What the server works with. */
export interface JitsiServerParts {
  settings: Settings;
  tokens: JitsiTokens;
  log: EventLog;
}

interface Page {
  readonly socket: WebSocket;
  readonly key: string;
  readonly room: string;
  readonly name: string;
}

const maxFrameBytes = 262_144;
/** What a page closes with, and what the browser does when a page is left. */
const leaving = [1000, 1001, 1005];

/**
 * A stand-in for a Jitsi deployment: `external_api.js` and the meeting page at `/jitsi/…`, Prosody's token checks at
 * every login, who may come in as its MUC and Jicofo decide it, and meetings whose media really flow, straight from
 * page to page. Its methods make happen what happens to real meetings; each says to how many it did. For
 * development: there is no XMPP, no bridge, no recording and no chat.
 */
export class JitsiServer {
  readonly #parts: JitsiServerParts;
  readonly #webSockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes });
  readonly #sockets = new Set<WebSocket>();
  readonly #sessions = new Map<string, XmppSession>();
  readonly #conferences = new Map<string, Conference>();
  readonly #pages = new Set<Page>();
  #nextId = 1;

  constructor(parts: JitsiServerParts) {
    this.#parts = parts;
  }

  /** What is open, for tests that look for leftovers. `sessions` counts those whose socket is lost, too. */
  get open(): { pages: number; sockets: number; sessions: number } {
    return { pages: this.#pages.size, sockets: this.#sockets.size, sessions: this.#sessions.size };
  }

  /** Serves `/jitsi/…`; false when the path is another one. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    return answerJitsiRequest(request, response, this.#parts.settings.jitsi);
  }

  /** Takes over an upgrade to `/jitsi/xmpp` or `/jitsi/remote`; false when the path is another one. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname !== '/jitsi/xmpp' && pathname !== '/jitsi/remote') return false;
    const isRemote = pathname === '/jitsi/remote';
    if (!isRemote && !this.#parts.settings.jitsi.acceptSockets) {
      socket.destroy();
      return true;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      if (isRemote) this.#openRemote(webSocket, searchParams);
      else this.#openXmpp(webSocket, searchParams);
    });
    return true;
  }

  /** Who is in which meeting, and who knocks at it. */
  rooms(): JitsiRoomReport[] {
    return [...this.#conferences.values()].map((conference) => conference.report());
  }

  /** Cuts off the signalling; the pages' media go on. */
  drop({ how = 'terminate', ...who }: Who & { how?: JitsiDropKind } = {}): number {
    const matching = this.#matching(who).filter(({ held }) => !held);
    for (const session of matching) {
      session.drop();
      if (how === 'forget') this.#end(session);
    }
    return matching.length;
  }

  /**
   * An error that the page tells by `errorOccurred`, by any name of the vendor's: `connection.droppedError`,
   * `conference.iceFailed`, … After a fatal one the page counts down and reloads itself.
   */
  fail(name: string, { params = [], ...who }: Who & { params?: readonly unknown[] } = {}): number {
    return this.#command(who, { do: 'fail', name, params });
  }

  /** A notification, by the vendor's keys. Default: the one that asks to log in again, shown when a token is over. */
  notify({
    title = 'dialog.login',
    description = 'dialog.loginOnResume',
    ...who
  }: Who & { title?: string; description?: string } = {}): number {
    return this.#command(who, { do: 'notify', title, description });
  }

  /** The machine slept and woke up. */
  suspend(who: Who = {}): number {
    return this.#command(who, { do: 'suspend' });
  }

  /** The page reloads itself, with the token it was opened with. */
  reload(who: Who = {}): number {
    return this.#command(who, { do: 'reload' });
  }

  /** The person hangs up inside the frame. */
  hangUp(who: Who = {}): number {
    return this.#command(who, { do: 'hangup' });
  }

  /** The person uses the microphone's (`audio`) or the camera's (`video`) button inside the frame. */
  toggle(device: 'audio' | 'video', who: Who = {}): number {
    return this.#command(who, { do: 'toggle', device });
  }

  /** The frame says and answers nothing from now on. */
  silence(who: Who = {}): number {
    return this.#command(who, { do: 'silence' });
  }

  /** Moves people to a new breakout room, or, with `back`, to the main room again. */
  breakout({ back = false, ...who }: Who & { back?: boolean } = {}): number {
    let moved = 0;
    for (const conference of this.#conferencesOf(who)) {
      const people = this.#matching({ ...who, room: conference.name });
      const room = back ? null : conference.addBreakout('Breakout room');
      for (const { page } of people) moved += this.#send(page, { do: 'breakout', room });
    }
    return moved;
  }

  /** A moderator takes people out. */
  kick(who: Who): number {
    const matching = this.#matching(who);
    for (const session of matching) this.#conferenceOf(session)?.kick(session);
    return matching.length;
  }

  /** A moderator lets in whoever knocks. */
  admit(who: Who = {}): number {
    return this.#answerKnock(who, true);
  }

  /** A moderator turns away whoever knocks. */
  reject(who: Who = {}): number {
    return this.#answerKnock(who, false);
  }

  /** The meeting is ended for all. With `restart` the pages come back by themselves, and log in anew. */
  destroy(room: string, { reason = 'The meeting has been ended.', restart = false } = {}): number {
    const conference = this.#conferences.get(nameOf(parseRoomAddress(room)));
    const count = conference?.destroy(reason, restart) ?? 0;
    if (conference) this.#tidy(conference);
    return count;
  }

  /** Cuts everybody off and frees everything. */
  async close(): Promise<void> {
    for (const socket of [...this.#sockets, ...[...this.#pages].map((page) => page.socket)])
      socket.terminate();
    for (const session of this.#sessions.values()) session.end();
    this.#sessions.clear();
    this.#webSockets.close();
  }

  #openRemote(socket: WebSocket, query: URLSearchParams): void {
    const page: Page = {
      socket,
      key: query.get('page') ?? '',
      room: nameOf(parseRoomAddress(query.get('room') ?? '')),
      name: query.get('name') ?? '',
    };
    this.#pages.add(page);
    socket.on('close', () => this.#pages.delete(page));
  }

  #openXmpp(socket: WebSocket, query: URLSearchParams): void {
    const { log } = this.#parts;
    const id = this.#nextId;
    this.#nextId += 1;
    this.#sockets.add(socket);
    log.add({ type: 'socket-open', app: 'jitsi', socket: id });
    const address = parseRoomAddress(query.get('room') ?? '');
    const token = query.get('token') ?? '';
    let session: XmppSession | undefined;
    let queue: Promise<void> = Promise.resolve();
    socket.on('message', (frame) => {
      queue = queue.then(async () => {
        const message = parse(String(frame));
        if (message?.type === 'login') session = await this.#login(socket, id, address, token, message);
        else if (message && session?.isOn(socket)) this.#receive(session, message);
      });
    });
    socket.on('close', (code) => {
      this.#sockets.delete(socket);
      log.add({ type: 'socket-close', app: 'jitsi', socket: id, code });
      void queue.then(() => {
        const lost = session;
        if (!lost?.isOn(socket) || !this.#sessions.has(lost.key)) return;
        // A page that is left says so by the code; a socket that is lost does not.
        if (leaving.includes(code)) this.#end(lost);
        else lost.keep(this.#parts.settings.jitsi.sessionHoldMs, () => this.#end(lost));
      });
    });
  }

  async #login(
    socket: WebSocket,
    id: number,
    address: RoomAddress,
    token: string,
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
    token: string,
  ): Promise<Credentials | { verdict: Credentials['verdict']; refused: string; text: string | null }> {
    const settings = this.#parts.settings.jitsi;
    const login = await this.#parts.tokens.verify(token, settings);
    const { verdict } = login;
    if ('claims' in login) return { verdict, claims: login.claims, guest: false };
    if (token === '' && settings.guests) return { verdict, guest: true };
    if (token === '' && !settings.requireToken) return { verdict, guest: false };
    const { condition, text } = login;
    return { verdict, refused: text, text: condition === 'not-allowed' ? asInXml(text) : null };
  }

  #receive(session: XmppSession, message: ClientMessage): void {
    if (message.type === 'join') {
      session.presence = message.presence;
      const joined = this.#conferenceFor(session.address);
      joined.join(session);
      return this.#tidy(joined);
    }
    if (message.type === 'leave') return this.#leave(session);
    const conference = this.#conferenceOf(session);
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
        this.#tidy(conference);
    }
  }

  #conferenceFor(address: RoomAddress): Conference {
    const name = nameOf(address);
    const conference = this.#conferences.get(name) ?? new Conference(address, this.#parts);
    this.#conferences.set(name, conference);
    return conference;
  }

  #conferenceOf({ address }: XmppSession): Conference | undefined {
    return this.#conferences.get(nameOf(address));
  }

  #conferencesOf({ room }: Who): Conference[] {
    const name = room === undefined ? undefined : nameOf(parseRoomAddress(room));
    return [...this.#conferences.values()].filter((one) => name === undefined || one.name === name);
  }

  #sessionsIn({ name }: Conference): XmppSession[] {
    return [...this.#sessions.values()].filter(({ address }) => nameOf(address) === name);
  }

  #matching({ room, identity }: Who): XmppSession[] {
    const name = room === undefined ? undefined : nameOf(parseRoomAddress(room));
    return [...this.#sessions.values()].filter(
      (session) => (name === undefined || nameOf(session.address) === name) && session.isCalled(identity),
    );
  }

  #answerKnock(who: Who, admitted: boolean): number {
    let answered = 0;
    for (const conference of this.#conferencesOf(who))
      for (const session of conference.knockers(who.identity)) {
        conference.admit(session, admitted);
        answered += 1;
      }
    return answered;
  }

  #leave(session: XmppSession): void {
    const conference = this.#conferenceOf(session);
    conference?.leave(session);
    if (conference) this.#tidy(conference);
  }

  #end(session: XmppSession): void {
    this.#leave(session);
    session.end();
    this.#sessions.delete(session.key);
  }

  #tidy(conference: Conference): void {
    if (conference.isEmpty) this.#conferences.delete(conference.name);
  }

  #command({ room, identity }: Who, command: RemoteCommand): number {
    const called = new Set(
      this.#matching({ ...(identity === undefined ? {} : { identity }) }).map(({ page }) => page),
    );
    const name = room === undefined ? undefined : nameOf(parseRoomAddress(room));
    const matching = [...this.#pages].filter(
      (page) =>
        (name === undefined || page.room === name) &&
        (identity === undefined || page.name === identity || called.has(page.key)),
    );
    for (const { socket } of matching) socket.send(JSON.stringify(command));
    return matching.length;
  }

  #send(key: string, command: RemoteCommand): number {
    const matching = [...this.#pages].filter((page) => page.key === key);
    for (const { socket } of matching) socket.send(JSON.stringify(command));
    return matching.length;
  }
}

function parse(text: string): ClientMessage | undefined {
  try {
    return JSON.parse(text) as ClientMessage;
  } catch {
    return undefined;
  }
}

function say(socket: WebSocket, message: ServerMessage): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}

/** The client takes the text out of the XML as it stands. */
function asInXml(text: string): string {
  return text.replaceAll("'", '&apos;');
}
