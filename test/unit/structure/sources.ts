/** The sources as the tests of their structure see them: which files there are, what each imports and exports. */
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';

/** Every file in src/, such as `src/token/jwt.ts`. */
export const files: string[] = globSync('src/**/*.ts')
  .map((file) => file.replaceAll('\\', '/'))
  .sort();

/** Parses a file, or `text` in its place. */
export function parse(file: string, text = readFileSync(file, 'utf8')): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

export interface Import {
  specifier: string;
  typeOnly: boolean;
}

/** What a file imports or re-exports, types and dynamic imports included. */
export function importsOf(file: string): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node | undefined, typeOnly: boolean) => {
    if (node && ts.isStringLiteral(node)) found.push({ specifier: node.text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(parse(file));
  return found;
}

/** The file in src/ that a relative import means. */
export function fileOf(importer: string, specifier: string): string {
  return posix.join(posix.dirname(importer), specifier);
}
