import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../src/adapters/open-ports.ts';
import { compareEarlier } from '../../src/app/compare-earlier.ts';
import { type DesiredCs6Host, type DesiredState, hostsOf } from '../../src/core/desired.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { desiredOf } from '../kinds/cases.ts';
import { type SshServer, startSshServer } from '../servers/ssh-server.ts';

/**
 * A check costs each host one connection and one trip, whatever the number of kinds: WAN round trips are what a check is made of. The
 * commands that may take long are asked beside it, each in a trip of its own: here showrev, and patchadd where that is missing.
 */
let folder: string;
let server: SshServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-trips-'));
  mkdirSync(join(folder, 'sbin'));
  // The machine runs servers of other tests at the same time.
  writeFileSync(join(folder, 'sbin/ps'), '#!/bin/sh\necho PID ELAPSED COMMAND\necho 1 00:01 init\n', { mode: 0o755 });
  server = await startSshServer(folder, { environment: { PATH: `${join(folder, 'sbin')}:/usr/bin:/bin` } });
  writeFileSync(join(folder, 'sbin/start-cal'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(folder, 'ics.conf'), '');
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

function stateOf(settings: DesiredCs6Host['settings']): DesiredState {
  const base = desiredOf({ name: '', live: {}, changes: [] });
  const { address, port, knownHosts, identity } = server;
  const access = {
    address,
    port,
    knownHosts,
    identity: { path: identity },
    user: 'root',
    jump: [],
    legacyAlgorithms: false,
  };
  const places = { config: [join(folder, 'ics.conf')], sbin: [join(folder, 'sbin')] };
  const cs6 = hostsOf(base, 'cs6').map(host => ({
    ...host,
    ...places,
    access,
    settings: [...host.settings, ...settings],
  }));
  return { ...base, hosts: cs6 };
}

function hostTargetsOf(state: DesiredState) {
  return targetsOf(state).filter(target => target.target !== 'directory');
}

it('all kinds of a host are read in one trip, beside what may take long', async () => {
  const state = stateOf([]);
  const connection = connect(state, {}, { use: 'read' });
  const comparisons = await compareAll(hostTargetsOf(state), connection.ports);
  await connection.close();
  expect(comparisons.map(c => [c.kind, c.unread?.code])).toEqual([
    ['software-version', undefined],
    ['cs6-ics-conf', undefined],
    ['cs6-service', undefined],
  ]);
  expect([server.connections(), server.commands.length]).toEqual([1, 3]);
});

it('with a base and what was applied last beside', async () => {
  const before = [server.connections(), server.commands.length];
  const wanting = (value: string) =>
    stateOf([{ key: 'some.key', value, because: '', source: { file: 'estate.yaml', line: 1 } }]);
  const state = wanting('a');
  const connection = connect(state, {}, { use: 'read' });
  const earlier = { base: { name: '', state: wanting('b') }, applied: { name: '', state: stateOf([]) } };
  await Promise.all([
    compareAll(hostTargetsOf(state), connection.ports),
    compareEarlier(earlier, state, connection.ports),
  ]);
  await connection.close();
  expect([server.connections(), server.commands.length]).toEqual([(before[0] ?? 0) + 1, (before[1] ?? 0) + 3]);
});
