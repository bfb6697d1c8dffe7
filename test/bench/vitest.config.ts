import { defineConfig } from 'vitest/config';

/** Measurements are not tests: they run by `npm run bench`, one after the other, and print ratios. */
export default defineConfig({
  test: {
    include: ['test/bench/*.bench.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 900_000,
    fileParallelism: false,
    reporters: ['default'],
  },
});
