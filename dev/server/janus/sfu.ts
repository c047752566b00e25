import type { RoomReport } from '../ant-media/application.ts';
import type { EventLog, TokenVerdict } from '../event-log.ts';
import type { Settings } from '../settings.ts';
import type { Handle, Joined } from './handle.ts';
import { type JoinRequest, type KickRequest, Panic, PluginError, type Request } from './requests.ts';
import { Switchboard } from './switchboard.ts';
import type { JanusTokens } from './tokens.ts';

/** What the plugin works with. */
export interface SfuParts {
  settings: Settings;
  tokens: JanusTokens;
  log: EventLog;
}

/** What a message is answered with. */
export interface Reply {
  response: Record<string, unknown>;
  jsep?: { type: 'offer'; sdp: string };
}

/** The plugin `janus.plugin.sfu`: rooms, their members, and who may enter. */
export class Sfu {
  readonly #parts: SfuParts;
  #switchboard = new Switchboard();
  #panicked = false;

  constructor(parts: SfuParts) {
    this.#parts = parts;
  }

  /** Whether one of its threads has panicked, which poisons the lock of all: it does nothing from then on. */
  get panicked(): boolean {
    return this.#panicked;
  }

  /**
   * Does what a message asks for.
   *
   * @throws {@link PluginError}
   */
  async process(handle: Handle, request: Request): Promise<Reply> {
    if (this.#panicked) throw new PluginError('poisoned lock: another task failed inside');
    switch (request.kind) {
      case 'join':
        return this.#join(handle, request);
      case 'kick':
        await this.#kick(handle, request);
        break;
      case 'block':
        this.#block(handle, request.whom);
        break;
      case 'unblock':
        this.#unblock(handle, request.whom);
        break;
      case 'data':
        this.#data(handle, request.body, request.whom);
        break;
    }
    return { response: {} };
  }

  /** A publisher has made an offer: its subscribers get what it sends now, and an offer of their own. */
  published(publisher: Handle): void {
    for (const subscriber of this.#switchboard.subscribersTo(publisher)) {
      this.#refresh(subscriber);
      subscriber.offerAgain();
    }
  }

  /** Passes a publisher's data on to the others in its room, as it is. */
  relay(from: Handle, label: string, data: string | Buffer): void {
    // A real server drops empty messages.
    if (!from.joined || data.length === 0) return;
    for (const other of this.#switchboard.publishersIn(from.joined.room))
      if (other !== from && !this.#switchboard.separated(from, other)) other.send(label, data);
  }

  /** A handle is gone. The others hear of it when it was the user's last. */
  leave(handle: Handle): void {
    if (this.#panicked) return;
    this.#switchboard.leave(handle);
    if (!handle.joined) return;
    const { room, user } = handle.joined;
    if (this.#switchboard.isConnected(user)) return;
    this.#parts.log.add({ type: 'janus-leave', room, user });
    this.#notifyOthers(room, user, { event: 'leave', user_id: user, room_id: room });
  }

  /** Starts anew: forgets everybody, who has blocked whom, and a panic. */
  forget(): void {
    this.#panicked = false;
    this.#switchboard = new Switchboard();
  }

  /** Who is in which room, in the words of the Ant Media part. */
  report(): RoomReport[] {
    const members = this.#switchboard.joined.flatMap((handle) =>
      handle.joined ? [{ ...handle.joined, sources: handle.sources }] : [],
    );
    return [...new Set(members.map(({ room }) => room))].map((room) => ({
      app: 'janus',
      room,
      publishers: members
        .filter((member) => member.room === room && member.role === 'publisher')
        .map(({ user, sources }) => ({
          streamId: user,
          tracks: sources.map(({ trackId }) => trackId),
          held: false,
        })),
      players: members
        .filter((member) => member.room === room && member.role === 'subscriber')
        .map(({ user }) => ({ publishId: user })),
    }));
  }

  async #join(handle: Handle, request: JoinRequest): Promise<Reply> {
    const { room, user, subscribe } = request;
    const role: Joined['role'] = subscribe?.data ? 'publisher' : 'subscriber';
    const token = await this.#parts.tokens.verify(request.token, { join: room });
    let answer = 'joined';
    try {
      this.#refuse(role);
      authorize(token);
      return await this.#enter(handle, role, request);
    } catch (error) {
      answer = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      const media = subscribe?.media === undefined ? {} : { media: subscribe.media };
      const { socket } = handle;
      this.#parts.log.add({ type: 'janus-join', socket, room, user, role, ...media, token, answer });
    }
  }

  /** The order is the plugin's own: a subscriber refused for its publisher has joined nevertheless. */
  async #enter(handle: Handle, role: Joined['role'], { room, user, subscribe }: JoinRequest): Promise<Reply> {
    if (handle.destroyed) throw new PluginError('The handle is gone.');
    const users = this.#switchboard.usersIn(room);
    if (role === 'publisher') this.#requireSpace(users.length);
    if (handle.joined) throw new PluginError('Handles may only join once!');
    const { notifications = false, data = false, media } = subscribe ?? {};
    // A client that is known already, as after a changed network, is not announced.
    const isNew = !this.#switchboard.isConnected(user);
    handle.joined = { role, room, user, notifications, data };
    this.#switchboard.join(handle);
    if (role === 'publisher' && isNew)
      this.#notifyOthers(room, user, { event: 'join', user_id: user, room_id: room });
    const response = { users: { [room]: shuffled(users) } };
    if (media === undefined) return { response };
    const publisher = this.#switchboard.publisherOf(media);
    if (!publisher) throw new PluginError("Can't subscribe to a nonexistent publisher.");
    if (!publisher.hasOffered) {
      this.#panicked = true;
      throw new Panic();
    }
    if (!handle.idle) return { response };
    this.#switchboard.subscribe(handle, publisher);
    return { response, jsep: await handle.subscribe(this.#sourcesFor(handle)) };
  }

  #requireSpace(usersInRoom: number): void {
    const { maxRoomSize, maxUsers } = this.#parts.settings.janus;
    if (maxRoomSize > 0 && usersInRoom >= maxRoomSize) throw new PluginError('Room is full.');
    if (maxUsers > 0 && this.#switchboard.userCount >= maxUsers) throw new PluginError('Server is full.');
  }

  /** Throws the refusal the settings ask for, if any; counts `times` down. */
  #refuse(role: Joined['role']): void {
    const { janus } = this.#parts.settings;
    const { refuse } = janus;
    if (!refuse || (refuse.role !== 'any' && refuse.role !== role)) return;
    if (refuse.times !== null) {
      refuse.times -= 1;
      if (refuse.times <= 0) janus.refuse = null;
    }
    throw new PluginError(refuse.message);
  }

  /** Puts a user out, in whatever room it is, if the token allows it. The client never hears that it does not. */
  async #kick(handle: Handle, { room, user, token: jwt }: KickRequest): Promise<void> {
    const token = await this.#parts.tokens.verify(jwt, 'kick');
    const answer = token.ok ? 'kicked' : 'ignored';
    const [socket, role] = [handle.socket, handle.joined?.role ?? null];
    this.#parts.log.add({ type: 'janus-kick', socket, room, user, role, token, answer });
    if (!token.ok) return;
    const publisher = this.#switchboard.publisherOf(user);
    for (const target of [...(publisher ? [publisher] : []), ...this.#switchboard.subscribersOf(user)])
      target.kick();
  }

  #block(handle: Handle, whom: string): void {
    if (!handle.joined) throw new PluginError('Cannot block when not in a room.');
    const { user } = handle.joined;
    this.#notifyUser(whom, { event: 'blocked', by: user });
    this.#switchboard.block(user, whom);
    this.#refreshBetween(user, whom);
  }

  #unblock(handle: Handle, whom: string): void {
    if (!handle.joined) throw new PluginError('Cannot unblock when not in a room.');
    const { user } = handle.joined;
    this.#switchboard.unblock(user, whom);
    this.#refreshBetween(user, whom);
    this.#notifyUser(whom, { event: 'unblocked', by: user });
  }

  #data(handle: Handle, body: string, whom: string | undefined): void {
    if (!handle.joined) throw new PluginError('Cannot send data when not in a room.');
    const { room, user } = handle.joined;
    for (const other of this.#switchboard.publishersIn(room)) {
      const to = other.joined;
      const meant = whom === undefined ? to?.user !== user : to?.user === whom;
      if (to?.data && meant) other.notify({ event: 'data', body });
    }
  }

  #notifyOthers(room: string, user: string, event: Record<string, unknown>): void {
    for (const other of this.#switchboard.publishersIn(room))
      if (other.joined?.notifications && other.joined.user !== user) other.notify(event);
  }

  #notifyUser(user: string, event: Record<string, unknown>): void {
    const publisher = this.#switchboard.publisherOf(user);
    if (publisher?.joined?.notifications) publisher.notify(event);
  }

  #refreshBetween(one: string, other: string): void {
    for (const subscriber of this.#switchboard.joined) {
      const from = this.#switchboard.publisherFor(subscriber)?.joined?.user;
      const users = [subscriber.joined?.user, from];
      if (users.includes(one) && users.includes(other)) this.#refresh(subscriber);
    }
  }

  #refresh(subscriber: Handle): void {
    subscriber.follow(this.#sourcesFor(subscriber));
  }

  #sourcesFor(subscriber: Handle) {
    const publisher = this.#switchboard.publisherFor(subscriber);
    return publisher && !this.#switchboard.separated(subscriber, publisher) ? publisher.sources : [];
  }
}

/** The plugin's lists have no order. */
function shuffled(users: readonly string[]): string[] {
  return users
    .map((user) => ({ user, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ user }) => user);
}

function authorize({ ok, why }: TokenVerdict): void {
  if (ok) return;
  if (why === 'missing') throw new PluginError('Rejecting anonymous join!');
  if (why === 'permission' || why === 'room') throw new PluginError('Rejecting join without permission!');
  throw new PluginError('Rejecting join with invalid token!');
}
