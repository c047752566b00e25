import type { RoomAdapter } from './adapter.ts';
import type { Clock } from './clock.ts';
import type { TokenRefresherOptions } from './token/refresher-options.ts';
import type { TokenSource } from './token/source.ts';

export interface RoomSessionOptions<Vendor = unknown> {
  /** The way into the room: `antMedia(…)`, or anybody's. It belongs to this session alone. */
  readonly adapter: RoomAdapter<Vendor>;
  /** Where tokens come from, such as `tokenEndpoint(url)`. Without it every join is a guest's. */
  readonly tokenSource?: TokenSource | undefined;
  /** Who is joining; `join` may say otherwise. What it may look like is the adapter's to say. */
  readonly identity?: string | undefined;
  /** How long a join may take, in ms; the time in `waiting` does not count. Default 30 000. */
  readonly joinTimeoutMs?: number | undefined;
  /** When tokens are refreshed, and the deadline of one request. */
  readonly token?: Pick<TokenRefresherOptions, 'refreshAt' | 'timeoutMs'> | undefined;
  /** Default: the browser's. */
  readonly clock?: Clock | undefined;
}

export interface JoinOptions {
  /** Who is joining, in place of the session's `identity`. */
  readonly identity?: string | undefined;
  /** Aborts the join; once joined it has no effect. */
  readonly signal?: AbortSignal | undefined;
}
