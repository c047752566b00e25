import { RoomSessionError, TokenError } from '../errors.ts';
import { own } from '../untrusted.ts';
import { type Claims, readClaims } from './jwt.ts';
import type { TokenAnswer, TokenRequest, TokenSource } from './source.ts';

/** What {@link tokenFromUrl} may be told. */
export interface TokenFromUrlOptions {
  /** Where the next tokens come from. Default: none, the link's token is the only one, and the room ends with it. */
  readonly renew?: TokenSource | undefined;
  /**
   * `renew` asks `renew` first, and uses the link's token only where that denies or answers `null`. So a link cannot put
   * a person who is logged in into the room as another person. Default: `link`.
   */
  readonly prefer?: 'link' | 'renew' | undefined;
  /** Answers `false` for a link's token that must not be used. Its claims are not verified. Default: each is used. */
  readonly check?: ((claims: Claims) => boolean) | undefined;
}

/** Tokens that were taken out of an address, by their parameter and what was left of the address. */
const taken = new Map<string, string>();

/**
 * A token source for links that carry a token, such as Ant Media's `conference.html?token=…` or Jitsi's `?jwt=…`.
 *
 * It takes the token out of the address bar at once (`history.replaceState`), from the query and from the fragment. The
 * page that is called again under the same address gets the same token again, until it is loaded anew. It answers the
 * first request of each source, and `renew` all others. Without a token in the address, `renew` answers from the start;
 * without `renew`, the person joins as a guest.
 *
 * The browser's history, its session files and its navigation timing keep the address as it was opened. So put the token
 * behind `#`, which no server sees, make it short-lived, and give `renew`.
 *
 * The page's memory keeps it too, because a framework may make the source again, and leave and join again, under the same
 * address. Once `renew` has given a token, the link's is forgotten when the session leaves; else when the page is loaded
 * anew.
 *
 * @param name the parameter's name, such as `token`
 * @throws `TokenError` `token_denied`, from the source: the link's token was used or refused, and there is no `renew`
 * @example tokenFromUrl('token', { renew: tokenEndpoint('/api/room-token'), prefer: 'renew' })
 */
export function tokenFromUrl(name: string, options: TokenFromUrlOptions = {}): TokenSource {
  const { renew, prefer, check } = own(options);
  let token = takeParameter(name);
  let isGiven = false;

  const fromLink = (): string | undefined => {
    if (token === undefined || (check && !check(readClaims(token)))) return undefined;
    isGiven = true;
    return token;
  };
  /** Where there is another way in, the link's token is not needed after the join. */
  const fromRenew = (source: TokenSource, request: TokenRequest): ReturnType<TokenSource> => {
    const forget = () => {
      for (const [address, known] of taken) if (known === token) taken.delete(address);
      token = undefined;
    };
    const forgetAfter = (given: TokenAnswer) =>
      given !== null && request.joinSignal?.addEventListener('abort', forget, { once: true });
    const answer = source(request);
    Promise.resolve(answer).then(forgetAfter, () => {});
    return answer;
  };
  return (request) => {
    if (request.reason === 'join') {
      // A server has no address, and a page may go to another one after the source was made.
      const newer = takeParameter(name);
      if (newer !== token && newer !== undefined) {
        token = newer;
        isGiven = false;
      }
      if (renew && prefer === 'renew')
        return renewFirst((asked) => fromRenew(renew, asked), request, fromLink);
      // Asked again within a join, the link's token did not help. Without another source it is all there is.
      const answer = isGiven && renew ? undefined : fromLink();
      if (answer !== undefined) return answer;
    }
    if (renew) return fromRenew(renew, request);
    if (token === undefined) return null;
    throw new TokenError(
      'token_denied',
      "The link's token was used or refused, and there is no other. Give tokenFromUrl a renew source.",
    );
  };
}

async function renewFirst(
  renew: TokenSource,
  request: TokenRequest,
  fromLink: () => string | undefined,
): Promise<TokenAnswer> {
  try {
    return (await renew(request)) ?? fromLink() ?? null;
  } catch (error) {
    const isDenied = error instanceof RoomSessionError && error.code === 'token_denied';
    const answer = isDenied ? fromLink() : undefined;
    if (answer === undefined) throw error;
    return answer;
  }
}

/** The token in the page's address, which is taken out of it, or the one that was taken out of this address before. */
function takeParameter(name: string): string | undefined {
  if (!globalThis.location) return undefined;
  const address = new URL(location.href);
  const query = withoutParameter(address.search.slice(1), name);
  const fragment = withoutParameter(address.hash.slice(1), name);
  const token = query.value ?? fragment.value;
  if (token !== undefined) {
    address.search = query.rest;
    address.hash = fragment.rest;
  }
  const key = `${name} ${address}`;
  if (token === undefined) return taken.get(key);
  try {
    history.replaceState(history.state, '', address);
  } catch {
    // Sandboxed pages may not change their address. The token is good all the same.
  }
  if (token) taken.set(key, token);
  else taken.delete(key);
  return token || undefined;
}

/** Leaves the rest to the letter: a fragment may be anything. */
function withoutParameter(text: string, name: string): { value: string | undefined; rest: string } {
  let value: string | undefined;
  const rest = text.split('&').filter((part) => {
    const found = new URLSearchParams(part).get(name);
    value ??= found ?? undefined;
    return found === null;
  });
  return { value, rest: rest.join('&') };
}
