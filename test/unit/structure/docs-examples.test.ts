// @vitest-environment node
import { expect, test } from 'vitest';
import { has, publicExports } from './docs.ts';

/** What a user calls first. */
const first = [
  'RoomSession',
  'tokenEndpoint',
  'TokenRefresher',
  'antMedia',
  'nafJanus',
  'jitsi',
  'adapterContract',
];

test.each(first)('%s has an example', (name) => {
  const item = publicExports.find((candidate) => candidate.name.endsWith(` ${name}`));
  expect(item && has(item, 'example')).toBe(true);
});
