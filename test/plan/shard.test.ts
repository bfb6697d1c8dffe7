import { describe, expect, it } from 'vitest';
import { type Change, targetId } from '../../src/core/change.ts';
import { type DesiredState, hostsOf } from '../../src/core/desired.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Plan } from '../../src/core/plan.ts';
import { compareAll, joinShards, shardTargets } from '../../src/engine/compare.ts';
import type { BoundTarget, Item } from '../../src/kinds/managed-kind.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { hostsOfShard, isInShard, parseShard } from '../../src/plan/shard.ts';
import { accountsOfParts, joinComparisons, partProblems } from '../../src/plan/shard-merge.ts';
import { type Part, parseParts, renderPart, sealPart } from '../../src/plan/shard-part.ts';
import { randomFrom } from '../directories/made-up-accounts.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';
import { partSchemas } from './shard-schemas.ts';

const base = desiredOf({ name: '', live: {}, changes: [] });
const readAt = '2026-11-22T12:00:00.000Z';
const source = { file: 'estate.yaml', line: 3 };

/** An estate of that many hosts of each side. */
function estateOf(hosts: number): DesiredState {
  const named = <T extends { name: string }>(side: string, [first]: readonly T[]): readonly T[] =>
    first === undefined ? [] : Array.from({ length: hosts }, (_, i) => ({ ...first, name: `${side}-${i}` }));
  return { ...base, hosts: [...named('cs6', hostsOf(base, 'cs6')), ...named('cs7', hostsOf(base, 'cs7'))] };
}

/** Targets with changes and findings by chance; a server answers in another order each time it is asked. */
function madeUpTargets(state: DesiredState, seed: number, accounts: number): readonly BoundTarget[] {
  const random = randomFrom(seed);
  const dns = Array.from({ length: accounts }, (_, i) => `uid=u${i},ou=People,o=isp`);
  const items = dns.map(dn => accountItem(dn, random));
  const moods = randomFrom(seed + 1);
  const shuffled = <T>(list: readonly T[]) =>
    list
      .map(one => ({ one, rank: moods() }))
      .toSorted((a, b) => a.rank - b.rank)
      .map(({ one }) => one);
  const target = (name: string, kind: string, stage: BoundTarget['stage'], all: readonly Item[]): BoundTarget => ({
    kind,
    title: '',
    stage,
    target: name,
    declared: [],
    readsAtStart: [],
    wanted: undefined,
    manages: () => true,
    restart: [],
    inspect: async () => [],
    async *items() {
      yield* shuffled(all);
    },
    async *find() {},
    async *apply() {},
  });
  return [
    {
      ...target('directory', 'ldap-cohort', 'accounts', items),
      inspect: async () => [finding('directory.schema-missing', 'x')],
    },
    target('directory', 'ldap-login', 'cs6-logins', items.slice(0, 1)),
    ...hostsOf(state, 'cs6').map(({ name }) =>
      target(name, 'cs6-ics-conf', 'cs6-config', [
        { name: 'ics.conf', changes: random() < 0.5 ? [] : [change('ics.conf', undefined)], findings: [], basis: name },
      ]),
    ),
  ];
}

function accountItem(dn: string, random: () => number): Item {
  const found = random() < 0.3 ? [finding('cohort.no-mail', `${dn} has no mail`)] : [];
  return { name: dn, changes: random() < 0.5 ? [change(dn, `c${Math.floor(random() * 3)}`)] : [], findings: found };
}

function change(item: string, group: string | undefined): Change {
  return {
    action: 'create',
    item,
    key: 'davStore',
    after: 'x',
    moves: 'cs6->cs7',
    ...(group !== undefined && { group }),
    source,
  };
}

function finding(code: string, detail: string): Finding {
  return { severity: 'warning', code, summary: 'fixed', detail, target: 'directory', where: source };
}

const { ports } = memoryPorts({});

async function undivided(state: DesiredState, targets: readonly BoundTarget[], accounts: number): Promise<Plan> {
  const comparisons = await compareAll(targets, ports);
  return buildPlan(state, comparisons, { tool: 'test', readAt, accounts: { counted: accounts, all: true } });
}

async function partsOf(
  state: DesiredState,
  targets: readonly BoundTarget[],
  of: number,
  accounts: number,
): Promise<readonly Part[]> {
  return Promise.all(
    Array.from({ length: of }, async (_, i) => {
      const shard = { number: i + 1, of };
      const comparisons = await compareAll(shardTargets(targets, state, shard), ports);
      const counted = i === 0 ? { accounts: { counted: accounts, all: true } } : {};
      return sealPart({ tool: 'test', shard, readAt, desired: state, comparisons, warnings: [], ...counted });
    }),
  );
}

function merged(parts: readonly Part[], targets: readonly BoundTarget[], state: DesiredState): Plan {
  const ids = targets.map(targetId);
  const comparisons = joinComparisons(parts, ids, joinShards);
  return buildPlan(state, comparisons, {
    tool: 'test',
    readAt,
    accounts: accountsOfParts(parts, comparisons, undefined),
  });
}

describe('the parts of an estate', () => {
  it.each([1, 2, 3, 7, 40])(
    '%i of them make the plan of an undivided run, whatever the order of the answers',
    async of => {
      for (let seed = 1; seed <= 6; seed++) {
        const state = estateOf(1 + (seed % 5));
        const targets = madeUpTargets(state, seed, seed * 17);
        const parts = await partsOf(state, targets, of, seed * 17);
        const files = parts.map((part, i) => ({ file: `part${i}.json`, text: renderPart(part) }));
        const read = parseParts(files, partSchemas).flatMap(one => ('part' in one ? [one] : []));
        expect([read.length, partProblems(read, readAt)]).toEqual([of, []]);
        const plan = merged(read.map(({ part }) => part).toReversed(), targets, state);
        expect(plan, `seed ${seed}`).toEqual(await undivided(state, targets, seed * 17));
        if (seed > 1) expect(plan.steps.length).toBeGreaterThan(0);
      }
    },
  );

  it('have each host and each account once, and nearly as many of each', () => {
    const state = estateOf(10);
    const dns = Array.from({ length: 4000 }, (_, i) => `uid=u${i}, ou=People,o=ISP`);
    const shards = [1, 2, 3, 4, 5, 6].map(number => ({ number, of: 6 }));
    expect(shards.flatMap(shard => [...hostsOfShard(state, shard)]).toSorted()).toEqual(
      state.hosts.map(({ name }) => name).toSorted(),
    );
    for (const shard of shards) {
      expect([3, 4]).toContain(hostsOfShard(state, shard).size);
      expect(dns.filter(dn => isInShard(dn, shard)).length).toBeGreaterThan(550);
    }
    for (const dn of dns) {
      const [own, ...others] = shards.filter(shard => isInShard(dn, shard));
      expect([own && isInShard(dn.toUpperCase().replace(', ', ','), own), others]).toEqual([true, []]);
    }
  });

  it('count no more accounts than an undivided run', async () => {
    const state = estateOf(1);
    const targets = madeUpTargets(state, 3, 20);
    const parts = await partsOf(state, targets, 2, 50_000);
    expect(accountsOfParts(parts, await compareAll(targets, ports), undefined)).toEqual({
      counted: 10_000,
      all: false,
    });
  });

  it.each(['0/2', '3/2', '1', '1/0', 'a/b', '1/1000', '-1/2', '1/2/3'])('%s is none', text => {
    expect(parseShard(text)).toBeUndefined();
  });
});

describe('parts that do not go together', () => {
  const sealed = (more: Partial<Part>): Part =>
    sealPart({
      tool: 'test',
      shard: { number: 1, of: 2 },
      readAt,
      desired: base,
      comparisons: [],
      warnings: [],
      ...more,
    });
  const second = { shard: { number: 2, of: 2 } };
  const codes = (parts: readonly Part[], at = readAt) =>
    partProblems(
      parts.map((part, i) => ({ file: `${i}.json`, part })),
      at,
    ).map(({ code, detail }) => `${code} ${detail.split('\n')[0]}`);

  it.each([
    ['whole', [sealed({}), sealed(second)], []],
    ['one is missing', [sealed({})], ['part.missing Of 2 parts 2 is missing. Did a job fail?']],
    ['one twice', [sealed({}), sealed({}), sealed(second)], ['part.twice 1.json and 0.json are both part 1 of 2.']],
    [
      'of another division',
      [sealed({}), sealed({ shard: { number: 2, of: 3 } })],
      [expect.stringContaining('it is one of 3'), expect.stringContaining('part.missing')],
    ],
    [
      'of another version',
      [sealed({}), sealed({ ...second, tool: 'x' })],
      [expect.stringContaining('version x made it'), expect.anything()],
    ],
    [
      'of another file',
      [sealed({}), sealed({ ...second, desired: { ...base, name: 'other' } })],
      [
        expect.stringContaining(
          'part.other 1.json and 0.json are not parts of one plan: they were made from different files',
        ),
        expect.anything(),
      ],
    ],
  ] as const)('%s', (_, parts, problems) => {
    expect(codes(parts)).toEqual(problems);
  });

  it('tells all that is wrong at once', () => {
    const late = codes([sealed({}), sealed({}), sealed({ ...second, tool: 'x' })], '2027-01-01T00:00:00.000Z');
    expect(late.map(line => line.split(' ')[0])).toEqual([
      ...['part.other', 'part.twice', 'part.missing', 'part.expired', 'part.expired', 'part.expired'],
    ]);
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -20), 'it is not JSON'],
    ['changed', (text: string) => text.replace('"tool": "test"', '"tool": "tess"'), 'it was changed after it was made'],
    ['a plan', () => JSON.stringify({ formatVersion: 1 }), 'it is not a part that this version understands'],
  ])('%s is none', (_, edit, says) => {
    const [found] = parseParts([{ file: 'a.json', text: edit(renderPart(sealed({}))) }], partSchemas);
    expect(found).toMatchObject({ code: 'part.unusable', detail: expect.stringContaining(says) });
  });
});
