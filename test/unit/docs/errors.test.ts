// @vitest-environment node
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RoomSessionError } from '../../../src/errors.ts';
import { publicExports } from '../structure/docs.ts';

const page = readFileSync('docs/errors.md', 'utf8');
const { homepage } = JSON.parse(readFileSync('package.json', 'utf8')) as { homepage: string };
const errorCode = publicExports.find(({ name }) => name.endsWith(' ErrorCode'));
const codes = [...(errorCode?.declaration.getText().matchAll(/'(\w+)'/g) ?? [])].map(([, code]) => code);

test('docs/errors.md has a section for each error code, and for nothing else', () => {
  expect(codes.length).toBeGreaterThan(9);
  const sections = [...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
  expect(sections.toSorted()).toEqual(codes.toSorted());
});

test('each section says what happened and what to do', () => {
  for (const section of page.split(/^## /m).slice(1)) {
    expect(section).toContain('**What happened.** ');
    expect(section).toContain('**What to do.** ');
  }
});

test('an error names the section of its code, on the site of package.json', () => {
  const { docs } = new RoomSessionError('connect_failed', 'The server is away.');
  expect(docs).toBe(`${homepage}/errors#connect_failed`);
});
