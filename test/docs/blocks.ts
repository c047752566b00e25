/** The code blocks of the documentation, as a reader would copy them. */
import { globSync, readFileSync } from 'node:fs';

/** The pages that a reader may copy from. */
export const pages: string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...globSync('docs/**/*.md', { exclude: ['docs/reference/**'] }),
  ...globSync('examples/**/*.md', { exclude: ['**/node_modules/**'] }),
].map((file) => file.replaceAll('\\', '/'));

export interface Block {
  readonly file: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** What the page explains in words: `<!-- ts … -->` before the block. It is compiled, and not shown. */
  readonly prelude: string;
  /** Where it belongs in an empty project, such as `start-jitsi/main.ts`: `<!-- run: … -->` before the block. */
  readonly run: string | undefined;
}

/** Every block of a page. */
export function blocksOf(file: string, text: string = readFileSync(file, 'utf8')): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let comments: string[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const fence = /^(\s*)(`{3,})\s*(\S*)/.exec(line);
    if (line.trimStart().startsWith('<!--')) {
      const end = lines.findIndex((other, at) => at >= index && other.includes('-->'));
      comments.push(lines.slice(index, end + 1).join('\n'));
      index = end;
    } else if (fence) {
      const [, indent = '', ticks = '', language = ''] = fence;
      const end = lines.findIndex((other, at) => at > index && other.trim() === ticks);
      const code = lines.slice(index + 1, end).map((each) => each.slice(indent.length));
      const find = (pattern: RegExp) => comments.map((each) => pattern.exec(each)?.[1]?.trim());
      blocks.push({
        ...{ file, line: index + 2, language, code: code.join('\n') },
        prelude: find(/^\s*<!-- ts\n(.*)-->/s)
          .filter(Boolean)
          .join('\n'),
        run: find(/^\s*<!-- run: (.*)-->/).find(Boolean),
      });
      comments = [];
      index = end;
    } else if (line.trim() !== '') comments = [];
  }
  return blocks;
}

/** Every block of every page. */
export const allBlocks = (): Block[] => pages.flatMap((file) => blocksOf(file));
