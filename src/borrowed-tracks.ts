/** A track of the app's that is in use, maybe by several sessions. */
interface Borrowed {
  readonly wasEnabled: boolean;
  /** What a session made of `enabled` last. */
  set: boolean | undefined;
  readonly users: Set<object>;
}

const borrowed = new WeakMap<MediaStreamTrack, Borrowed>();

/** Remembers how a track is before `user` uses it. */
export function borrow(track: MediaStreamTrack, user: object): void {
  const entry = borrowed.get(track) ?? { wasEnabled: track.enabled, set: undefined, users: new Set() };
  entry.users.add(user);
  borrowed.set(track, entry);
}

/** Turns a track on or off. */
export function setEnabled(track: MediaStreamTrack, on: boolean): void {
  const entry = borrowed.get(track);
  if (entry) entry.set = on;
  track.enabled = on;
}

/** Leaves a track as it was before its first user came, where this is the last one and the app has not turned it since. */
export function giveBack(track: MediaStreamTrack, user: object): void {
  const entry = borrowed.get(track);
  if (!entry?.users.delete(user) || entry.users.size > 0) return;
  borrowed.delete(track);
  if (track.enabled === entry.set) track.enabled = entry.wasEnabled;
}
