import { defineConfig } from 'vitest/config';
import { entries } from './entries.ts';

const browserTests = { environment: 'node', testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 2 };

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
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], ...browserTests } },
    ],
  },
});
