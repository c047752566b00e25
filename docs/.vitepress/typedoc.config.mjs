import { entries } from '../../entries.ts';

/** The reference, from the doc comments of each entry point. `npm run docs` writes it into `docs/reference/`. */
export default {
  plugin: ['typedoc-plugin-markdown'],
  entryPoints: entries.map(({ source }) => `../../${source}`),
  tsconfig: '../../src/tsconfig.json',
  out: '../reference',
  entryFileName: 'index',
  readme: 'none',
  name: 'Reference',
  hideGenerator: true,
  hideBreadcrumbs: true,
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  hidePageHeader: true,
  validation: { notExported: true, invalidLink: true, notDocumented: false },
  treatWarningsAsErrors: false,
  logLevel: 'Warn',
};
