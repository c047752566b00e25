// @vitest-environment node
import { expect, test } from 'vitest';
import { everyExport, namesOf } from './docs.ts';

test('everything exported in src/ has a doc comment that begins with a sentence', () => {
  const without = everyExport.filter(({ text }) => !/^[\p{Lu}\p{N}`].*?[.:;](\s|$)/su.test(text));
  expect(namesOf(without)).toEqual([]);
});
