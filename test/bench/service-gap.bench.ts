import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, it } from 'vitest';
import { setBack } from '../e2e/cut/set-back.ts';
import { type Estate, startEstate } from '../servers/estate.ts';
import { BenchReport, ours } from './bench-report.ts';
import { type DelayRelay, startDelayRelay } from './delay-relay.ts';
import type { Figures } from './figures.ts';
import { size } from './measure.ts';

/**
 * How long each host is without service while the chapter is applied, which restarts it, how often the program waits for the host,
 * and how long that takes with round trips of 50 ms. SERVICE_GAP_OLD names the main file of another build, taken in turns with this one.
 */
const builds = [
  ...(process.env['SERVICE_GAP_OLD'] ? [{ name: 'the other build', file: process.env['SERVICE_GAP_OLD'] }] : []),
  { name: ours, file: 'dist/reconcile.cjs' },
];
const rounds = size('BENCH_ROUNDS', 3);
const report = new BenchReport('service-gap');

/** Milliseconds between two looks whether a server takes connections. */
const step = 10;

let estate: Estate;
const started: DelayRelay[] = [];

beforeAll(async () => {
  estate = await startEstate({ users: 20, groups: 0, resources: 0 });
});
afterAll(async () => {
  report.end();
  for (const relay of started) relay.stop();
  await estate?.stop();
});

/** An estate file whose hosts are as far away as that. */
async function fileAt(roundTrip: number): Promise<{ readonly file: string; readonly relays: Map<string, DelayRelay> }> {
  let text = readFileSync(estate.file, 'utf8');
  let known = readFileSync(estate.ssh.knownHosts, 'utf8');
  const own = new Map<string, DelayRelay>();
  for (const { name, address, port } of estate.ssh.hosts.values()) {
    const relay = await startDelayRelay({ address, port }, roundTrip);
    started.push(relay);
    own.set(name, relay);
    text = text.replace(`address: ${address}, port: ${port},`, `address: 127.0.0.1, port: ${relay.port},`);
    known = known.replace(`[${address}]:${port} `, `[127.0.0.1]:${relay.port} `);
  }
  const knownHosts = join(estate.folder, `known_hosts_${roundTrip}`);
  writeFileSync(knownHosts, known);
  const file = join(estate.folder, `estate-${roundTrip}.yaml`);
  writeFileSync(file, text.replace(/knownHosts: .*/, `knownHosts: ${knownHosts}`));
  return { file, relays: own };
}

/** Looks again and again whether a server takes connections; says in the end for how long it did not, in milliseconds. */
function watchPort(url: string): { stop(): number } {
  const { hostname, port } = new URL(url);
  let since: number | undefined;
  let down = 0;
  let isStopped = false;
  const look = () => {
    if (isStopped) return;
    const socket = connect({ host: hostname, port: Number(port) });
    const tell = (isUp: boolean) => {
      const now = performance.now();
      if (isUp && since !== undefined) down += now - since;
      since = isUp ? undefined : (since ?? now);
      socket.destroy();
      setTimeout(look, step);
    };
    socket.once('connect', () => tell(true));
    socket.once('error', () => tell(false));
  };
  look();
  return {
    stop() {
      isStopped = true;
      return down;
    },
  };
}

async function apply(build: string, file: string): Promise<number> {
  const began = performance.now();
  const words = ['apply', file, '--yes', '--runs', join(estate.folder, 'records')];
  const child = spawn('node', [build, ...words], {
    env: { ...process.env, ...estate.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`exit ${code}\n${said}`);
  return performance.now() - began;
}

/** What the server's own stop and start take, one right after the other, on the host itself. */
async function ownGap(host: string): Promise<number> {
  const lines = host.startsWith('cs6')
    ? 'cd /opt/SUNWics5/cal/sbin && ./stop-cal && ./start-cal'
    : 'cd /opt/glassfish3/bin && ./asadmin stop-domain domain1 && ./asadmin start-domain domain1';
  const watch = watchPort(estate.urlOf(host));
  await pause(200);
  const child = spawn(
    'ssh',
    [
      ...['-i', estate.ssh.identity, '-p', '2222', '-o', `UserKnownHostsFile=${estate.ssh.knownHosts}`, '-n'],
      `root@${new URL(estate.urlOf(host)).hostname}`,
      `(${lines}) >/dev/null 2>&1`,
    ],
    { stdio: 'ignore' },
  );
  await once(child, 'close');
  await pause(200);
  return watch.stop();
}

const alone = 'its own stop and start';

it.each([0, 50])(
  '%i ms: seconds without service, round trips and wall time of an apply with a restart',
  async roundTrip => {
    const { file, relays } = await fileAt(roundTrip);
    const hosts = [...estate.ssh.hosts.keys()];
    const runs: Record<string, Record<string, Figures[]>> = Object.fromEntries(
      hosts.map(host => [host, Object.fromEntries([alone, ...builds.map(({ name }) => name)].map(name => [name, []]))]),
    );
    for (let round = 0; round < rounds; round += 1) {
      const own = new Map<string, number>();
      for (const host of hosts) own.set(host, (await ownGap(host)) / 1000);
      for (const [host, pause] of own) runs[host]?.[alone]?.push({ pause });
      for (const { name, file: build } of round % 2 === 0 ? builds : builds.toReversed()) {
        await setBack(estate);
        const watches = hosts.map(host => ({ host, watch: watchPort(estate.urlOf(host)) }));
        for (const relay of relays.values()) relay.counts();
        const wall = (await apply(build, file)) / 1000;
        for (const { host, watch } of watches) {
          const pause = watch.stop() / 1000;
          const { trips } = relays.get(host)?.counts() ?? { trips: 0 };
          runs[host]?.[name]?.push({ wall, pause, excess: pause - (own.get(host) ?? 0), trips });
        }
      }
    }
    const distance = roundTrip === 0 ? '' : `, round trip ${roundTrip} ms`;
    for (const host of hosts) report.add(`restart of ${host.slice(0, 3).toUpperCase()}${distance}`, runs[host] ?? {});
  },
);
