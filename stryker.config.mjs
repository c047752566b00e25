// What `npm run mutate` (test/mutate.ts) has in common for all its runs. Never run Stryker without it: `mutate` is set there.
/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.stryker.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // Else it adds a line to each file of the copy, and the example of docs/custom-adapter.md is a file of the tests.
  disableTypeChecks: false,
  concurrency: 2,
  // Keeps what was found before, so that a second run tests only what has changed.
  incremental: true,
  tempDirName: '.cache/stryker/sandbox',
  reporters: ['progress'],
  // The sandbox is a copy of the project. These parts are not needed in it.
  ignorePatterns: ['/dist', '/examples', '/test/e2e', '/test/server', '/test/package', '/api'],
};
