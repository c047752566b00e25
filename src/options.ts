import type { RoomAdapter } from './adapter.ts';
import type { Clock } from './clock.ts';
import type { Recorder } from './recorder.ts';
import type { TokenRefresherOptions } from './token/refresher-options.ts';
import type { TokenSource } from './token/source.ts';

/** What `new RoomSession` takes. */
export interface RoomSessionOptions<Vendor = unknown> {
  /** The way into the room: `antMedia(…)`, `nafJanus(…)`, `jitsi(…)` or one of your own. It belongs to this session alone. */
  readonly adapter: RoomAdapter<Vendor>;
  /** Where tokens come from, such as `tokenEndpoint(url)`. Default: none, and every join is a guest's. */
  readonly tokenSource?: TokenSource | undefined;
  /** Who is joining, unless `join` says otherwise. The adapter says what it may look like. Default: none. */
  readonly identity?: string | undefined;
  /** The name shown to the others, unless `join` says otherwise. Default: the identity. */
  readonly name?: string | undefined;
  /** How long a join may take, in ms. The time in `waiting` does not count. Default 30 000. */
  readonly joinTimeoutMs?: number | undefined;
  /** How long one attempt may take from its start until we are in the room, in ms. Default 15 000. */
  readonly attemptTimeoutMs?: number | undefined;
  /** How long to go on reconnecting before the room is `lost`, in ms. Sleep does not count. Default 300 000. */
  readonly reconnectLimitMs?: number | undefined;
  /** How long a message waits for a reconnect, in ms. Default 10 000. */
  readonly messageWaitMs?: number | undefined;
  /**
   * Leaves when the page is closed or left, and joins again when the back/forward cache brings it back. Default true.
   */
  readonly leaveOnPageHide?: boolean | undefined;
  /** When tokens are refreshed, and the deadline of one request. Default: those of {@link TokenRefresherOptions}. */
  readonly token?: Pick<TokenRefresherOptions, 'refreshAt' | 'timeoutMs'> | undefined;
  /**
   * Watches the media and remembers what happened, for `getReport()` and the event `mediaSilent`: `recordReport()` of
   * `room-session/report`. Default: none.
   */
  readonly report?: Recorder | undefined;
  /** Default: the browser's. */
  readonly clock?: Clock | undefined;
}

/** What `session.join` takes besides the room. */
export interface JoinOptions {
  /** Who is joining. Default: the session's `identity`. */
  readonly identity?: string | undefined;
  /** The name shown to the others. Default: the session's `name`. */
  readonly name?: string | undefined;
  /** Aborts the join. It has no effect once the join has resolved. Default: none. */
  readonly signal?: AbortSignal | undefined;
}
