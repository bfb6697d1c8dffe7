import { afterAll, beforeAll, describe, it, onTestFinished } from 'vitest';
import { type AnsiblePeer, layAnsible } from './ansible.ts';
import { type BenchHosts, isInSync, startBenchHosts } from './bench-hosts.ts';
import { BenchReport, ours, versionOf } from './bench-report.ts';
import { inTurns, size } from './measure.ts';
import { type MeasuredCommand, measureMemory, measureTime } from './measured-process.ts';
import { opensshReads } from './openssh.ts';

/**
 * A check of an estate in its wanted state, as a process, against OpenSSH reading the same, and against Ansible comparing the same.
 * Half of the hosts are CS6. From the environment: BENCH_HOSTS (most hosts), BENCH_ROUNDS, BENCH_ANSIBLE_HOSTS (above, none).
 */
const rounds = size('BENCH_ROUNDS', 3);
const most = size('BENCH_HOSTS', 200);
const ansibleMost = size('BENCH_ANSIBLE_HOSTS', 200);
const sizes = [2, 10, 50, 200].filter(hosts => hosts <= most);
const roundTrip = 50;
const ssh = 'ssh, 32 at once';
const playbook = 'ansible-playbook --check --diff';
/** Each of its runs takes so long that few must do. */
const ansibleRounds = (hosts: number) => (hosts >= 200 ? 1 : hosts >= 50 ? Math.min(rounds, 2) : rounds);

const report = new BenchReport('hosts');
let bench: BenchHosts;
let ansible: AnsiblePeer;

beforeAll(async () => {
  bench = await startBenchHosts(Math.max(...sizes) / 2, Math.max(...sizes) / 2);
  ansible = layAnsible(bench);
  report.version('OpenSSH', versionOf('ssh', '-V'));
  report.version('Ansible', versionOf('ansible', '--version'));
});
afterAll(async () => {
  report.end();
  await bench?.stop();
});

describe.each(sizes)('%i hosts', hosts => {
  const some = () => [...bench.cs6.slice(0, hosts / 2), ...bench.cs7.slice(0, hosts / 2)];
  const waysTo = (port?: number) => ({
    [ours]: bench.reconcile(['check', bench.write(`hosts-${hosts}-${port ?? 'near'}`, some(), port)], isInSync),
    [ssh]: opensshReads(bench, some(), port),
  });
  const work = `check ${hosts} hosts`;
  const distantWork = `${work}, round trip ${roundTrip} ms`;

  const timesOf = (ways: Readonly<Record<string, MeasuredCommand>>) =>
    Object.fromEntries(Object.entries(ways).map(([name, command]) => [name, () => measureTime(command)]));

  it('near', async () => {
    const ways = waysTo();
    report.add(work, await inTurns(rounds, timesOf(ways)));
    for (const [way, command] of Object.entries(ways)) report.more(work, way, await measureMemory(command));
  });

  it.runIf(hosts <= ansibleMost)('near, beside Ansible', async () => {
    const ways = { [ours]: waysTo()[ours], [playbook]: ansible.check(some()) };
    report.add(work, await inTurns(ansibleRounds(hosts), timesOf(ways), hosts <= 10));
    if (hosts < 200) report.more(work, playbook, await measureMemory(ansible.check(some())));
  });

  it('counted', async () => {
    const relays = await bench.relays(0);
    onTestFinished(() => relays.stop());
    const playbooks = hosts <= Math.min(10, ansibleMost) ? { [playbook]: ansible.check(some(), relays.port) } : {};
    for (const [way, command] of Object.entries({ ...waysTo(relays.port), ...playbooks })) {
      relays.counts();
      await measureTime(command);
      const { connections, trips } = relays.counts();
      report.more(work, way, { connections: connections / hosts, trips: trips / hosts });
    }
  });

  it('distant', async () => {
    const relays = await bench.relays(roundTrip);
    onTestFinished(() => relays.stop());
    report.add(distantWork, await inTurns(rounds, timesOf(waysTo(relays.port)), false));
    if (hosts <= Math.min(50, ansibleMost)) {
      const ways = { [ours]: waysTo(relays.port)[ours], [playbook]: ansible.check(some(), relays.port) };
      report.add(distantWork, await inTurns(1, timesOf(ways), false));
    }
  });
});
