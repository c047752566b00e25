import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const examples = new URL('../../examples/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, examples), 'utf8');
const linesOf = (text: string) => text.trimEnd().split('\n').length;
const pages = readdirSync(examples).filter((name) => existsSync(new URL(`${name}/index.html`, examples)));

describe('the examples', () => {
  it('are there for each backend and for a script tag', () => {
    expect(pages).toEqual(expect.arrayContaining(['ant-media', 'naf-janus', 'jitsi', 'script-tag']));
  });

  it.each(pages)('%s: the page has at most 60 lines, its script included', (name) => {
    const files = readdirSync(new URL(name, examples)).filter((file) =>
      /^(index\.html|main\.ts)$/.test(file),
    );
    expect(files.reduce((sum, file) => sum + linesOf(read(`${name}/${file}`)), 0)).toBeLessThanOrEqual(60);
  });

  it.each(pages)('%s: no line is longer than 130 characters', (name) => {
    for (const file of readdirSync(new URL(name, examples)))
      for (const line of read(`${name}/${file}`).split('\n'))
        expect(line.length, line).toBeLessThanOrEqual(130);
  });

  it.each(pages)('%s: needs packages and its own files only', (name) => {
    const texts = readdirSync(new URL(name, examples)).map((file) => read(`${name}/${file}`));
    expect(texts.join('\n')).not.toMatch(/['"(]\.\.\//);
  });

  it.each(pages)('%s: the start page links to it', (name) => {
    expect(read('../dev/index.html')).toContain(`href="../examples/${name}/"`);
  });
});
