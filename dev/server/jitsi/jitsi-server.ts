import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { JitsiRoomReport } from './conference.ts';
import type { RemoteCommand } from './messages.ts';
import { type JitsiServerParts, Prosody, type Who } from './prosody.ts';
import { RemotePages } from './remote-pages.ts';
import { isRoom } from './room-address.ts';
import { answerJitsiRequest } from './web.ts';

/**
 * How a page's signalling is cut off: `terminate` destroys the socket and keeps the session, so that the page can
 * resume it; `forget` destroys both, so that it cannot.
 */
export type JitsiDropKind = 'terminate' | 'forget';

const maxFrameBytes = 262_144;

/**
 * A stand-in for a Jitsi deployment: `external_api.js` and the meeting page at `/jitsi/…`, Prosody's token checks at
 * every login, who may come in as its MUC and Jicofo decide it, and meetings whose media really flow, straight from
 * page to page. Its methods make happen what happens to real meetings; each says to how many it did. For
 * development: there is no XMPP, no bridge, no recording and no chat.
 */
export class JitsiServer {
  readonly #parts: JitsiServerParts;
  readonly #webSockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes });
  readonly #prosody: Prosody;
  readonly #pages = new RemotePages();
  #isAway = false;

  constructor(parts: JitsiServerParts) {
    this.#parts = parts;
    this.#prosody = new Prosody(parts);
  }

  /** What is open, for tests that look for leftovers. `sessions` counts those whose socket is lost, too. */
  get open(): { pages: number; sockets: number; sessions: number } {
    return { pages: this.#pages.size, ...this.#prosody.open };
  }

  /** Serves `/jitsi/…`; false when the path is another one. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    if (!this.#isAway || !request.url?.startsWith('/jitsi/'))
      return answerJitsiRequest(request, response, this.#parts.settings.jitsi);
    request.socket.destroy();
    return Promise.resolve(true);
  }

  /** Takes over an upgrade to `/jitsi/xmpp` or `/jitsi/remote`; false when the path is another one. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname !== '/jitsi/xmpp' && pathname !== '/jitsi/remote') return false;
    const isRemote = pathname === '/jitsi/remote';
    if (this.#isAway || (!isRemote && !this.#parts.settings.jitsi.acceptSockets)) {
      socket.destroy();
      return true;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      if (isRemote) this.#pages.open(webSocket, searchParams);
      else this.#prosody.connect(webSocket, searchParams);
    });
    return true;
  }

  /** Who is in which meeting, and who knocks at it. */
  rooms(): JitsiRoomReport[] {
    return this.#prosody.conferencesOf({}).map((conference) => conference.report());
  }

  /** Cuts off the signalling; the pages' media go on. */
  drop({ how = 'terminate', ...who }: Who & { how?: JitsiDropKind } = {}): number {
    const matching = this.#prosody.matching(who).filter(({ held }) => !held);
    for (const session of matching) {
      session.drop();
      if (how === 'forget') this.#prosody.end(session);
    }
    return matching.length;
  }

  /** The whole server is away: it answers nothing, and has forgotten who was in. */
  goAway(): number {
    this.#isAway = true;
    return this.drop({ how: 'forget' });
  }

  comeBack(): void {
    this.#isAway = false;
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
    for (const conference of this.#prosody.conferencesOf(who)) {
      const people = this.#prosody.matching({ ...who, room: conference.name });
      const room = back ? null : conference.addBreakout('Breakout room');
      moved += this.#pages.command(({ key }) => people.some(({ page }) => page === key), {
        do: 'breakout',
        room,
      });
    }
    return moved;
  }

  /** A moderator takes people out. */
  kick(who: Who): number {
    const matching = this.#prosody.matching(who);
    for (const session of matching) this.#prosody.conferenceOf(session)?.kick(session);
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
    const [conference] = this.#prosody.conferencesOf({ room });
    const count = conference?.destroy(reason, restart) ?? 0;
    if (conference) this.#prosody.tidy(conference);
    return count;
  }

  /** Cuts everybody off and frees everything. */
  async close(): Promise<void> {
    this.#prosody.close();
    this.#pages.close();
    this.#webSockets.close();
  }

  #answerKnock(who: Who, admitted: boolean): number {
    let answered = 0;
    for (const conference of this.#prosody.conferencesOf(who))
      for (const session of conference.knockers(who.identity)) {
        conference.admit(session, admitted);
        answered += 1;
      }
    return answered;
  }

  #command({ room, identity }: Who, command: RemoteCommand): number {
    // A page may not know the other names of the one who is on it.
    const sessions = identity === undefined ? [] : this.#prosody.matching({ identity });
    const known = sessions.map(({ page }) => page);
    return this.#pages.command(
      (page) =>
        isRoom(page.room, room) &&
        (identity === undefined || page.name === identity || known.includes(page.key)),
      command,
    );
  }
}
