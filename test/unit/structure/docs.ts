/** The doc comments of what src/ exports. */
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import ts from 'typescript';
import { entries } from '../../../entries.ts';
import { files } from './sources.ts';

const { config } = ts.readConfigFile('src/tsconfig.json', (file) => readFileSync(file, 'utf8'));
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, 'src');
const program = ts.createProgram(
  files.map((file) => resolve(file)),
  options,
);
const checker = program.getTypeChecker();

export interface Documented {
  /** Such as `src/errors.ts RoomSessionError`. */
  name: string;
  /** The comment without its tags. */
  text: string;
  tags: readonly ts.JSDocTagInfo[];
  declaration: ts.Declaration;
}

function documented(symbol: ts.Symbol, owner = ''): Documented[] {
  const [declaration] = symbol.declarations ?? [];
  if (!declaration) return [];
  const file = fileOf(declaration);
  const name = owner ? `${owner}.${symbol.name}` : `${file} ${symbol.name}`;
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  return [{ name, text, tags: symbol.getJsDocTags(), declaration }];
}

function exportsIn(paths: readonly string[]): Documented[] {
  const symbols = paths.flatMap((path) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(resolve(path))!);
    return module ? checker.getExportsOfModule(module) : [];
  });
  const originals = symbols.map((symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  );
  return [...new Set(originals)].filter(isOurs).flatMap((symbol) => documented(symbol));
}

function isOurs({ declarations }: ts.Symbol): boolean {
  const [declaration] = declarations ?? [];
  return declaration !== undefined && fileOf(declaration).startsWith('src/');
}

function fileOf(declaration: ts.Declaration): string {
  return relative('', declaration.getSourceFile().fileName).replaceAll('\\', '/');
}

/** Everything that a file in src/ exports. */
export const everyExport: Documented[] = exportsIn(files);

/** What users can import. */
export const publicExports: Documented[] = exportsIn(entries.map(({ source }) => source));

/** The exported interfaces in src/, each with the properties that it declares itself. */
export const interfaces = everyExport.flatMap((item) => {
  const { declaration, name } = item;
  if (!ts.isInterfaceDeclaration(declaration)) return [];
  const properties = declaration.members
    .filter((member) => ts.isPropertySignature(member))
    .flatMap((member) => documented(checker.getSymbolAtLocation(member.name)!, name));
  return [{ ...item, declaration, properties }];
});

/** The exported functions of the entry points, and the public methods and constructors of their classes. */
export function publicFunctions(): Documented[] {
  return publicExports.flatMap((item) => {
    const { declaration, name } = item;
    if (ts.isFunctionDeclaration(declaration)) return [item];
    if (!ts.isClassDeclaration(declaration)) return [];
    return declaration.members.filter(isPublicFunction).map((member) => ({
      name: `${name}.${member.name?.getText() ?? 'constructor'}`,
      text: '',
      tags: ts.getJSDocTags(member).map((tag) => ({ name: tag.tagName.text })),
      declaration: member,
    }));
  });
}

function isPublicFunction(member: ts.ClassElement): boolean {
  if (member.name && ts.isPrivateIdentifier(member.name)) return false;
  return ts.isMethodDeclaration(member) || ts.isConstructorDeclaration(member) || ts.isAccessor(member);
}

/** Whether a `throw` stands in it, at any depth. */
export function throws(node: ts.Node): boolean {
  return ts.isThrowStatement(node) || (ts.forEachChild(node, throws) ?? false);
}

export const has = ({ tags }: Documented, tag: string): boolean => tags.some(({ name }) => name === tag);

export const namesOf = (items: readonly Documented[]): string[] => items.map(({ name }) => name);
