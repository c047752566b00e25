/** Compiles code blocks as strict TypeScript, against the sources and without writing a file. */
import { dirname, resolve } from 'node:path';
import ts from 'typescript';
import type { Block } from './blocks.ts';

const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
const { options: projectOptions } = ts.parseJsonConfigFileContent(config, ts.sys, '');

/** What every page takes for granted: a session, and a token source. */
const given = `
  declare const session: import('room-session').RoomSession;
  declare const tokenSource: import('room-session').TokenSource;
  declare module 'https://unpkg.com/*';
  declare module '*/express.js';
`;

interface Source {
  readonly block: Block;
  readonly code: string;
  /** Lines before the block's own first line. */
  readonly offset: number;
}

/** What is wrong with the blocks, as `docs/errors.md:12: …`. */
export function problemsOf(blocks: readonly Block[]): string[] {
  const typed = blocks.filter(({ language }) => /^tsx?$/.test(language)).map(withPrelude);
  const scripts = blocks.filter(({ language }) => /^(html|vue|js)$/.test(language)).flatMap(scriptsOf);
  return [...compile(typed, {}), ...compile(scripts, { noImplicitAny: false })];
}

function withPrelude(block: Block): Source {
  const prelude = block.prelude ? `${block.prelude}\n` : '';
  return { block, code: `${prelude}${block.code}\nexport {};\n`, offset: prelude.split('\n').length - 1 };
}

/** The scripts inside a page. The global \`RoomSession\` is the script-tag file's. */
function scriptsOf(block: Block): Source[] {
  const { code, language, prelude } = block;
  if (language === 'js') return [withPrelude(block)];
  return [...code.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)].flatMap(
    ([whole, attributes = '', script = '']) => {
      if (/\ssrc=|importmap/.test(attributes)) return [];
      const start = code.indexOf(whole);
      const before = code.slice(0, start).split('\n').length - 1;
      const isModule = /module|setup/.test(attributes);
      const global = isModule ? '' : `declare const RoomSession: typeof import('room-session/global');`;
      const text = `${prelude.replaceAll('\n', ' ')}${global}${script}\nexport {};\n`;
      return [{ block: { ...block, line: block.line + before }, code: text, offset: 0 }];
    },
  );
}

function compile(sources: readonly Source[], extra: ts.CompilerOptions): string[] {
  if (sources.length === 0) return [];
  const files = new Map(
    sources.map((source, index) => {
      const { file, language, code } = source.block;
      const declares = code.startsWith('declare module');
      const extension = declares ? 'd.ts' : language === 'tsx' ? 'tsx' : 'ts';
      return [resolve(dirname(file), `block-${index}.${extension}`), source] as const;
    }),
  );
  const globals = resolve('test/docs/given.d.ts');
  const options: ts.CompilerOptions = {
    ...projectOptions,
    jsx: ts.JsxEmit.ReactJSX,
    noPropertyAccessFromIndexSignature: false,
    ...extra,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  const textOf = (name: string) => (name === globals ? given : files.get(name)?.code);
  host.fileExists = (name) => textOf(name) !== undefined || fileExists(name);
  host.readFile = (name) => textOf(name) ?? readFile(name);
  const program = ts.createProgram([globals, ...files.keys()], options, host);
  return [...files].flatMap(([name, { block, offset }]) => {
    const source = program.getSourceFile(name);
    return ts.getPreEmitDiagnostics(program, source).map((problem) => {
      const { line } = source?.getLineAndCharacterOfPosition(problem.start ?? 0) ?? { line: 0 };
      const text = ts.flattenDiagnosticMessageText(problem.messageText, ' ');
      return `${block.file}:${block.line + line - offset}: ${text}`;
    });
  });
}
