/** Stops a release whose addresses were never set: a name below `.example` is no one's. */
import { readFileSync } from 'node:fs';

const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
const { homepage, repository, bugs } = JSON.parse(manifest) as Record<string, unknown>;
const addresses = [homepage, repository, bugs].map((entry) => JSON.stringify(entry));
const unset = addresses.filter((address) => address === undefined || address.includes('.example'));
if (unset.length > 0) {
  console.error(`Set these addresses in package.json before publishing: ${unset.join(', ')}.`);
  process.exitCode = 1;
}
