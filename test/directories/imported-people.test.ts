import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPeople, type PeopleHints } from '../../src/import/directory-facts.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import type { LabEntry } from '../../src/lab/directory-content.ts';
import { importedState, plannedChanges } from '../import/imported-state.ts';
import { groups, madeUpEntries, randomFrom } from './made-up-accounts.ts';
import { type MadeUpEstate, startMadeUpEstate } from './made-up-estate.ts';
import { type DirectoryServer, directoryServers } from './servers.ts';

/* What `import` finds in real directories, and that planning it moves nobody. */

const accounts = 300;
const made = madeUpEntries(randomFrom(20_261_130), accounts);

/** The same accounts, with those on CS7 that `isOn` says, and all of them with an id of the server's. */
function withStores(isOn: (entry: LabEntry) => boolean): readonly LabEntry[] {
  return made.map(entry => {
    if (!entry.attributes['uid']) return entry;
    const { davStore: _, objectClass = [], ...attributes } = entry.attributes;
    const isAccount = objectClass.some(name => name.toLowerCase().startsWith('icscalendar'));
    const store = isAccount && isOn(entry) ? { davStore: ['store1'] } : {};
    return {
      ...entry,
      attributes: { ...attributes, ...store, objectClass: [...new Set([...objectClass, 'davEntity'])] },
    };
  });
}

const listed = made.find(({ dn }) => dn === groups.listing)?.attributes['uniqueMember'] ?? [];

const sites: readonly { readonly name: string; readonly on: (entry: LabEntry) => boolean; readonly members: object }[] =
  [
    { name: 'a group', on: ({ dn }) => listed.includes(dn), members: { group: groups.listing } },
    {
      name: 'a subtree',
      on: ({ dn }) => dn.endsWith('ou=Staff,ou=People,o=isp'),
      members: { base: 'ou=Staff,ou=People,o=isp' },
    },
    {
      name: 'a filter',
      on: ({ attributes }) => attributes['departmentNumber']?.[0] === 'd2',
      members: { filter: '(departmentNumber=d2)' },
    },
    { name: 'nothing', on: ({ dn }) => /uid=u\d*[37],/.test(dn), members: { list: expect.any(Array) } },
  ];

// On 389 a class of service makes up stores and departments; a site that is told apart by these has its own test below.
describe.each(directoryServers)('importing from $name', server => {
  describe.each(sites)('where $name describes who is on CS7', ({ on, members }) => {
    let estate: MadeUpEstate;
    beforeAll(async () => {
      estate = await startMadeUpEstate({ ...server, peculiar: [] }, withStores(on));
    });
    afterAll(() => estate?.stop());

    it('finds it, and plans no move', async () => {
      const { reader, facts } = await importFrom(estate, server);
      const imported = importedState(facts);
      expect(imported.cohorts.map(cohort => cohort.members)).toEqual([expect.objectContaining(members), 'rest']);
      expect(await plannedChanges(imported, reader)).toEqual([]);
      expect(facts.found.find(({ path }) => path.join('.') === 'directory.base')?.value).toBe('o=isp');
    });
  });

  it('plans no move where accounts are in any state, and the server makes up some of it', async () => {
    const estate = await startMadeUpEstate(server, made);
    try {
      const { reader, facts } = await importFrom(estate, server);
      const imported = importedState(facts);
      expect(imported.cohorts.length).toBeGreaterThan(3);
      expect(await plannedChanges(imported, reader)).toEqual([]);
    } finally {
      await estate.stop();
    }
  });
});

it('takes the id that 389 itself writes for the unique id, where CS7 is configured with it', async () => {
  const [, server] = directoryServers;
  if (!server) throw new Error('there are two makes');
  const estate = await startMadeUpEstate(
    { ...server, peculiar: [] },
    withStores(() => false),
  );
  try {
    const reader = estate.ports().directory();
    const hosts = [{ product: 'cs7' as const, directory: { uniqueId: 'nsUniqueId' }, settings: new Map() }];
    const facts = await findPeople(estate.base, reader, { hosts, stated: [], day: '2026-11-30' });
    expect(facts.choices).toEqual([]);
    const state = importedState(facts);
    expect(state.directory.uniqueId.attribute).toBe('nsUniqueId');
    const ports = estate.ports();
    const findings = targetsOf(state).map(target => (target.kind === 'ldap-unique-id' ? target.inspect(ports) : []));
    const codes = (await Promise.all(findings)).flat().map(({ code }) => code);
    expect(codes).not.toContain('directory.schema-missing');
    expect(await plannedChanges(state, reader)).toEqual([]);
  } finally {
    await estate.stop();
  }
});

async function importFrom({ base, ports }: MadeUpEstate, { name }: DirectoryServer) {
  const reader = ports().directory();
  const hints: PeopleHints = { hosts: [], stated: [], day: '2026-11-30' };
  const first = await findPeople(base, reader, hints);
  const source = name === 'OpenLDAP' ? ['entryUUID', 'nsUniqueId'] : undefined;
  // OpenLDAP has an id of its own in every entry; most of these have another one besides.
  expect(first.choices.map(({ candidates }) => candidates)).toEqual(source ? [source] : []);
  if (!source) return { reader, facts: first };
  const stated = [{ path: ['directory', 'uniqueId', 'copyFrom'], value: 'entryUUID' }];
  const facts = await findPeople(base, reader, { ...hints, stated });
  expect(facts.choices).toEqual([]);
  return { reader, facts };
}
