import { browserClock, type Clock } from '../clock.ts';
import type { TokenAnswer, TokenDetails, TokenRequest, TokenSource } from './source.ts';

/** Options of `shareTokens`. */
export interface ShareTokensOptions {
  /** Names the source, such as the endpoint's address: tabs share what has the same name, room and identity. */
  readonly name: string;
  /** How long to wait for a tab that is asking just now, in ms. Default 2 000. */
  readonly waitMs?: number | undefined;
  /** Default: the browser's. */
  readonly clock?: Clock | undefined;
}

/** How long the other tabs have for an answer, in ms: they have it at hand. */
const replyMs = 100;

/** What one tab says to the others: it looks for an answer that came after a moment of wall time, or here is one. */
type Message = { readonly wantedSince: number } | Kept;

/** An answer, and the wall time at which it came from the source. */
interface Kept {
  readonly answer: TokenDetails;
  readonly at: number;
}

/**
 * Lets the tabs of one origin share the tokens of a source, so that one of them asks for all: before it asks, a tab waits
 * for one that is asking just now, then asks the others for what came since its own last token. Nothing is stored, and
 * nothing depends on it: where other tabs are frozen or gone, or the browser has no `BroadcastChannel`, the source is
 * asked as ever, 2.1 s later at most, and never after the request's own deadline.
 *
 * Not for one-time tokens. The replacement of a refused token always comes from the source; `null` is never shared.
 *
 * @example shareTokens(tokenEndpoint('/api/room-token'), { name: '/api/room-token' })
 */
export function shareTokens(source: TokenSource, options: ShareTokensOptions): TokenSource {
  const tabs = new Map<string, Tab>();
  return async (request) => {
    if (typeof BroadcastChannel === 'undefined') return source(request);
    const key = JSON.stringify(['room-session', options.name, request.room, request.identity]);
    const tab = tabs.get(key) ?? new Tab(key, options);
    tabs.set(key, tab);
    return tab.ask(source, request);
  };
}

/** This tab's part in the sharing of one token. */
class Tab {
  readonly #key: string;
  readonly #clock: Clock;
  readonly #waitMs: number;
  readonly #channel: BroadcastChannel;
  #kept: Kept | undefined;
  #onReply: (kept: Kept) => void = () => {};

  constructor(key: string, { waitMs = 2_000, clock = browserClock }: ShareTokensOptions) {
    this.#key = key;
    this.#clock = clock;
    this.#waitMs = waitMs;
    this.#channel = new BroadcastChannel(key);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data);
    // In Node an open channel alone must not keep the process alive.
    (this.#channel as { unref?: () => void }).unref?.();
  }

  async ask(source: TokenSource, request: TokenRequest): Promise<TokenAnswer> {
    const isRefused = request.reason === 'rejected';
    const release = await this.#lock(request.signal);
    try {
      request.signal.throwIfAborted();
      const shared = isRefused ? undefined : await this.#askTabs();
      request.signal.throwIfAborted();
      if (shared) {
        this.#kept = shared;
        return this.#aged(shared);
      }
      const answer = await source(request);
      const details = typeof answer === 'string' ? { token: answer } : answer;
      this.#kept = details ? { answer: details, at: this.#clock.now() } : undefined;
      return answer;
    } finally {
      release();
    }
  }

  /** Resolves with what releases the lock; without the lock where another tab does not let go of it in time. */
  #lock(signal: AbortSignal): Promise<() => void> {
    const { locks } = globalThis.navigator ?? {};
    if (!locks) return Promise.resolve(() => {});
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
      locks.request(this.#key, { signal: patience.signal }, hold).catch(() => goOn(() => {}));
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
      this.#say({ wantedSince: this.#kept?.at ?? Number.NEGATIVE_INFINITY });
    });
  }

  #hear(message: Message): void {
    if ('answer' in message) this.#onReply(message);
    else if (this.#kept && this.#kept.at > message.wantedSince) this.#say(this.#kept);
  }

  /** An answer as it would be now: the seconds it had left when it came are fewer. */
  #aged({ answer, at }: Kept): TokenDetails {
    const ageMs = Math.max(this.#clock.now() - at, 0);
    const { expiresIn, serverTime } = answer;
    return {
      ...answer,
      ...(expiresIn !== undefined && { expiresIn: expiresIn - ageMs / 1000 }),
      ...(serverTime !== undefined && { serverTime: serverTime + ageMs }),
    };
  }

  #say(message: Message): void {
    try {
      this.#channel.postMessage(message);
    } catch {
      // Something in the answer cannot be sent, such as a function: each tab asks for itself.
    }
  }
}
