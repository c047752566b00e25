/**
 * Checks the site that `npm run docs` has built: each link leads to a page, a file or an anchor that is there; links into the
 * repository lead to files that are there; each page is in the side bar; each error code has its anchor; each export has
 * its page in the reference, with a description.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { sections } from '../../docs/.vitepress/pages.ts';
import { entries } from '../../entries.ts';
import { origin, readSite, siteFiles } from './site.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pkg = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  homepage: string;
  repository: { url: string };
};
const repository = pkg.repository.url.replace(/^git\+|\.git$/g, '');
const site = readSite();
const pages = new Map(site.map((page) => [page.path, page]));
const problems: string[] = [];

for (const { path, links } of site) {
  for (const link of links) {
    const { pathname, hash } = link;
    const isOfSite = link.origin === origin;
    if (isOfSite && !siteFiles.has(pathname)) {
      const target = pages.get(pathname);
      if (!target) problems.push(`${path}: ${pathname} is not there`);
      else if (hash && !target.ids.has(decodeURIComponent(hash.slice(1)))) {
        problems.push(`${path}: ${pathname} has no ${hash}`);
      }
    }
    if (link.href.startsWith(`${repository}/blob/main/`)) {
      const file = decodeURIComponent(pathname.split('/blob/main/')[1] ?? '');
      if (!existsSync(`${root}${file}`)) problems.push(`${path}: the repository has no ${file}`);
    }
  }
}

const listed = new Set(sections.flatMap((section) => section.pages.map(([, path]) => path)));
for (const file of globSync('**/*.md', { cwd: `${root}docs`, exclude: ['reference/**'] })) {
  const path = file.replace(/\\/g, '/').replace(/\.md$/, '');
  if (path !== 'index' && !listed.has(path)) problems.push(`docs/.vitepress/pages.ts lacks ${path}`);
}

// Each error code has its anchor, and each anchor is the one that errors name.
const program = ts.createProgram(
  entries.map(({ source }) => `${root}${source}`),
  { allowImportingTsExtensions: true, noEmit: true, skipLibCheck: true, types: [] },
);
const checker = program.getTypeChecker();
const exportsOf = (source: string): ts.Symbol[] => {
  const file = program.getSourceFile(`${root}${source}`);
  const module = file && checker.getSymbolAtLocation(file);
  return module ? checker.getExportsOfModule(module) : [];
};
const codes = exportsOf('src/token/index.ts').find(({ name }) => name === 'ErrorCode');
const codeType = codes && checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(codes));
const codeNames = codeType?.isUnion()
  ? codeType.types.map((type) => (type as ts.StringLiteralType).value)
  : [];
if (codeNames.length < 10) problems.push('The error codes were not found.');
for (const code of codeNames) {
  if (!pages.get('/errors')?.ids.has(code)) problems.push(`/errors has no section ${code}`);
}

// Each export has a page below its entry, or below the entry that it comes from.
const reference = globSync('**/*.md', { cwd: `${root}docs/reference` }).map((file) =>
  file.replace(/\\/g, '/'),
);
for (const { name, source } of entries) {
  for (const symbol of exportsOf(source)) {
    const found = reference.find((file) => file.endsWith(`/${symbol.name}.md`));
    if (!found) problems.push(`The reference has no ${name} ${symbol.name}.`);
    else if (!hasDescription(readFileSync(`${root}docs/reference/${found}`, 'utf8'))) {
      problems.push(`The reference says nothing of ${name} ${symbol.name}.`);
    }
  }
}

/** Below the title and the signature there is a sentence before the next heading. */
function hasDescription(page: string): boolean {
  const text = page
    .split(/^#+ .*$/m)
    .slice(0, 2)
    .join('\n');
  return text.split('\n').some((line) => /^[\p{Lu}`].*\S/u.test(line) && !line.startsWith('> '));
}

console.log(`${site.length} pages, ${problems.length} problems`);
for (const problem of new Set(problems)) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
