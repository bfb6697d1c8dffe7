import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, it } from 'vitest';
import { type BenchHosts, isInSync, startBenchHosts } from './bench-hosts.ts';
import { BenchReport, ours, versionOf } from './bench-report.ts';
import { inTurns, size } from './measure.ts';
import { type MeasuredCommand, measureMemory, measureTime } from './measured-process.ts';

/** What a command costs before it does anything, against an empty program of Node and the start of Ansible. BENCH_ROUNDS. */
const rounds = size('BENCH_ROUNDS', 3) * 3;
const report = new BenchReport('start');
let bench: BenchHosts;
let file: string;

beforeAll(async () => {
  bench = await startBenchHosts(1, 1);
  file = bench.write('start', [...bench.cs6, ...bench.cs7]);
  writeFileSync(`${bench.estate.folder}/empty.cjs`, '');
  report.version('Ansible', versionOf('ansible', '--version'));
});
afterAll(async () => {
  report.end();
  await bench?.stop();
});

const anything = () => true;
const emptyProgram = 'an empty program of Node';
const peers = [emptyProgram, 'ansible --version'];

it('starts', async () => {
  const node = { words: [process.execPath, `${bench.estate.folder}/empty.cjs`], isRight: anything };
  const commands: Readonly<Record<string, MeasuredCommand>> = {
    'reconcile --version': bench.reconcile(['--version'], output => /^\d+\.\d+\.\d+/.test(output)),
    'reconcile --help': bench.reconcile(['--help'], output => output.includes('Usage: reconcile')),
    'reconcile validate': bench.reconcile(['validate', file], anything),
    'reconcile check, 2 hosts': bench.reconcile(['check', file], isInSync),
    [emptyProgram]: node,
    'ansible --version': { words: ['ansible', '--version'], isRight: anything },
  };
  const times = Object.entries(commands).map(([what, command]) => [what, () => measureTime(command)] as const);
  const runs = await inTurns(rounds, Object.fromEntries(times));
  for (const [what, command] of Object.entries(commands)) {
    const isOurs = !peers.includes(what);
    const way = isOurs ? ours : what;
    const work = isOurs ? what : 'start';
    report.add(work, { [way]: runs[what] ?? [] });
    if (isOurs) for (const peer of peers) report.compare(work, runs[what] ?? [], peer, runs[peer] ?? []);
    report.more(work, way, await measureMemory(command));
  }
});
