// @vitest-environment node
import { expect, test } from 'vitest';
import { interfaces, namesOf } from './docs.ts';
import { isListener, isOption } from './options.ts';

test('the comment of each option says its default', () => {
  const options = interfaces.flatMap(({ name, declaration, properties }) =>
    /Options$/.test(name) ? properties.filter((property) => isOption(property, declaration)) : [],
  );
  expect(options.length).toBeGreaterThan(20);
  const without = options.filter((option) => !isListener(option) && !/\bdefault\b/i.test(option.text));
  expect(namesOf(without)).toEqual([]);
});
