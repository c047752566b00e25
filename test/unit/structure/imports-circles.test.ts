// @vitest-environment node
import { describe, expect, test } from 'vitest';
import { circlesOf, type Graph, wayAround } from './circles.ts';
import { fileOf, files, importsOf } from './sources.ts';

const imports: Graph = new Map(
  files.map((file) => [
    file,
    importsOf(file)
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier }) => fileOf(file, specifier)),
  ]),
);

describe('the sources', () => {
  test('import nothing in a circle, types included', () => {
    expect(circlesOf(imports).map((circle) => wayAround(circle, imports))).toEqual([]);
  });
});
