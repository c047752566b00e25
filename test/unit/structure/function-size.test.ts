// @vitest-environment node
import { describe, expect, test } from 'vitest';
import { measuresOf } from './measures.ts';
import { files, parse } from './sources.ts';

const largestComplexity = 25;
const mostLines = 90;

const functions = files.flatMap((file) => measuresOf(parse(file)));

describe('the functions in src/', () => {
  test('have a cyclomatic complexity of at most 25, nested functions included', () => {
    const worse = functions.filter(({ complexity }) => complexity > largestComplexity);
    expect(worse.map(({ name, complexity }) => `${name}: ${complexity}`)).toEqual([]);
  });

  test('are at most 90 lines long, nested functions included', () => {
    const longer = functions.filter(({ lines }) => lines > mostLines);
    expect(longer.map(({ name, lines }) => `${name}: ${lines} lines`)).toEqual([]);
  });
});
