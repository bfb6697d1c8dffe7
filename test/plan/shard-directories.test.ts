import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DirectoryConnection, openDirectory } from '../../src/adapters/ldap/directory.ts';
import type { DesiredState } from '../../src/core/desired.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { joinShards, shardTargets } from '../../src/engine/shard-targets.ts';
import { countAccounts } from '../../src/kinds/common/survey.ts';
import { registry } from '../../src/kinds/registry.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { accountsOfParts, joinComparisons } from '../../src/plan/shard-merge.ts';
import { sealPart } from '../../src/plan/shard-part.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';
import { Secret } from '../../src/ports/secret.ts';
import { madeUpEntries, randomFrom } from '../directories/made-up-accounts.ts';
import { madeUpCohorts } from '../directories/made-up-cohorts.ts';
import { type DirectoryServer, directoryServers } from '../directories/servers.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';
import { installed, planOver, takenAt } from '../snapshot/support.ts';

const seed = Number(process.env['SHARD_SEED'] ?? 20_261_124);
const accounts = 400;

describe.each(directoryServers)('the parts of accounts in $name', server => {
  const estates = Math.ceil(server.estates / 4);
  let folder: string;
  let running: Awaited<ReturnType<DirectoryServer['start']>>;
  let directory: DirectoryConnection;
  let base: DesiredState;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reconcile-shard-'));
    running = await server.start(folder, [...madeUpEntries(randomFrom(seed), accounts), ...server.peculiar]);
    const { url, adminDn: bindDn } = running;
    const chapter = desiredOf({ name: '', live: {}, changes: [] });
    base = { ...chapter, directory: { ...chapter.directory, url, startTls: false, bindDn } };
    directory = openDirectory(base.directory, async () => new Secret(running.adminPassword));
  }, 120_000);
  afterAll(async () => {
    await directory?.close();
    await running?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const ports = (): ReadPorts => ({ ...memoryPorts(installed()).ports, directory: () => directory });

  it(`make the plan of an undivided run, for ${estates} made-up estates (seed ${seed})`, async () => {
    const random = randomFrom(seed + 1);
    for (let estate = 0; estate < estates; estate++) {
      const state = { ...base, cohorts: madeUpCohorts(random, accounts) };
      expect(await planInParts(state, 2 + (estate % 4)), JSON.stringify(state.cohorts)).toEqual(
        await planOver(state, ports()),
      );
    }
  }, 180_000);

  async function planInParts(state: DesiredState, of: number) {
    const targets = registry.flatMap(bind => bind(state));
    const counted = await countAccounts(state.directory, directory, Number.POSITIVE_INFINITY);
    const parts = await Promise.all(
      Array.from({ length: of }, async (_, i) => {
        const shard = { number: i + 1, of };
        const own = registry.flatMap(bind => bind(state));
        const comparisons = await compareAll(shardTargets(own, state, shard), ports());
        const first = i === 0 ? { accounts: counted } : {};
        return sealPart({ tool: 'test', shard, readAt: takenAt, desired: state, comparisons, warnings: [], ...first });
      }),
    );
    const ids = targets.map(({ target, kind }) => `${target}/${kind}`);
    const comparisons = joinComparisons(parts, ids, joinShards);
    const facts = { tool: 'test', readAt: takenAt, accounts: accountsOfParts(parts, comparisons, undefined) };
    return buildPlan(state, comparisons, facts);
  }
});
