import { afterAll, beforeAll, describe, it, onTestFinished } from 'vitest';
import { type AnsiblePeer, layAnsible } from './ansible.ts';
import { type BenchHosts, startBenchHosts } from './bench-hosts.ts';
import { BenchReport, ours, versionOf } from './bench-report.ts';
import type { Figures } from './figures.ts';
import { inTurns, size } from './measure.ts';
import { type MeasuredCommand, measureTime } from './measured-process.ts';

/**
 * One setting of every CS6 host changes, and each is restarted: against a template and a handler of Ansible, which has neither
 * locks, backups, records nor watchdogs. From the environment: BENCH_ROUNDS, BENCH_APPLY_HOSTS (most hosts).
 */
const rounds = Math.min(size('BENCH_ROUNDS', 3), 3);
const sizes = [1, 10, 50].filter(hosts => hosts <= size('BENCH_APPLY_HOSTS', 50));
const playbook = 'ansible-playbook';
const report = new BenchReport('apply');
let bench: BenchHosts;
let ansible: AnsiblePeer;
/** Each run has a value of its own, so that it has something to do. */
let idleTimeout = 200;

beforeAll(async () => {
  bench = await startBenchHosts(Math.max(...sizes), 1);
  ansible = layAnsible(bench);
  report.version('Ansible', versionOf('ansible', '--version'));
});
afterAll(async () => {
  report.end();
  await bench?.stop();
});

describe.each([
  { distance: '', roundTrip: 0 },
  { distance: ', round trip 50 ms', roundTrip: 50 },
])('round trip $roundTrip ms', ({ distance, roundTrip }) => {
  it.each(sizes)('%i hosts', async hosts => {
    const relays = await bench.relays(roundTrip);
    onTestFinished(() => relays.stop());
    const port = roundTrip === 0 ? undefined : relays.port;
    const work = `change and restart ${hosts} ${hosts === 1 ? 'host' : 'hosts'}${distance}`;
    const turns = hosts > 10 ? Math.min(rounds, 2) : rounds;
    const ways = {
      [ours]: () => measureTime(applies(hosts, port)),
      [playbook]: () => measureTime(plays(hosts, port)),
    };
    report.add(work, await inTurns(turns, ways, hosts === 1));
    if (roundTrip > 0) return;
    for (const [way, command] of [
      [ours, applies],
      [playbook, plays],
    ] as const) {
      relays.counts();
      await measureTime(command(hosts, relays.port));
      report.more(work, way, perHost(relays.counts(bench.cs6.slice(0, hosts)), hosts));
    }
  });
});

/** Of the hosts that change; another one is read only. */
function perHost({ connections, trips }: { connections: number; trips: number }, hosts: number): Figures {
  return { connections: connections / hosts, trips: trips / hosts };
}

function applies(hosts: number, port?: number): MeasuredCommand {
  const some = [...bench.cs6.slice(0, hosts), ...bench.cs7];
  // As Ansible does; without it, hosts are changed one by one.
  const settings = ['roll: [100%]', `settings: { service.http.idletimeout: "${idleTimeout++}" }`];
  const file = bench.write(`apply-${hosts}`, some, port, settings);
  const words = ['apply', '-y', '--allow-restarts', String(hosts), file];
  return bench.reconcile(
    words,
    output => output.includes(`${hosts} restart`) && output.includes('Read again: in sync.'),
  );
}

function plays(hosts: number, port?: number): MeasuredCommand {
  return ansible.apply(bench.cs6.slice(0, hosts), idleTimeout++, port);
}
