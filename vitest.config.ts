import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', './test/tools/count-reporter.ts'],
    coverage: { provider: 'v8', include: ['src/**'], exclude: ['src/lab/**', 'src/desired/estate-file.ts'], reporter: ['text-summary', 'text'] },
  },
});
