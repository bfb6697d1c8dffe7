import { mutate, set } from './sets.mjs';

export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutation/vitest.config.mjs', related: false },
  mutate,
  // TypeScript 7 has no API that Stryker could ask: it must find no configuration.
  tsconfigFile: 'none.json',
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  checkers: [],
  concurrency: 2,
  // On a busy machine a slow test is no endless one.
  timeoutMS: 60_000,
  incremental: true,
  incrementalFile: `reports/mutation-${set}.json`,
  reporters: ['clear-text'],
  clearTextReporter: { logTests: false, allowColor: false },
  tempDirName: '.stryker-tmp',
};
