import { TokenError } from '../errors.ts';
import type { TokenSource } from './source.ts';

/** Options of `tokenFromUrl`. */
export interface TokenFromUrlOptions {
  /** Where the next tokens come from. Without it the link's token is the only one, and the room ends with it. Default: none. */
  readonly renew?: TokenSource | undefined;
}

/**
 * A token source for links that carry a token, such as Ant Media's `conference.html?token=…` or Jitsi's `?jwt=…`.
 *
 * The token is taken out of the address bar at once (`history.replaceState`), so that it is not shared with the link or
 * kept in the history; it is looked for in the query first, then in the fragment. It answers the first request, and
 * `renew` all others. Without a token in the address, `renew` answers from the start, or, without that,
 * nobody: the person joins as a guest.
 *
 * @param name the parameter's name, such as `token`
 * @throws `TokenError` `token_denied` when asked, where the link has no token and there is no `renew`
 */
export function tokenFromUrl(name: string, options: TokenFromUrlOptions = {}): TokenSource {
  const { renew } = options;
  const token = takeParameter(name);
  let given = false;
  return (request) => {
    // Asked again within a join, the link's token was of no use; without another source it is all there is.
    if (token !== undefined && request.reason === 'join' && !(given && renew)) {
      given = true;
      return token;
    }
    if (renew) return renew(request);
    if (token === undefined) return null;
    throw new TokenError(
      'token_denied',
      "The page's address gives no second token. Give tokenFromUrl a renew source.",
    );
  };
}

function takeParameter(name: string): string | undefined {
  const address = new URL(location.href);
  let token = address.searchParams.get(name);
  if (token !== null) {
    address.searchParams.delete(name);
  } else {
    const fragment = address.hash.slice(1);
    token = new URLSearchParams(fragment).get(name);
    if (token === null) return undefined;
    // The rest of the fragment stays to the letter: it may be anything.
    const rest = fragment.split('&').filter((part) => !part.startsWith(`${name}=`));
    address.hash = rest.join('&');
  }
  history.replaceState(history.state, '', address);
  return token || undefined;
}
