import { browserClock, type Clock } from '../clock.ts';
import { own } from '../untrusted.ts';
import { readClaims } from './jwt.ts';
import { readLifetime } from './lifetime.ts';
import type { TokenAnswer, TokenDetails, TokenRequest, TokenSource } from './source.ts';

/** How {@link shareTokens} shares. */
export interface ShareTokensOptions {
  /**
   * Names the source and the person: tabs share what has the same name, room and identity. A function is asked for each
   * request: `() => '/api/room-token ' + login.userId`. Where a request has no identity, text alone does not say who the
   * person is, and nothing is shared.
   */
  readonly name: string | (() => string);
  /** How long to wait for a tab that is asking just now, in ms. Default: 2 000. */
  readonly waitMs?: number | undefined;
  /** Tells the time. Default: the browser's. */
  readonly clock?: Clock | undefined;
}

/** How long the other tabs have for an answer, in ms: they have it at hand. */
const replyMs = 100;

/** What one tab says to the others: it looks for an answer that came after a moment of wall time, or here is one. */
type Message = { readonly wantedSince: number } | Kept;

/** What tabs share of an answer. Everything else in it stays in its tab. */
type Shared = Pick<TokenDetails, 'token' | 'expiresIn' | 'expiresAt' | 'serverTime' | 'serverUrl'>;

/** An answer, and the wall time at which it came from the source. */
interface Kept {
  readonly answer: Shared;
  readonly at: number;
}

/**
 * Lets the tabs of one origin share the tokens of a source, so that one of them asks for all: before it asks, a tab waits
 * for one that is asking just now, then asks the others for what came since its own last token. Nothing is stored, and
 * nothing depends on it: where other tabs are frozen or gone, or the browser refuses `BroadcastChannel`, the source is
 * asked as ever, 2.1 s later at most, and never after the request's own deadline.
 *
 * A tab shares a token until the token or the join ends. Tabs share the token, its end and `serverUrl`, nothing else.
 *
 * Not for one-time tokens. The replacement of a refused token always comes from the source; `null` and a subscriber's code
 * are never shared.
 *
 * @example shareTokens(tokenEndpoint('/api/room-token'), { name: () => `/api/room-token ${login.userId}` })
 */
export function shareTokens(source: TokenSource, options: ShareTokensOptions): TokenSource {
  const tabs = new Map<string, Tab>();
  const keyFor = ({ room, identity }: TokenRequest): string | undefined => {
    const { name } = own(options);
    if (typeof name === 'function') return JSON.stringify(['room-session', name(), room, identity]);
    return identity === undefined ? undefined : JSON.stringify(['room-session', name, room, identity]);
  };
  return async (request) => {
    const key = keyFor(request);
    if (key === undefined) return source(request);
    let tab = tabs.get(key);
    if (!tab) {
      const channel = openChannel(key);
      if (!channel) return source(request);
      tab = new Tab(key, channel, () => tabs.delete(key), options);
      tabs.set(key, tab);
    }
    return tab.ask(source, request, () => keyFor(request) === key);
  };
}

function openChannel(key: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(key);
  } catch {
    // There is none, or the page may not have one.
    return undefined;
  }
}

/** This tab's part in the sharing of one token. */
class Tab {
  readonly #key: string;
  readonly #clock: Clock;
  readonly #waitMs: number;
  readonly #channel: BroadcastChannel;
  readonly #onClose: () => void;
  /** The joins that use this token. The last one that ends closes the tab's part. */
  readonly #joins = new Set<AbortSignal>();
  #isClosed = false;
  #kept: Kept | undefined;
  #onReply: (kept: Kept) => void = () => {};

  constructor(key: string, channel: BroadcastChannel, onClose: () => void, options: ShareTokensOptions) {
    const { waitMs = 2_000, clock = browserClock } = own(options);
    this.#key = key;
    this.#clock = clock;
    this.#waitMs = waitMs;
    this.#channel = channel;
    this.#onClose = onClose;
    channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#hear(data);
    // In Node an open channel alone must not keep the process alive.
    (channel as { unref?: () => void }).unref?.();
  }

  /** @param isSamePerson whether the token that has come is still of the person who asked */
  async ask(source: TokenSource, request: TokenRequest, isSamePerson: () => boolean): Promise<TokenAnswer> {
    this.#closeAfter(request.joinSignal);
    const isRefused = request.reason === 'rejected';
    const release = await this.#lock(request.signal);
    try {
      request.signal.throwIfAborted();
      const shared = isRefused ? undefined : await this.#askTabs();
      request.signal.throwIfAborted();
      if (shared && isSamePerson()) {
        this.#keep(shared);
        return this.#aged(shared);
      }
      const answer = await source(request);
      const picked = isSamePerson() ? pick(answer) : undefined;
      this.#keep(picked && { answer: picked, at: this.#clock.now() });
      return answer;
    } finally {
      release();
    }
  }

  #closeAfter(join: AbortSignal | undefined): void {
    if (!join || this.#joins.has(join)) return;
    this.#joins.add(join);
    const onEnd = () => {
      this.#joins.delete(join);
      if (this.#joins.size > 0) return;
      this.#isClosed = true;
      this.#kept = undefined;
      this.#channel.close();
      this.#onClose();
    };
    if (join.aborted) onEnd();
    else join.addEventListener('abort', onEnd, { once: true });
  }

  #keep(kept: Kept | undefined): void {
    this.#kept = this.#isClosed ? undefined : kept;
  }

  /** Resolves with what releases the lock; without the lock where another tab does not let go of it in time. */
  #lock(signal: AbortSignal): Promise<() => void> {
    const patience = new AbortController();
    const giveUp = () => patience.abort();
    const cancel = this.#clock.setTimer(giveUp, this.#waitMs);
    signal.addEventListener('abort', giveUp);
    return new Promise((resolve) => {
      const goOn = (release: () => void) => {
        cancel();
        signal.removeEventListener('abort', giveUp);
        resolve(release);
      };
      const hold = () => new Promise<void>((release) => goOn(release));
      // Where there are no locks, or the page may not have one, asking for it throws or rejects.
      Promise.resolve()
        .then(() => navigator.locks.request(this.#key, { signal: patience.signal }, hold))
        .catch(() => goOn(() => {}));
    });
  }

  /** What came to another tab after our own last token. */
  #askTabs(): Promise<Kept | undefined> {
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimer(() => resolve(undefined), replyMs);
      this.#onReply = (kept) => {
        cancel();
        resolve(kept);
      };
      this.#say({ wantedSince: this.#kept?.at ?? 0 });
    });
  }

  #hear(message: unknown): void {
    const now = this.#clock.now();
    const { answer, at, wantedSince } = Object(message) as Record<string, unknown>;
    const theirs = pick(answer);
    if (theirs && typeof at === 'number') {
      // Later than now only by a clock that was set since.
      const kept = { answer: theirs, at: Math.min(at, now) };
      if (!isOver(kept, now)) this.#onReply(kept);
    } else if (typeof wantedSince === 'number' && this.#kept) {
      if (isOver(this.#kept, now)) this.#kept = undefined;
      else if (this.#kept.at > wantedSince) this.#say(this.#kept);
    }
  }

  /** An answer as it would be now: the seconds it had left when it came are fewer. */
  #aged({ answer, at }: Kept): TokenDetails {
    const ageMs = Math.max(this.#clock.now() - at, 0);
    const { expiresIn, serverTime } = answer;
    return {
      ...answer,
      ...(typeof expiresIn === 'number' && { expiresIn: expiresIn - ageMs / 1000 }),
      ...(serverTime !== undefined && { serverTime: serverTime + ageMs }),
    };
  }

  #say(message: Message): void {
    try {
      this.#channel.postMessage(message);
    } catch {
      // The channel was closed: each tab asks for itself.
    }
  }
}

/** The part of an answer that is shared, in one form for all; `undefined` where it has no token, or a code. */
function pick(answer: unknown): Shared | undefined {
  const fields = typeof answer === 'string' ? { token: answer } : Object(answer);
  const { token, expiresIn, expiresAt, serverTime, serverUrl, subscriberCode } = fields as Record<
    string,
    unknown
  >;
  if (typeof token !== 'string' || subscriberCode) return undefined;
  const life = readLifetime(expiresIn);
  return {
    token,
    expiresIn: life && 'inMs' in life ? life.inMs / 1000 : life && (expiresIn as string),
    expiresAt: readLifetime(expiresAt) && (expiresAt as string),
    serverTime: Number.isFinite(serverTime) ? (serverTime as number) : undefined,
    serverUrl: typeof serverUrl === 'string' ? serverUrl : undefined,
  };
}

/** Whether a token has ended, as far as can be told without the server's clock. */
function isOver({ answer, at }: Kept, now: number): boolean {
  const { token, expiresIn, expiresAt, serverTime = at } = answer;
  const exp = Number(readClaims(token)['exp']) * 1000;
  const ends = [exp, expiresAt, expiresIn].map((end) => {
    const life = readLifetime(end);
    if (!life) return Infinity;
    return 'inMs' in life ? serverTime + life.inMs : Math.max(...life.at);
  });
  return Math.min(...ends) <= serverTime + Math.max(now - at, 0);
}
