import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../src/adapters/connect.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { registry } from '../../src/kinds/registry.ts';
import { type SshServer, startSshServer } from '../estate/ssh-server.ts';
import { desiredOf } from '../kinds/cases.ts';

/** A check costs each host one connection and one command, whatever the number of kinds: WAN round trips are what a check is made of. */
let folder: string;
let server: SshServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-trips-'));
  server = await startSshServer(folder);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

it('all kinds of a host are read in one trip', async () => {
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
  const state = { ...base, cs6: base.cs6.map(host => ({ ...host, access })), cs7: [] };
  const connection = connect(state, {});
  const targets = registry.flatMap(bind => bind(state)).filter(target => target.target !== 'directory');
  const comparisons = await compareAll(targets, connection.ports);
  await connection.close();
  expect(comparisons.map(c => [c.kind, c.unread?.code])).toEqual([
    ['software-version', 'host.unexpected-output'],
    ['cs6-ics-conf', 'cs6.no-ics-conf'],
    ['cs6-service', undefined],
  ]);
  expect([server.connections(), server.commands.length]).toEqual([1, 1]);
});
