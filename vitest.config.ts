import { defineConfig } from 'vitest/config';

/** Folders whose tests need neither a server nor root, on any system. */
const pure = [
  ...['architecture', 'audit', 'cli', 'core', 'drift', 'engine', 'estate', 'explain', 'kinds', 'plan', 'report'],
  ...['snapshot', 'verify'],
].map(folder => `test/${folder}/**/*.test.ts`);

/** Tests of these folders that do need servers, limits of the system, or much time. */
const unlikePure = [
  ...['test/**/*directories.test.ts', 'test/verify/mail/*.test.ts'],
  ...['test/estate/hostile*.test.ts', 'test/estate/fuzz.test.ts'],
];

/** Tests that need a core each: 389 Directory Server, Chromium, Cyrus, and runs that are killed at every point. */
const heavy = ['directories', 'browser', 'cyrus', 'e2e/killed', 'e2e/cut'].map(folder => `test/${folder}/**/*.test.ts`);

/** Milliseconds after which something hangs, on however busy a machine. */
const hanging = 300_000;

export default defineConfig({
  test: {
    testTimeout: hanging,
    hookTimeout: hanging,
    maxConcurrency: 12,
    expect: { poll: { timeout: hanging / 2 } },
    reporters: ['default', './test/tools/count-reporter.ts'],
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      exclude: ['src/lab/**', 'src/estate/estate-file.ts'],
      reporter: ['text-summary', 'text'],
    },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: pure, exclude: unlikePure, maxWorkers: 2, isolate: false, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        // They wait more than they compute.
        test: {
          name: 'servers',
          include: ['test/**/*.test.ts'],
          exclude: [...pure, ...heavy],
          maxWorkers: 6,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'heavy', include: [...heavy, ...unlikePure], maxWorkers: 2, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
