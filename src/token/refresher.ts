import { own } from '../untrusted.ts';
import type { Token } from './jwt.ts';
import { RefreshLoop } from './refresh-loop.ts';
import type { FetchToken, GetTokenOptions, TokenRefresherOptions } from './refresher-options.ts';

/**
 * Keeps one token valid: it refreshes the token before its end and asks again after failures, until the source denies it
 * or `stop()` is called. There is one token, one timer, and one request at a time.
 *
 * Nothing happens before `start()` or the first `getToken()`. It works behind the proxies of Vue, Pinia and MobX too.
 *
 * @example
 * const source = tokenEndpoint('/api/room-token');
 * const refresher = new TokenRefresher((request) => source({ room: 'standup', ...request }));
 * const token = await refresher.getToken();
 */
export class TokenRefresher {
  // A function, and no private member: a proxy hands it on as it is.
  declare private readonly loop: () => RefreshLoop;

  /**
   * @param fetchToken asks for a token once, such as a function around `tokenEndpoint(url)`
   * @param options default: refreshed after 0.6 to 0.7 of a token's life, 10 s for a request
   */
  constructor(fetchToken: FetchToken, options: TokenRefresherOptions = {}) {
    const loop = new RefreshLoop(fetchToken, own(options));
    // Not enumerable, so that a console shows nothing of it.
    Object.defineProperty(this, 'loop', { value: () => loop });
  }

  /** The token in use, as long as it is valid by the server's time and no backend has rejected it. */
  get current(): Token | undefined {
    return this.loop().current;
  }

  /** Asks for the first token before it is needed, so that the first `getToken()` finds it there or under way. */
  start(): void {
    this.loop().start();
  }

  /**
   * A token that is valid now: the one in use, or the next to arrive. `undefined` where the source answered `null`.
   *
   * @throws `TokenError` `token_denied` when the source denies for good; the last failure's error when `waitMs` is over;
   * the signal's reason when it aborts; `RoomSessionError` `invalid_state` after `stop()`
   */
  getToken(options: GetTokenOptions = {}): Promise<Token | undefined> {
    return this.loop().getToken(own(options));
  }

  /**
   * Asks for a new token now, also after a final denial: for a person who logged in again, or whose rights changed. The
   * token in use stays until the new one arrives. It has no effect after `stop()`.
   */
  renew(): void {
    this.loop().renew();
  }

  /** Ends everything: the request under way is aborted, waiting callers get an error, and no callback comes after this. */
  stop(): void {
    this.loop().stop();
  }
}
