/** The package's entry points, as `exports` in package.json lists them: dist/ mirrors src/. */
import { readFileSync } from 'node:fs';

const pkg = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  name: string;
  exports: Record<string, string | { import: { default: string } }>;
};

export interface Entry {
  /** What users import, e.g. `room-session/token`. */
  name: string;
  /** What it is built from, e.g. `src/token/index.ts`. */
  source: string;
  /** What it is built into, e.g. `dist/token/index.js`. */
  output: string;
}

export const entries: Entry[] = Object.entries(pkg.exports).flatMap(([path, target]) => {
  if (typeof target === 'string') return [];
  const output = target.import.default.replace('./', '');
  const source = output.replace('dist/', 'src/').replace('.js', '.ts');
  return [{ name: path.replace('.', pkg.name), source, output }];
});
