/** How long and how branched functions are. A nested function counts into the functions around it. */
import ts from 'typescript';

export interface Measure {
  /** Such as `src/token/share.ts:63 ask`. */
  name: string;
  /** 1, and 1 more for each branch: `if`, `?:`, a loop, `case`, `catch`, `&&`, `||`, `??`. */
  complexity: number;
  /** Lines from the first of the declaration to the closing brace. */
  lines: number;
}

const branches = new Set([
  ts.SyntaxKind.IfStatement,
  ts.SyntaxKind.ConditionalExpression,
  ts.SyntaxKind.ForStatement,
  ts.SyntaxKind.ForInStatement,
  ts.SyntaxKind.ForOfStatement,
  ts.SyntaxKind.WhileStatement,
  ts.SyntaxKind.DoStatement,
  ts.SyntaxKind.CaseClause,
  ts.SyntaxKind.CatchClause,
]);

const branchOperators = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
]);

/** Every function of a file that has a body, nested ones too. */
export function measuresOf(source: ts.SourceFile): Measure[] {
  const found: Measure[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) found.push(measure(node, source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function measure(node: ts.SignatureDeclaration, source: ts.SourceFile): Measure {
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  const first = lineOf(node.getStart(source));
  return {
    name: `${source.fileName}:${first} ${nameOf(node, source)}`,
    complexity: 1 + branchesIn(node),
    lines: lineOf(node.end) - first + 1,
  };
}

function branchesIn(node: ts.Node): number {
  let count = Number(isBranch(node));
  ts.forEachChild(node, (child) => {
    count += branchesIn(child);
  });
  return count;
}

function isBranch(node: ts.Node): boolean {
  if (ts.isBinaryExpression(node)) return branchOperators.has(node.operatorToken.kind);
  return branches.has(node.kind);
}

function nameOf(node: ts.SignatureDeclaration, source: ts.SourceFile): string {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  const { parent } = node;
  const named =
    node.name ??
    (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name : undefined);
  return named?.getText(source) ?? '(anonymous)';
}
