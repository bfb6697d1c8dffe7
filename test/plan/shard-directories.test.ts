import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countAccounts } from '../../src/accounts/read-accounts.ts';
import { targetId } from '../../src/core/change.ts';
import type { DesiredState } from '../../src/core/desired.ts';
import { compareAll, joinShards, shardTargets } from '../../src/engine/compare.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { accountsOfParts, joinComparisons } from '../../src/plan/shard-merge.ts';
import { sealPart } from '../../src/plan/shard-part.ts';
import { madeUpEntries, randomFrom } from '../directories/made-up-accounts.ts';
import { madeUpCohorts } from '../directories/made-up-cohorts.ts';
import { type MadeUpEstate, startMadeUpEstate } from '../directories/made-up-estate.ts';
import { directoryServers } from '../directories/servers.ts';
import { planOver, takenAt } from '../snapshot/support.ts';

const seed = Number(process.env['SHARD_SEED'] ?? 20_261_124);
const accounts = 400;

describe.each(directoryServers)('the parts of accounts in $name', server => {
  const estates = Math.ceil(server.estates / 4);
  let estate: MadeUpEstate;
  let base: DesiredState;

  beforeAll(async () => {
    estate = await startMadeUpEstate(server, [...madeUpEntries(randomFrom(seed), accounts)]);
    base = estate.base;
  });
  afterAll(() => estate?.stop());

  it(`make the plan of an undivided run, for ${estates} made-up estates (seed ${seed})`, async () => {
    const random = randomFrom(seed + 1);
    for (let number = 0; number < estates; number++) {
      const state = { ...base, cohorts: madeUpCohorts(random, accounts) };
      expect(await planInParts(state, 2 + (number % 4)), JSON.stringify(state.cohorts)).toEqual(
        await planOver(state, estate.ports()),
      );
    }
  });

  async function planInParts(state: DesiredState, of: number) {
    const targets = targetsOf(state);
    const counted = await countAccounts(state.directory, estate.ports().directory(), Number.POSITIVE_INFINITY);
    const parts = await Promise.all(
      Array.from({ length: of }, async (_, i) => {
        const shard = { number: i + 1, of };
        const own = targetsOf(state);
        const comparisons = await compareAll(shardTargets(own, state, shard), estate.ports());
        const first = i === 0 ? { accounts: counted } : {};
        return sealPart({ tool: 'test', shard, readAt: takenAt, desired: state, comparisons, warnings: [], ...first });
      }),
    );
    const ids = targets.map(targetId);
    const comparisons = joinComparisons(parts, ids, joinShards);
    const facts = { tool: 'test', readAt: takenAt, accounts: accountsOfParts(parts, comparisons, undefined) };
    return buildPlan(state, comparisons, facts);
  }
});
