import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, it, onTestFinished } from 'vitest';
import { until } from '../tools/until.ts';
import { type BenchHosts, type HostRelays, isInSync, startBenchHosts } from './bench-hosts.ts';
import { BenchReport, ours, versionOf } from './bench-report.ts';
import type { Figures } from './figures.ts';
import { inTurns, size } from './measure.ts';
import { measureTime } from './measured-process.ts';
import { opensshReads } from './openssh.ts';

/** What a look of `drift --every` costs after the first, against reading the same with OpenSSH each time. BENCH_ROUNDS looks. */
const looks = size('BENCH_ROUNDS', 3) * 3;
const hosts = 21;
const every = 2;
const report = new BenchReport('drift');
let bench: BenchHosts;

beforeAll(async () => {
  bench = await startBenchHosts(11, 10);
  report.version('OpenSSH', versionOf('ssh', '-V'));
});
afterAll(async () => {
  report.end();
  await bench?.stop();
});

it(`drift of ${hosts} hosts`, async () => {
  const all = [...bench.cs6, ...bench.cs7];
  const file = bench.write('drift', all);
  const relays = await bench.relays(0);
  onTestFinished(() => relays.stop());
  const distant = bench.write('drift-counted', all, relays.port);
  const work = `a look at ${hosts} hosts`;
  const watched = await watch(file, looks);
  const peers = await inTurns(looks, {
    'a check of its own': () => measureTime(bench.reconcile(['check', file], isInSync)),
    'ssh, 32 at once': () => measureTime(opensshReads(bench, all)),
  });
  report.add(work, { [ours]: watched.slice(1), ...peers });
  report.add('the first look', { [ours]: watched.slice(0, 1) });
  report.more(work, ours, await counted(distant, relays));
});

/** Processor time of each look, by what the process had used when it was over; the first is with the start of the program. */
async function watch(file: string, count: number): Promise<readonly Figures[]> {
  const drift = startDrift(file);
  const used: number[] = [0];
  for (let look = 1; look <= count + 1; look += 1) {
    await until(() => drift.looks() >= look, `look ${look} has ended`);
    used.push(processorTime(drift.child.pid ?? 0));
  }
  await drift.end();
  return used.slice(1).map((time, index) => ({ cpu: time - (used[index] ?? 0) }));
}

/** What a host is asked in a look after the first. */
async function counted(file: string, relays: HostRelays): Promise<Figures> {
  const drift = startDrift(file);
  await until(() => drift.looks() >= 1, 'the first look has ended');
  relays.counts();
  await until(() => drift.looks() >= 2, 'the second look has ended');
  const { connections, trips } = relays.counts();
  await drift.end();
  return { connections: connections / hosts, trips: trips / hosts };
}

/** A look that finds nothing new prints nothing: the metrics count it. */
function startDrift(file: string) {
  const metrics = `${file}.prom`;
  rmSync(metrics, { force: true });
  const words = ['drift', '--every', `${every}s`, '--jitter', '0', '--metrics-file', metrics, file];
  const { words: line, environment } = bench.reconcile(words, isInSync);
  const [program = '', ...rest] = line;
  const child = spawn(program, rest, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  });
  return {
    child,
    looks() {
      if (child.exitCode !== null) throw new Error(`drift has ended with ${child.exitCode}`);
      const text = existsSync(metrics) ? readFileSync(metrics, 'utf8') : '';
      if (/looks_total\{.*result="failed".*\} [1-9]/.test(text)) throw new Error(`a look has failed:\n${text}`);
      return Number(/looks_total\{.*result="ended".*\} (\d+)/.exec(text)?.[1] ?? 0);
    },
    async end() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Seconds that all threads of a process have run; finer than its clock ticks. */
function processorTime(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const each = threads.map(thread =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return each.reduce((sum, time) => sum + time, 0) / 1e9;
}
