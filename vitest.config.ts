import { defineConfig } from 'vitest/config';

const browserTests = { environment: 'node', testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 2 };

export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      { test: { name: 'unit', environment: 'happy-dom', include: ['test/unit/**/*.test.ts'] } },
      { test: { name: 'server', environment: 'node', include: ['test/server/**/*.test.ts'] } },
      { test: { name: 'package', include: ['test/package/**/*.test.ts'], ...browserTests } },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], ...browserTests } },
    ],
  },
});
