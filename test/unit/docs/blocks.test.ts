// @vitest-environment node
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { allBlocks, type Block, blocksOf } from '../../docs/blocks.ts';
import { problemsOf } from '../../docs/compile.ts';

const blocks = allBlocks();
const inLanguage = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language));
const at = ({ file, line }: Block) => `${file}:${line}`;

describe('the code blocks of the documentation', () => {
  test('compile as strict TypeScript, scripts in HTML too', { timeout: 60_000 }, () => {
    expect(inLanguage('ts').length).toBeGreaterThan(20);
    expect(problemsOf(blocks)).toEqual([]);
  });

  test('are in languages that are known here, and not empty', () => {
    const checked = ['ts', 'tsx', 'vue', 'html', 'js', 'json', 'sh', 'python', 'go'];
    const unchecked = ['elixir', 'php', 'http', 'lua', 'hocon', 'nginx', 'ini', 'toml', 'sql', ''];
    const known = new Set([...checked, ...unchecked]);
    expect(blocks.filter(({ language, code }) => !known.has(language) || !code.trim()).map(at)).toEqual([]);
  });

  test('are JSON where they say so', () => {
    for (const block of inLanguage('json')) expect(() => JSON.parse(block.code), at(block)).not.toThrow();
  });

  test('are commands that a shell reads', () => {
    for (const { code, ...block } of inLanguage('sh')) {
      const { status, error } = spawnSync('bash', ['-n'], { input: code });
      if (!error) expect(status, at({ code, ...block })).toBe(0);
    }
  });

  test('are Python that compiles, where there is a Python', () => {
    if (spawnSync('python3', ['--version']).status !== 0) return;
    for (const block of inLanguage('python')) {
      const code = 'import ast, sys; ast.parse(sys.stdin.read())';
      expect(
        () => execFileSync('python3', ['-c', code], { input: block.code, stdio: 'pipe' }),
        at(block),
      ).not.toThrow();
    }
  });
});

test('a block that does not compile is found, with its line', { timeout: 60_000 }, () => {
  const page = [
    ...['```ts', 'const text: string = 1;', '```'],
    ...['```ts', '', 'notThere();', '```'],
    ...['```html', '<p></p>', '<script>', 'RoomSession.missing();', '</script>', '```'],
    ...['```ts', "import { jitsi } from 'room-session/jitsi';", "jitsi({ domain: 'a', tenent: '' });", '```'],
  ];
  const lines = problemsOf(blocksOf('page.md', page.join('\n'))).map((problem) => problem.split(': ')[0]);
  expect(lines).toEqual(['page.md:2', 'page.md:6', 'page.md:16', 'page.md:11']);
});
