import type { Reporter, TestModule } from 'vitest/node';

/** Closes the run with one plain line that every CI can read. */
// biome-ignore lint/style/noDefaultExport: vitest loads reporters by their default export
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap(module => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter(test => test.result().state === state).length;
    process.stdout.write(`\n${inState('passed')} passed, ${inState('failed')} failed, ${inState('skipped')} skipped\n`);
  }
}
