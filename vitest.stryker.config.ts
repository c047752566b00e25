import { defineConfig } from 'vitest/config';

/**
 * The unit tests for `npm run mutate`, which names a folder of them. Two kinds are left out: tests of how the sources
 * are written, since Stryker rewrites the sources, and tests that run for seconds.
 */
export default defineConfig({
  test: {
    environment: 'happy-dom',
    include: [`${process.env['MUTATE_TESTS'] ?? 'test/unit'}/**/*.test.ts`],
    exclude: [
      'test/unit/imports.test.ts',
      'test/unit/structure/**',
      'test/unit/token/bench-tab.test.ts',
      'test/unit/token/thousand.test.ts',
    ],
  },
});
