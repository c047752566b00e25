// @vitest-environment node
import { describe, expect, test } from 'vitest';
import { circlesOf, wayAround } from './circles.ts';
import { files, importsOf } from './sources.ts';

const graphOf = (edges: Record<string, string[]>) => new Map(Object.entries(edges));

describe('the search for circles', () => {
  test('finds none in a tree, nor where two ways lead to one node', () => {
    expect(circlesOf(graphOf({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }))).toEqual([]);
  });

  test('finds two nodes that point to each other, and one that points to itself', () => {
    expect(circlesOf(graphOf({ a: ['b'], b: ['c'], c: ['b', 'd'], d: ['d'] }))).toEqual([['b', 'c'], ['d']]);
  });

  test('joins circles that share a node', () => {
    expect(circlesOf(graphOf({ a: ['b'], b: ['a', 'c'], c: ['b'] }))).toEqual([['a', 'b', 'c']]);
  });

  test('writes a circle as a way around it', () => {
    const graph = graphOf({ a: ['x', 'b'], b: ['c'], c: ['a'], x: [] });
    expect(wayAround(['a', 'b', 'c'], graph)).toBe('a → b → c → a');
  });
});

describe('the imports of a file', () => {
  test('include values and types, and every file in src/ has been found', () => {
    expect(importsOf('src/token/as-token-error.ts')).toEqual([
      { specifier: '../errors.ts', typeOnly: false },
    ]);
    expect(importsOf('src/token/source.ts').concat(importsOf('src/events.ts'))).toContainEqual({
      specifier: './adapter.ts',
      typeOnly: true,
    });
    expect(files).toContain('src/index.ts');
  });
});
