import type { Handle } from './handle.ts';

/**
 * Who is where, and who has blocked whom: the plugin's own tables, with their peculiarities. A user who joins
 * twice, as after a reconnect that was quicker than the session timeout, is known by the first handle, and by none
 * once either of the two is gone.
 */
export class Switchboard {
  readonly #joined = new Set<Handle>();
  readonly #publishersByRoom = new Map<string, Set<Handle>>();
  readonly #publishersByUser = new Map<string, Handle>();
  /** Who gets whose media: subscriber to publisher. */
  readonly #subscriptions = new Map<Handle, Handle>();
  readonly #blocked = new Map<string, Set<string>>();

  /** Everybody who has joined. */
  get joined(): readonly Handle[] {
    return [...this.#joined];
  }

  /** How many users publish. */
  get userCount(): number {
    return this.#publishersByUser.size;
  }

  /** Enters a handle that has just joined. */
  join(handle: Handle): void {
    if (!handle.joined) return;
    const { role, room, user } = handle.joined;
    this.#joined.add(handle);
    if (role === 'subscriber') return;
    if (!this.#publishersByUser.has(user)) this.#publishersByUser.set(user, handle);
    const publishers = this.#publishersByRoom.get(room) ?? new Set();
    this.#publishersByRoom.set(room, publishers.add(handle));
  }

  /** Strikes a handle out. */
  leave(handle: Handle): void {
    if (!this.#joined.delete(handle) || !handle.joined) return;
    const { role, room, user } = handle.joined;
    this.#subscriptions.delete(handle);
    if (role === 'subscriber') return;
    for (const subscriber of this.subscribersTo(handle)) this.#subscriptions.delete(subscriber);
    this.#publishersByUser.delete(user);
    const publishers = this.#publishersByRoom.get(room);
    publishers?.delete(handle);
    if (publishers?.size === 0) this.#publishersByRoom.delete(room);
  }

  subscribe(subscriber: Handle, publisher: Handle): void {
    this.#subscriptions.set(subscriber, publisher);
  }

  /** Whether any handle of the user is left. */
  isConnected(user: string): boolean {
    return this.joined.some(({ joined }) => joined?.user === user);
  }

  /** The publishers of a room, in the order they came. */
  publishersIn(room: string): readonly Handle[] {
    return [...(this.#publishersByRoom.get(room) ?? [])];
  }

  /** The users who publish in a room, each once. */
  usersIn(room: string): string[] {
    return [...new Set(this.publishersIn(room).flatMap(({ joined }) => joined?.user ?? []))];
  }

  /** The publisher of a user, in whatever room it is. */
  publisherOf(user: string): Handle | undefined {
    return this.#publishersByUser.get(user);
  }

  /** The handles by which a user gets others' media. */
  subscribersOf(user: string): readonly Handle[] {
    return this.joined.filter(({ joined }) => joined?.user === user && joined.role === 'subscriber');
  }

  subscribersTo(publisher: Handle): readonly Handle[] {
    return [...this.#subscriptions]
      .filter(([, from]) => from === publisher)
      .map(([subscriber]) => subscriber);
  }

  /** Whose media a subscriber gets. */
  publisherFor(subscriber: Handle): Handle | undefined {
    return this.#subscriptions.get(subscriber);
  }

  /** Separates two users; it outlives their connections. */
  block(by: string, whom: string): void {
    this.#blocked.set(by, (this.#blocked.get(by) ?? new Set()).add(whom));
  }

  /** Takes back what {@link block} did; not what the other one blocked. */
  unblock(by: string, whom: string): void {
    const blocked = this.#blocked.get(by);
    blocked?.delete(whom);
    if (blocked?.size === 0) this.#blocked.delete(by);
  }

  /** Whether nothing may pass between two, whichever of them has blocked the other. */
  separated(one: Handle, other: Handle): boolean {
    const [a, b] = [one.joined?.user ?? '', other.joined?.user ?? ''];
    return (this.#blocked.get(a)?.has(b) ?? false) || (this.#blocked.get(b)?.has(a) ?? false);
  }
}
