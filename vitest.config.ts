import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/tools/long-first.ts';

/** Folders whose tests need neither a server nor root, on any system. */
const pure = [
  ...['accounts', 'app', 'architecture', 'audit', 'cli', 'core', 'docs', 'drift', 'engine', 'estate', 'explain', 'findings', 'fuzz', 'import', 'kinds', 'ldap', 'model'],
  'plan',
  ...['report', 'snapshot', 'tools', 'verify', 'watch'],
];

/** Tests of these folders that do need servers, limits of the system, or much time. */
const unlikePure = [
  ...['test/**/*directories.test.ts', 'test/verify/mail/*.test.ts', 'test/docs/recorded-output.test.ts'],
  'test/model/real.test.ts',
  ...['test/estate/hostile*.test.ts', 'test/estate/fuzz.test.ts', 'test/import/many-people.test.ts'],
];

/** Milliseconds after which something hangs, on however busy a machine. */
const hanging = 300_000;

const cores = availableParallelism();

// Node reads and checks these authorities at every start, which takes longer than the start itself. Only npm has use for them.
process.env['NPM_EXTRA_CA_CERTS'] ??= process.env['NODE_EXTRA_CA_CERTS'] ?? '';
delete process.env['NODE_EXTRA_CA_CERTS'];

export default defineConfig({
  test: {
    testTimeout: hanging,
    hookTimeout: hanging,
    expect: { poll: { timeout: hanging / 2 } },
    maxConcurrency: 12,
    sequence: { sequencer: LongFirst },
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
        test: {
          name: 'unit',
          include: [`test/{${pure}}/**/*.test.ts`],
          exclude: unlikePure,
          maxWorkers: cores,
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        // Most of the time they wait.
        test: {
          name: 'servers',
          include: [`test/!(${pure.join('|')})/**/*.test.ts`, ...unlikePure],
          maxWorkers: Math.min(4 * cores, 12),
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
