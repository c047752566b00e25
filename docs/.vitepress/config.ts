import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { defineConfig } from 'vitepress';
import { sections } from './pages.ts';

const pkg = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const repository = pkg.repository.url.replace(/^git\+|\.git$/g, '');
/** As GitHub makes anchors, so that a link works in both places. */
const slugify = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
const isThere = (path: string) => existsSync(new URL(`../${path}.md`, import.meta.url));

export default defineConfig({
  title: 'RoomSession',
  description: pkg.description,
  lang: 'en',
  cleanUrls: true,
  srcExclude: ['reference/README.md'],
  vite: { configFile: false, logLevel: 'warn' },
  markdown: {
    languageAlias: { hocon: 'ini' },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { slugify },
    config(md) {
      // A link to a file of the repository that is no page, such as `../examples/…`, goes to the repository.
      md.core.ruler.push('repository-links', ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.attrGet('href');
          if (token.type !== 'link_open' || !href || /^(#|\/|\w+:)/.test(href)) continue;
          const file = posix.join('docs', posix.dirname(env.relativePath), href);
          const isPage = file.startsWith('docs/') && /\.md(#|$)/.test(file);
          if (!isPage) token.attrSet('href', `${repository}/blob/main/${file}`);
        }
      });
    },
  },
  themeConfig: {
    outline: { level: [2, 3] },
    search: {
      provider: 'local',
      // Functions and classes of the reference are enough: types would fill each answer.
      options: {
        _render: (text, env, md) => {
          const html = md.render(text, env);
          return /^reference\/.*\/(interfaces|type-aliases|variables)\//.test(env.relativePath) ? '' : html;
        },
      },
    },
    nav: [
      { text: 'Start', link: '/start/ant-media' },
      { text: 'Guides', link: '/guides/tasks' },
      { text: 'Servers', link: '/token-servers' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Errors', link: '/errors' },
    ],
    sidebar: sections.map(({ text, pages }) => ({
      text,
      items: pages
        .filter(([, path]) => isThere(path))
        .map(([title, path]) => ({ text: title, link: `/${path.replace(/index$/, '')}` })),
    })),
    docFooter: { prev: 'Before', next: 'Next' },
  },
});
