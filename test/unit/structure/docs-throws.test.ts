// @vitest-environment node
import { expect, test } from 'vitest';
import { has, namesOf, publicFunctions, throws } from './docs.ts';

test('each public function that contains a throw has @throws', () => {
  const throwing = publicFunctions().filter(({ declaration }) => throws(declaration));
  expect(throwing.length).toBeGreaterThan(3);
  expect(namesOf(throwing.filter((item) => !has(item, 'throws')))).toEqual([]);
});
