/** The oldest browsers that the package serves, and what in some code is younger than they are. */

import bcd from '@mdn/browser-compat-data' with { type: 'json' };
import type { CompatStatement, Identifier } from '@mdn/browser-compat-data';
import { transform } from 'esbuild';
import ts from 'typescript';

/** The oldest version of each browser, by the names that the compatibility data have. Edge is as Chrome. */
export const floor = { chrome: '100', firefox: '100', safari: '15.4', safari_ios: '15.4' } as const;

type BrowserName = keyof typeof floor;

/** Something of the language or the browser that is younger than the oldest browsers. */
export interface Young {
  readonly file: string;
  readonly line: number;
  /** Such as `AbortSignal.any`. */
  readonly what: string;
  /** Such as `firefox 124`. */
  readonly needs: readonly string[];
}

/** Each use of an interface or a built-in of the language, in TypeScript or JavaScript files, that is too young. */
export function youngIn(paths: readonly string[]): Young[] {
  const program = ts.createProgram(paths, {
    allowJs: true,
    checkJs: true,
    noEmit: true,
    strict: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.esnext.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
  });
  const checker = program.getTypeChecker();
  const found: Young[] = [];
  for (const path of paths) {
    const source = program.getSourceFile(path);
    if (!source) throw new Error(`No such file: ${path}`);
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && !isTypeOnly(node)) {
        const young = youngest(namesOf(node, checker));
        const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        if (young) found.push({ file: path, line, ...young });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

/** Whether esbuild would write a file's syntax in another way for the oldest browsers. */
export async function hasYoungSyntax(code: string): Promise<boolean> {
  const target = [`chrome${floor.chrome}`, `firefox${floor.firefox}`, `safari${floor.safari}`];
  // They have \p{…}; esbuild looks at the newest names in it.
  const supported = { 'regexp-unicode-property-escapes': true };
  const [asIs, forOld] = await Promise.all([transform(code), transform(code, { target, supported })]);
  return asIs.code !== forOld.code;
}

/** The day on which the oldest version of a browser came out. */
export function releaseDay(browser: BrowserName): string {
  const day = bcd.browsers[browser].releases[floor[browser]]?.release_date;
  if (!day) throw new Error(`The data do not know ${browser} ${floor[browser]}.`);
  return day;
}

/** An identifier in a type costs nothing at run time. */
function isTypeOnly(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at; at = at.parent) {
    if (ts.isTypeNode(at) || ts.isInterfaceDeclaration(at) || ts.isTypeAliasDeclaration(at)) return true;
    if (ts.isStatement(at)) return false;
  }
  return false;
}

/** What the data may call an identifier: `AbortSignal.any_static`, `Navigator.locks`, `Array.at`. */
function namesOf(node: ts.Identifier, checker: ts.TypeChecker): string[] {
  const symbol = checker.getSymbolAtLocation(node);
  const ambient = symbol?.declarations?.filter((one) =>
    /\/lib\.[^/]+\.d\.ts$/.test(one.getSourceFile().fileName),
  );
  if (!ambient?.length) return [];
  const member = node.text;
  const owners = ambient.flatMap(({ parent }) => {
    if (ts.isInterfaceDeclaration(parent)) return [parent.name.text];
    // `declare var AbortSignal: { any(…): … }`
    return parent.parent && ts.isVariableDeclaration(parent.parent)
      ? [`${parent.parent.name.getText()}Constructor`]
      : [];
  });
  // `navigator.locks` is declared in a mixin.
  if (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) {
    owners.push(...typeNames(checker.getTypeAtLocation(node.parent.expression)));
  }
  if (owners.length === 0) return [member];
  return owners.flatMap((owner) => {
    const plain = owner.replace(/Constructor$/, '');
    return plain === owner ? [`${owner}.${member}`] : [`${plain}.${member}_static`, `${plain}.${member}`];
  });
}

const typeNames = (type: ts.Type): string[] =>
  (type.isUnion() ? type.types : [type]).flatMap(({ symbol }) => (symbol ? [symbol.name] : []));

/** The first of these names that the data know, where it is too young. */
function youngest(names: readonly string[]): Pick<Young, 'what' | 'needs'> | undefined {
  for (const name of names) {
    const [owner = '', member] = name.split('.');
    for (const group of [bcd.api, bcd.javascript['builtins'] as Identifier]) {
      const compat = (member ? group[owner]?.[member] : group[owner])?.__compat;
      if (!compat) continue;
      const needs = tooYoung(compat);
      return needs.length > 0 ? { what: name.replace(/_static$/, ''), needs } : undefined;
    }
  }
  return undefined;
}

function tooYoung({ support }: CompatStatement): string[] {
  return (Object.keys(floor) as BrowserName[]).flatMap((browser) => {
    const statements = [support[browser] ?? []].flat();
    // Neither behind a flag, nor under another name. In part is good enough: the browser tests see the rest.
    const plain = statements.filter((one) => !one.flags && !one.prefix && !one.alternative_name);
    if (plain.every((one) => one.version_removed)) return [`${browser}: not there`];
    const versions = plain.flatMap(({ version_added: added }) =>
      typeof added === 'string' ? Number.parseFloat(added.replace('≤', '')) : [],
    );
    const since = Math.min(...versions);
    return since > Number(floor[browser]) ? [`${browser} ${since}`] : [];
  });
}
