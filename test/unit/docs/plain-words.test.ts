// @vitest-environment node
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pages } from '../../docs/blocks.ts';

/** Everything that a user reads: documentation, sources with their messages, examples, and the pages of the demo. */
const files = [
  ...pages,
  'CHANGELOG.md',
  ...globSync(['src/**/*.ts', 'dev/**/*.html', 'dev/shared/**/*.ts', 'dev/{ant-media,naf-janus,jitsi}/*.ts']),
  ...globSync('examples/**/*.{ts,tsx,js,html,py,go,php,ex}', { exclude: ['**/node_modules/**'] }),
];

/** Words that a reader who learned English at school stumbles over, and what to write in their place. */
const words: readonly (readonly [RegExp, string])[] = [
  [/\bwho(m)?ever\b/i, 'the person who, each person who'],
  [/\bsomebody\b/i, 'a person, another participant'],
  [/\b(no|any)body\b/i, 'no one, anyone; or say it without'],
  [/\b(any|no) more\b/i, 'no longer'],
  [/\bof no use\b/i, 'does not help'],
  [/\broster\b/i, 'participants'],
  [/\b(hence|thereof|therein|whereby|lest)\b/i, 'a new sentence'],
];

/** The name of a page, as a user says it. */
const quoted = /nobody[- ]heard[- ]me|class="nobody"/gi;

test.each(words)('no text has %s', (word, _instead) => {
  const found = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        word.test(line.replace(quoted, '')) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
      ),
  );
  expect(found).toEqual([]);
});
