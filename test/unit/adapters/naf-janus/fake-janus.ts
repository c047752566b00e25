import type { Clock } from '../../../../src/clock.ts';
import { type FakeWebSocket, fakeNetwork } from '../../fake-web-socket.ts';
import { FakePeerConnection, type OfferedTrack } from './fake-peer-connection.ts';

/** What a client sent. */
export interface Frame {
  readonly janus: string;
  readonly transaction: string;
  readonly session_id?: number;
  readonly handle_id?: number;
  readonly plugin?: string;
  readonly body?: { readonly kind?: string; readonly [field: string]: unknown };
  readonly jsep?: { readonly type: 'offer' | 'answer' };
  readonly candidate?: object | null;
}

/** A join that arrived, and what became of it. */
export interface Join {
  readonly user: string;
  readonly room: string;
  /** Whose media a subscriber wants; the publisher's own join has none. */
  readonly media: string | undefined;
  readonly token: string;
  readonly socket: FakeWebSocket;
  readonly at: number;
  readonly refusal: string | undefined;
}

interface Handle {
  readonly id: number;
  user?: string;
  room?: string;
  media?: string;
  up: boolean;
}

interface Session {
  readonly id: number;
  readonly socket: FakeWebSocket;
  readonly handles: Map<number, Handle>;
}

type Claims = Readonly<Record<string, unknown>>;

const claimsOf = (token: string): Claims | undefined => {
  try {
    return JSON.parse(atob(token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''));
  } catch {
    return undefined;
  }
};

/**
 * As much of Janus with janus-plugin-sfu as one participant sees of it. It looks at each join's token as the plugin does,
 * but for its signature. The others in the room are names.
 */
export class FakeJanus {
  /** Every frame that came. */
  readonly frames: Frame[] = [];
  readonly joins: Join[] = [];
  /** Refuses more than a server does that has only the token to go by; with which words. */
  refuses: (join: Omit<Join, 'refusal'>) => string | false = () => false;
  /** It has no key, and lets everybody in. */
  opened = false;
  /** It takes connections. */
  up = true;
  /** It answers. */
  silent = false;
  /** Kinds of frames (`create`, `attach`, `join`, `offer` …) that it never answers. */
  readonly ignores = new Set<string>();
  /** Kinds of frames that it answers with an error. */
  readonly fails = new Set<string>();
  /** Kinds of messages that the plugin answers with `success: false`. */
  readonly rejects = new Set<string>();
  /** Whose media connections (of a publisher: the empty text) never come up. */
  readonly deaf = new Set<string>();
  /** Kinds of frames that it works on until `release()`. */
  readonly holds = new Set<string>();
  #held: { readonly kind: string; readonly work: () => void }[] = [];
  /** Sessions that it made after their sockets had closed: they stay until its timeout. */
  orphans = 0;
  /** What makes it crash: media connections that closed while an offer of theirs was under way. */
  crashes = 0;
  /** It does not notice when a socket breaks: the network of the client's side changed. */
  keepsSessions = false;
  /** Sessions whose sockets broke without its notice. */
  readonly ghosts: Map<number, Session> = new Map();
  /** How many may be in the room. */
  roomSize = Number.POSITIVE_INFINITY;
  /** Each participant's tracks. */
  kinds: readonly ('audio' | 'video')[] = ['audio', 'video'];
  readonly others: string[] = [];
  readonly network: ReturnType<typeof fakeNetwork>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #room: string;
  readonly #sessions = new Set<Session>();
  #ids = 1;

  constructor(clock: Pick<Clock, 'now'>, room: string) {
    this.#clock = clock;
    this.#room = room;
    this.network = fakeNetwork((socket) => this.#connect(socket));
  }

  get sockets(): readonly FakeWebSocket[] {
    return this.network.sockets;
  }

  /** The joins of publishers, of those of one attempt or all. */
  publishers(socket?: FakeWebSocket): Join[] {
    return this.joins.filter(
      (join) => join.media === undefined && (join.socket === socket || socket === undefined),
    );
  }

  /** The joins for somebody's media. */
  subscribers(media?: string): Join[] {
    return this.joins.filter(
      (join) => join.media !== undefined && (join.media === media || media === undefined),
    );
  }

  bodies(kind: string): Frame['body'][] {
    return this.frames.filter(({ body }) => body?.kind === kind).map(({ body }) => body);
  }

  /** Somebody else joins. */
  join(id: string): void {
    this.others.push(id);
    this.#tellPublishers({ event: 'join', user_id: id, room_id: this.#room });
  }

  /** Somebody else leaves. */
  leave(id: string): void {
    this.others.splice(this.others.indexOf(id), 1);
    this.#tellPublishers({ event: 'leave', user_id: id, room_id: this.#room });
  }

  /** All sockets break, or are closed with another code. */
  drop(code?: number): void {
    for (const { socket } of this.#sessions) socket.break(code);
  }

  /** It is done with what it held, of one kind or all. */
  release(only?: string): void {
    const isMeant = (kind: string) => only === undefined || kind === only;
    for (const kind of this.holds) if (isMeant(kind)) this.holds.delete(kind);
    const released = this.#held.filter(({ kind }) => isMeant(kind));
    this.#held = this.#held.filter(({ kind }) => !isMeant(kind));
    for (const { work } of released) work();
  }

  /** How many handles it has. */
  get handles(): number {
    return [...this.#sessions].reduce((sum, { handles }) => sum + handles.size, 0);
  }

  /** It was silent for too long, and the server ended the session. */
  timeOut(): void {
    for (const session of this.#sessions) this.#send(session, { janus: 'timeout' });
    this.#sessions.clear();
  }

  /** The server has no memory of anybody; the sockets stay. */
  forget(): void {
    this.#sessions.clear();
  }

  /** The server ends our own media connection, or the one for somebody's media. */
  hangUp(media?: string): void {
    this.#each(media, (session, { id }) =>
      this.#send(session, { janus: 'hangup', sender: id, reason: 'ICE failed' }),
    );
  }

  /** Somebody kicks us. */
  kickOut(): void {
    this.hangUp();
    this.detach();
  }

  /** The server lets go of our own handle, or of the one for somebody's media. */
  detach(media?: string): void {
    this.#each(media, (session, { id }) => {
      this.#send(session, { janus: 'detached', sender: id });
      session.handles.delete(id);
    });
  }

  #each(media: string | undefined, work: (session: Session, handle: Handle) => void): void {
    for (const session of this.#sessions) {
      for (const handle of [...session.handles.values()]) {
        if (handle.user !== undefined && handle.media === media) work(session, handle);
      }
    }
  }

  #tellPublishers(data: object): void {
    this.#each(undefined, (session, handle) => this.#event(session, handle, data));
  }

  #connect(socket: FakeWebSocket): void {
    if (!this.up) return socket.break();
    const session: Session = { id: this.#ids++, socket, handles: new Map() };
    this.#sessions.add(session);
    socket.accept(
      (text) => this.#take(session, JSON.parse(text)),
      () => {
        if (this.#sessions.delete(session) && this.keepsSessions) this.ghosts.set(session.id, session);
      },
    );
  }

  #send({ socket, id }: Session, message: object): void {
    socket.deliver({ session_id: id, ...message });
  }

  #event(session: Session, handle: Handle, data: object, more: object = {}): void {
    const plugindata = { plugin: 'janus.plugin.sfu', data };
    this.#send(session, { janus: 'event', sender: handle.id, plugindata, ...more });
  }

  #take(session: Session, frame: Frame): void {
    this.frames.push(frame);
    const { janus, body, jsep } = frame;
    const kind = jsep?.type ?? body?.kind ?? janus;
    if (this.silent || this.ignores.has(kind)) return;
    if (!this.holds.has(kind)) return this.#answer(session, frame, kind);
    const openBefore = FakePeerConnection.open.size;
    const work = () => {
      if (kind === 'offer' && FakePeerConnection.open.size < openBefore) this.crashes++;
      this.#answer(session, frame, kind);
    };
    this.#held.push({ kind, work });
  }

  #answer(session: Session, frame: Frame, kind: string): void {
    const { janus, transaction } = frame;
    const { socket } = session;
    if (janus === 'create' && !this.#sessions.has(session)) this.orphans++;
    const { session_id = session.id } = frame;
    const answer = (message: object) => socket.deliver({ session_id, transaction, ...message });
    const isGhost = this.ghosts.has(session_id);
    const isKnown = isGhost || (session_id === session.id && this.#sessions.has(session));
    if (!isKnown) {
      answer({ janus: 'error', error: { code: 458, reason: 'No such session' } });
    } else if (this.fails.has(kind)) {
      answer({ janus: 'error', error: { code: 490, reason: 'Unknown error' } });
    } else if (janus === 'create') {
      socket.deliver({ janus: 'success', transaction, data: { id: session.id } });
    } else if (janus === 'destroy') {
      answer({ janus: 'success' });
      this.ghosts.delete(session_id);
      if (session_id === session.id) this.#sessions.delete(session);
    } else if (janus === 'attach') {
      const handle: Handle = { id: this.#ids++, up: false };
      session.handles.set(handle.id, handle);
      answer({ janus: 'success', data: { id: handle.id } });
    } else if (janus === 'message') {
      answer({ janus: 'ack' });
      const handle = session.handles.get(frame.handle_id ?? 0);
      if (handle) this.#message(session, handle, frame);
      else answer({ janus: 'error', error: { code: 459, reason: 'No such handle' } });
    } else if (janus === 'detach') {
      answer({ janus: 'success' });
      if (session.handles.delete(frame.handle_id ?? 0))
        this.#send(session, { janus: 'detached', sender: frame.handle_id });
    } else {
      answer({ janus: 'ack' });
    }
  }

  #message(session: Session, handle: Handle, { body = {}, jsep, transaction }: Frame): void {
    const reply = (data: object, more: object = {}) =>
      this.#event(session, handle, data, { transaction, ...more });
    if (jsep?.type === 'offer') {
      reply({ success: true, response: {} }, { jsep: { type: 'answer', sdp: '[]' } });
      this.#comeUp(session, handle, '');
    } else if (jsep?.type === 'answer') {
      reply({ success: true, response: {} });
      this.#comeUp(session, handle, handle.media ?? '');
    } else if (body.kind === 'join') {
      this.#join(session, handle, body, reply);
    } else if (body.kind === 'kick' && typeof body['token'] !== 'string') {
      const msg = 'data did not match any variant of untagged enum OptionalField';
      reply({ success: false, error: { msg } });
    } else if (this.rejects.has(body.kind ?? '')) {
      reply({ success: false, error: { msg: 'Cannot do that.' } });
    } else {
      reply({ success: true, response: {} });
    }
  }

  #comeUp(session: Session, handle: Handle, media: string): void {
    if (handle.up || this.deaf.has(media)) return;
    handle.up = true;
    this.#send(session, { janus: 'webrtcup', sender: handle.id });
  }

  #join(
    { socket }: Session,
    handle: Handle,
    body: Claims,
    reply: (data: object, more?: object) => void,
  ): void {
    const { media } = body['subscribe'] as { media?: string };
    const { user_id: user, room_id: room, token } = body as Record<string, string>;
    const join = { user, room, media, token, socket, at: this.#clock.now() } as Omit<Join, 'refusal'>;
    const refusal = this.refuses(join) || this.#refusalOf(join);
    this.joins.push({ ...join, refusal });
    if (refusal !== undefined) return reply({ success: false, error: { msg: refusal } });
    const users = this.#users();
    Object.assign(handle, { user, room, media });
    if (media === undefined) {
      return reply({ success: true, response: { users: { [this.#room]: users } } });
    }
    const tracks: OfferedTrack[] = this.kinds.map((kind) => ({ kind, id: `${kind} of ${media}` }));
    reply({ success: true, response: {} }, { jsep: { type: 'offer', sdp: JSON.stringify(tracks) } });
  }

  /** Who is in the room, as far as it knows. */
  #users(): string[] {
    const own = [...this.ghosts.values(), ...this.#sessions]
      .flatMap(({ handles }) => [...handles.values()])
      .flatMap(({ user, media }) => (user !== undefined && media === undefined ? [user] : []));
    return [...new Set([...this.others, ...own])];
  }

  /** As `auth.rs` and `lib.rs` of the plugin. */
  #refusalOf({ token, room, media }: Omit<Join, 'refusal'>): string | undefined {
    if (this.opened) return undefined;
    if (!token) return 'Rejecting anonymous join!';
    const claims = claimsOf(token);
    if (!claims || !(Number(claims['exp']) * 1000 > this.#clock.now()))
      return 'Rejecting join with invalid token!';
    const rooms = claims['room_ids'];
    if (claims['join_hub'] !== true || (Array.isArray(rooms) && !rooms.includes(room)))
      return 'Rejecting join without permission!';
    if (media === undefined && this.#users().length >= this.roomSize) return 'Room is full.';
    if (media !== undefined && !this.others.includes(media))
      return "Can't subscribe to a nonexistent publisher.";
    return undefined;
  }
}
