import { checkUrl, parseUrl, type ServerOptions } from '../check-url.ts';

/**
 * The address of a Janus server, from one that may be relative to the page or begin with http. `/`, networked-aframe's
 * default, means `/janus`, as with newer versions of the vendor.
 *
 * @throws `invalid_argument` for one that a page cannot open
 */
export function socketUrl(given: unknown, options: ServerOptions): string {
  const path = given === '/' || !given ? '/janus' : `${given}`;
  const url = parseUrl(path, location.href)?.href ?? path;
  return checkUrl(url.replace(/^http/, 'ws'), 'serverUrl', options);
}
