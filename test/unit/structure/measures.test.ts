// @vitest-environment node
import { describe, expect, test } from 'vitest';
import { measuresOf } from './measures.ts';
import { parse } from './sources.ts';

const measure = (text: string) => measuresOf(parse('sample.ts', text));

describe('the measures of a function', () => {
  test('are 1 for a straight one', () => {
    expect(measure('function f() {\n  g();\n}')).toEqual([
      { name: 'sample.ts:1 f', complexity: 1, lines: 3 },
    ]);
  });

  test.each([
    'if (a) b();',
    'const c = a ? b : c;',
    'a && b();',
    'a ||= b;',
    'a ?? b();',
    'for (const x of a) b();',
    'while (a) b();',
    'switch (a) { case 1: b(); break; default: c(); }',
    'try { a(); } catch { b(); }',
  ])('count one branch in: %s', (statement) => {
    expect(measure(`const f = () => { ${statement} };`)).toMatchObject([
      { name: 'sample.ts:1 f', complexity: 2 },
    ]);
  });

  test('count a nested function into the one around it, and by itself', () => {
    const text = 'class A {\n  m() {\n    return () => {\n      if (a) b();\n    };\n  }\n}';
    expect(measure(text)).toEqual([
      { name: 'sample.ts:2 m', complexity: 2, lines: 5 },
      { name: 'sample.ts:3 (anonymous)', complexity: 2, lines: 3 },
    ]);
  });
});
