import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Most tests wait for servers: two side by side keep two cores busy.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', './test/tools/count-reporter.ts'],
    coverage: { provider: 'v8', include: ['src/**'], exclude: ['src/lab/**', 'src/desired/estate-file.ts'], reporter: ['text-summary', 'text'] },
  },
});
