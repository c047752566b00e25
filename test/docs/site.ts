/** The built site, as its pages and what they link to. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../docs/.vitepress/dist/', import.meta.url));

export interface SitePage {
  /** Its address, such as `/errors` or `/reference/`. */
  readonly path: string;
  readonly html: string;
  readonly ids: ReadonlySet<string>;
  /** The addresses that it links to or shows, resolved. */
  readonly links: readonly URL[];
}

/** Any origin: what stays on it is a page of the site. */
export const origin = 'http://site.invalid';

const attributes = (html: string, name: string): string[] =>
  [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value = '']) =>
    value.replaceAll('&amp;', '&').replaceAll('&quot;', '"'),
  );

/** Every page of the site that `npm run docs` has built. */
export function readSite(): SitePage[] {
  return globSync('**/*.html', { cwd: dist }).map((file) => {
    const html = readFileSync(`${dist}${file}`, 'utf8');
    const path = `/${file.replace(/\\/g, '/').replace(/(index)?\.html$/, '')}`;
    const links = [...attributes(html, 'href'), ...attributes(html, 'src')];
    return {
      path,
      html,
      ids: new Set(attributes(html, 'id')),
      links: links.map((link) => new URL(link, `${origin}${path}`)),
    };
  });
}

/** The files of the site that are no pages, such as `/assets/style.css`. */
export const siteFiles: ReadonlySet<string> = new Set(
  globSync('**/*.*', { cwd: dist }).map((file) => `/${file.replace(/\\/g, '/')}`),
);
