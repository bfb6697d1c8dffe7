import { describe, expect, it } from 'vitest';
import { findPeople } from '../../src/import/directory-facts.ts';
import type { LabEntry } from '../../src/lab/directory-content.ts';
import { groups, madeUpEntries, pick, randomFrom } from '../directories/made-up-accounts.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';
import { importedState, plannedChanges } from './imported-state.ts';

/* Whatever state accounts are in: what is imported is what is, so that planning it moves nobody and denies no login. */

const state = desiredOf({ name: '', live: {}, changes: [] });
const seed = Number(process.env['IMPORT_SEED'] ?? 20_261_130);
const sites = 60;

/** Names that a careless DN, CSV file, filter or YAML trips over. */
const hostile = [
  'cn=Doe\\, John \\"Jack\\"',
  'cn=\\#1\\+2',
  'cn=a\\20',
  'cn=J\u00f6rg\u00a0',
  'cn=line\\0aend',
  "cn==cmd|' /C calc'!A0",
  'cn=tab\tbed',
  'cn=a\\\\',
  'uid=x+cn=y',
];

/** Who is on CS7: those that something describes, or anybody. */
const ways: readonly [Way, ...Way[]] = [
  () => () => undefined,
  () => () => 's1',
  random => () => pick(random, [undefined, 's1']),
  (_, made) => account => (isListed(account, made) ? 's1' : undefined),
  random => () => pick(random, [undefined, 's1', 'S1', 'Store  Two', 's3']),
  () =>
    ({ dn }) =>
      dn.includes('Staff') ? 's1' : undefined,
  () =>
    ({ attributes }) =>
      attributes['departmentNumber']?.[0] === 'd1' ? 's1' : undefined,
  () =>
    ({ attributes }) =>
      ['d1', 'D3'].includes(attributes['departmentNumber']?.[0] ?? '') ? 's1' : 's2',
  random =>
    ({ dn }) =>
      dn.includes('Staff') && random() < 0.95 ? 's1' : undefined,
  random => () => pick(random, [undefined, 's1', '\u0001', ' ', 'yes', '~', 'true', '1']),
];

type Way = (random: () => number, made: readonly LabEntry[]) => (account: LabEntry) => string | undefined;

function isListed({ dn }: LabEntry, made: readonly LabEntry[]): boolean {
  const group = made.find(one => one.dn === groups.listing);
  return group?.attributes['uniqueMember']?.includes(dn) ?? false;
}

function site(random: () => number): readonly LabEntry[] {
  const access = pick(random, [undefined, '-http:all', 'http', 'mixed']);
  const made = madeUpEntries(random, Math.floor(random() * 60));
  const way = pick(random, ways)(random, made);
  const odd = hostile.filter(() => random() < 0.3).map(rdn => ({ ...sample, dn: `${rdn},ou=People,o=isp` }));
  return [
    { dn: '', attributes: { objectClass: ['top'], namingContexts: ['o=isp'] } },
    ...[...made, ...odd, { ...sample, dn: 'uid=plain,ou=People,o=isp' }].map(entry => {
      if (!entry.attributes['uid']) return entry;
      const store = way(entry);
      const several = store !== undefined && random() < 0.02;
      const { davStore: _, icsAllowedServiceAccess: __, ...attributes } = entry.attributes;
      const deny = access === 'mixed' ? pick(random, ['http', '-http:all']) : access;
      return {
        ...entry,
        attributes: {
          ...attributes,
          ...(store !== undefined && { davStore: several ? [store, 'other'] : [store] }),
          ...(store !== undefined && deny !== undefined && { icsAllowedServiceAccess: [deny] }),
        },
      };
    }),
  ];
}

const sample: LabEntry = {
  dn: '',
  attributes: {
    objectClass: ['top', 'icsCalendarUser', 'davEntity'],
    uid: ['odd'],
    mail: ['odd@example.com'],
    nsUniqueId: ['ns-odd'],
  },
};

describe(`an imported directory (seed ${seed})`, () => {
  it(`plans no move and no denial, for ${sites} made-up sites`, async () => {
    const random = randomFrom(seed);
    const described = { group: 0, base: 0, filter: 0, file: 0, rest: 0 };
    for (let number = 0; number < sites; number++) {
      const entries = site(random).map(({ dn, attributes }) => ({
        dn,
        attributes: Object.fromEntries(Object.entries(attributes).map(([name, values]) => [name, [...values]])),
      }));
      const reader = memoryPorts({ entries }).ports.directory();
      const facts = await findPeople(state, reader, { hosts: [], stated: [], day: '2026-11-30' });
      expect(facts.choices, JSON.stringify(facts.choices)).toEqual([]);
      const imported = importedState(facts);
      expect(await plannedChanges(imported, reader), `site ${number}: ${JSON.stringify(facts.found)}`).toEqual([]);
      for (const { members } of imported.cohorts)
        for (const way of members === 'rest' ? ['rest'] : Object.keys(members)) described[kindOf(way)]++;
    }
    for (const [way, number] of Object.entries(described)) expect(number, way).toBeGreaterThan(0);
  });
});

function kindOf(way: string): 'group' | 'base' | 'filter' | 'file' | 'rest' {
  return way === 'group' || way === 'base' || way === 'filter' || way === 'rest' ? way : 'file';
}
