// @vitest-environment node
import { expect, test } from 'vitest';
import { interfaces, namesOf } from './docs.ts';

test('the comment of each property in ms or s says so', () => {
  const properties = interfaces.flatMap((item) => item.properties);
  const wrong = properties.filter(
    ({ name, text }) =>
      (/(Ms|\.ms)$/.test(name) && !/\bms\b/.test(text)) ||
      (/[a-z]S$/.test(name) && !/\b(s|seconds)\b/.test(text)),
  );
  expect(namesOf(wrong)).toEqual([]);
});
