import { defineConfig } from 'vitest/config';
import { entries } from './entries.ts';

const browserTests = { environment: 'node', testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 2 };

/**
 * The ways into a room, joins and drops after the token's end, and rooms with both browsers on each backend. Any other file runs in
 * Firefox with TEST_BROWSER=firefox and the project e2e; all of them at each `npm test` would double its time.
 */
const inFirefox = ['ant-media/ways-in', 'ant-media/stays-fresh', 'naf-janus/stays-fresh', 'mixed'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

/** Examples import the package by its name and get the sources. */
const alias = entries.map(({ name, source }) => ({
  find: new RegExp(`^${name}$`),
  replacement: `${import.meta.dirname}/${source}`,
}));

export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      {
        resolve: { alias },
        test: { name: 'unit', environment: 'happy-dom', include: ['test/unit/**/*.test.ts'] },
      },
      { test: { name: 'chaos', environment: 'happy-dom', include: ['test/chaos/**/*.test.ts'] } },
      { test: { name: 'server', environment: 'node', include: ['test/server/**/*.test.ts'] } },
      { test: { name: 'package', include: ['test/package/**/*.test.ts'], ...browserTests } },
      { test: { name: 'consumers', include: ['test/consumers/*.test.ts'], ...browserTests } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/e2e/mixed.test.ts'],
          ...browserTests,
        },
      },
      {
        test: {
          name: 'firefox',
          include: inFirefox,
          env: { TEST_BROWSER: 'firefox' },
          globalSetup: ['test/browsers/display.ts'],
          ...browserTests,
        },
      },
    ],
  },
});
