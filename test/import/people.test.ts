import { describe, expect, it } from 'vitest';
import { TargetProblem } from '../../src/core/finding.ts';
import { finding } from '../../src/findings/catalogue.ts';
import { findPeople, type PeopleHints } from '../../src/import/directory-facts.ts';
import type { DirectoryFacts } from '../../src/import/fact.ts';
import type { DirectoryReader } from '../../src/ports/directory.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';

/* What `import` says of a directory, on entries in memory. test/directories has the same on real servers. */

type Entries = NonNullable<Memory['entries']>;

const state = desiredOf({ name: '', live: {}, changes: [] });

const root = (...contexts: string[]) => ({ dn: '', attributes: { objectClass: ['top'], namingContexts: contexts } });

function user(uid: string, attributes: Record<string, string[]> = {}, folder = 'ou=People,o=isp'): Entries[number] {
  const classes = ['top', 'icsCalendarUser', ...(attributes['davStore'] ? ['davEntity'] : [])];
  return {
    dn: `uid=${uid},${folder}`,
    attributes: {
      objectClass: classes,
      uid: [uid],
      mail: [`${uid}@example.com`],
      nsUniqueId: [`ns-${uid}`],
      ...attributes,
    },
  };
}

const on = (store: string, uid: string) => ({ davStore: [store], davUniqueId: [`ns-${uid}`] });
const users = (n: number, attributes: (uid: string, i: number) => Record<string, string[]>, folder?: string) =>
  Array.from({ length: n }, (_, i) => user(`u${i}`, attributes(`u${i}`, i), folder));

const hints: PeopleHints = { hosts: [], stated: [], day: '2026-11-30' };

function find(entries: Entries, more: Partial<PeopleHints> = {}): Promise<DirectoryFacts> {
  return findPeople(state, memoryPorts({ entries }).ports.directory(), { ...hints, ...more });
}

const valueAt = ({ found }: DirectoryFacts, ...path: string[]) =>
  found.find(one => one.path.join('.') === path.join('.'))?.value;

const cohortsIn = ({ found }: DirectoryFacts) =>
  Object.fromEntries(found.flatMap(({ path, value }) => (path[0] === 'cohorts' ? [[path[1], value]] : [])));

const host = (directory: PeopleHints['hosts'][number]['directory'], settings: Record<string, string> = {}) => ({
  product: 'cs7' as const,
  directory,
  settings: new Map(Object.entries(settings)),
});

describe('the base of the accounts', () => {
  it('is the one naming context with accounts', async () => {
    const facts = await find([root('o=isp', 'o=pab'), user('jdoe'), { dn: 'cn=x,o=pab', attributes: { cn: ['x'] } }]);
    expect(valueAt(facts, 'directory', 'base')).toBe('o=isp');
    expect(facts.choices).toEqual([]);
  });

  it('is what the hosts are configured with, if there are accounts', async () => {
    const entries = [root('o=isp'), user('jdoe', {}, 'o=example.com,o=isp'), user('other', {}, 'o=example.org,o=isp')];
    const facts = await find(entries, { hosts: [host({ base: 'o=example.com,o=isp' })] });
    expect(valueAt(facts, 'directory', 'base')).toBe('o=example.com,o=isp');
    expect(facts.accounts).toBe(1);
    const wrong = await find(entries, { hosts: [host({ base: 'o=nowhere' })] });
    expect(valueAt(wrong, 'directory', 'base')).toBe('o=isp');
  });

  it('is a choice between two trees with accounts, and nothing is said that hangs on it', async () => {
    const entries = [root('o=isp', 'o=other'), user('a'), user('b'), user('c', {}, 'o=other')];
    const facts = await find(entries);
    expect(facts.choices).toEqual([
      {
        path: ['directory', 'base'],
        question: 'Which subtree of the directory has the accounts?',
        detail: 'o=isp: 2 accounts\no=other: 1 account',
        candidates: ['o=isp', 'o=other'],
      },
    ]);
    expect(cohortsIn(facts)).toEqual({});
    const stated = await find(entries, { stated: [{ path: ['directory', 'base'], value: 'o=other' }] });
    expect(stated.choices).toEqual([]);
    expect(stated.accounts).toBe(1);
    expect(valueAt(stated, 'directory', 'base')).toBeUndefined();
  });

  it('of two that hold each other is the upper one where that has no further accounts', async () => {
    const hosts = [host({ base: 'ou=People,o=isp' }), host({ base: 'o=isp' })];
    expect(valueAt(await find([root('o=isp'), user('a')], { hosts }), 'directory', 'base')).toBe('o=isp');
    const both = await find([root('o=isp'), user('a'), user('b', {}, 'ou=Staff,o=isp')], { hosts });
    expect(both.choices[0]?.candidates).toEqual(['o=isp', 'ou=People,o=isp']);
  });

  it('is asked for where no entry is an account', async () => {
    const facts = await find([root('o=isp')]);
    expect(facts.choices).toHaveLength(1);
    expect(facts.choices[0]?.candidates).toEqual(['o=isp']);
  });
});

describe('the cohorts', () => {
  it('are the rest alone where nobody is on CS7', async () => {
    const facts = await find([root('o=isp'), ...users(3, () => ({}))]);
    expect(cohortsIn(facts)).toEqual({ others: { server: 'cs6', members: 'rest' } });
    expect(valueAt(facts, 'cs7', 'backends')).toEqual(['defaultbackend']);
    expect(facts.mailDomains).toEqual(new Map([['example.com', 3]]));
  });

  it('are the rest alone where everybody is on CS7', async () => {
    const facts = await find([root('o=isp'), ...users(3, uid => on('store1', uid))]);
    expect(cohortsIn(facts)).toEqual({ store1: { server: 'cs7', store: 'store1', members: 'rest' } });
    expect(facts.mailDomains).toEqual(new Map([['example.com', 3]]));
    expect(facts.files).toEqual([]);
  });

  const half = (n: number) => users(n, (uid, i) => (i < n / 2 ? on('Store One', uid) : {}));

  it('are a group that has exactly these accounts, and others besides that are none', async () => {
    const group = {
      dn: 'cn=pilot,ou=Groups,o=isp',
      attributes: {
        objectClass: ['groupOfUniqueNames'],
        uniqueMember: [
          'UID=u0, ou=people,o=isp',
          'uid=u1,ou=People,o=isp',
          "uid=u2,ou=People,o=isp#'0101'B",
          'uid=gone,o=isp',
        ],
      },
    };
    const facts = await find([root('o=isp'), ...half(6), group]);
    expect(cohortsIn(facts)).toEqual({
      'store-one': { server: 'cs7', store: 'Store One', members: { group: 'cn=pilot,ou=Groups,o=isp' } },
      others: { server: 'cs6', members: 'rest' },
    });
  });

  it('are never a group that is described by what it is to describe', async () => {
    const group = (filter: string) => ({
      dn: 'cn=cs7,o=isp',
      attributes: { objectClass: ['groupOfURLs'], memberURL: [`ldap:///o=isp??sub?${filter}`] },
    });
    for (const filter of [
      '(davStore=*)',
      '(!(!(DAVSTORE;x-y=store%20one)))',
      '(objectClass=davEntity)',
      '(nsUniqueId=*)',
    ])
      expect(cohortsIn(await find([root('o=isp'), ...half(6), group(filter)]))).toEqual({
        'store-one': { server: 'cs7', store: 'Store One', members: { file: 'cohorts/store-one.csv' } },
        others: { server: 'cs6', members: 'rest' },
      });
    const sound = await find([root('o=isp'), ...half(6), group('(%7C(uid=u0)(uid=u1)(uid=u2))')]);
    expect(cohortsIn(sound)['store-one']).toMatchObject({ members: { group: 'cn=cs7,o=isp' } });
  });

  it('are a subtree', async () => {
    const folder = 'ou=Berlin,ou=People,o=isp';
    const facts = await find([
      root('o=isp'),
      ...users(4, uid => on('s', uid), folder),
      user('x', on('s', 'x'), `ou=North,${folder}`),
      user('y'),
    ]);
    expect(cohortsIn(facts)['s']).toMatchObject({ members: { base: folder } });
  });

  it('are a filter on an organisational attribute, with one value or a few', async () => {
    const facts = await find([
      root('o=isp'),
      ...users(9, (uid, i) => ({ departmentNumber: [`d${i % 3}`], ...(i % 3 === 0 ? on('s', uid) : {}) })),
    ]);
    expect(cohortsIn(facts)['s']).toMatchObject({ members: { filter: '(departmentNumber=d0)' } });
    const two = await find([
      root('o=isp'),
      ...users(9, (uid, i) => ({ departmentNumber: [`d(${i % 3})`], ...(i % 3 === 0 ? {} : on('s', uid)) })),
    ]);
    expect(cohortsIn(two)['s']).toMatchObject({
      members: { filter: '(|(departmentNumber=d\\281\\29)(departmentNumber=d\\282\\29))' },
    });
  });

  it('are never described by the local-user attribute, whatever it is called', async () => {
    const own = (store: string) => ({ departmentNumber: [store] });
    const entries = [root('o=isp'), ...users(6, (_, i) => (i < 3 ? own('s') : {}))];
    const facts = await find(entries, { hosts: [host({ localUser: 'departmentNumber' })] });
    expect(valueAt(facts, 'directory', 'localUser', 'attribute')).toBe('departmentNumber');
    expect(cohortsIn(facts)['s']).toMatchObject({ members: { file: 'cohorts/s.csv' } });
  });

  it('are a file where nothing else is exact, and what is close is told', async () => {
    const group = {
      dn: 'cn=pilot,o=isp',
      attributes: {
        objectClass: ['groupOfNames'],
        member: ['u0', 'u1', 'u2', 'u3', 'u5', 'u9'].map(uid => `uid=${uid},ou=People,o=isp`),
      },
    };
    const facts = await find([root('o=isp'), ...half(10), group]);
    expect(cohortsIn(facts)['store-one']).toMatchObject({ members: { file: 'cohorts/store-one.csv' } });
    expect(facts.files).toEqual([
      {
        path: 'cohorts/store-one.csv',
        content: `dn\n${[0, 1, 2, 3, 4].map(i => `"uid=u${i},ou=People,o=isp"\n`).join('')}`,
      },
    ]);
    const named = facts.findings.map(({ code, about }) => [code, about?.names]);
    expect(named).toEqual([]);
    const near = await find([
      root('o=isp'),
      ...half(10),
      { ...group, attributes: { ...group.attributes, member: group.attributes.member.slice(0, 5) } },
    ]);
    expect(near.findings.map(({ code, about }) => [code, about?.names])).toEqual([
      ['cohort.wrong-side', ['uid=u5,ou=People,o=isp']],
      ['cohort.wrong-side', ['uid=u4,ou=People,o=isp']],
    ]);
    const comment = near.found.find(({ path }) => path[1] === 'store-one')?.comment;
    expect(comment).toBe('5 accounts. Close is the group cn=pilot,o=isp, with 1 account more and 1 account less.');
  });

  it('are one for each store, whatever the case of its name', async () => {
    const facts = await find([
      root('o=isp'),
      ...users(6, (uid, i) => ({
        departmentNumber: [`d${i % 3}`],
        ...(i % 3 === 0 ? {} : on(i % 3 === 1 ? 'a' : 'B', uid)),
      })),
      user('z', { departmentNumber: ['d2'], ...on('b', 'z') }),
    ]);
    expect(cohortsIn(facts)).toEqual({
      b: { server: 'cs7', store: 'B', members: { filter: '(departmentNumber=d2)' } },
      a: { server: 'cs7', store: 'a', members: { filter: '(departmentNumber=d1)' } },
      others: { server: 'cs6', members: 'rest' },
    });
    expect(valueAt(facts, 'cs7', 'backends')).toEqual(['B', 'a']);
    expect(facts.stores).toEqual(
      new Map([
        ['a', 2],
        ['B', 3],
      ]),
    );
  });

  it('deny the login to CS6 only where every user has that denial', async () => {
    const denied = (value: string[]) => ({ icsAllowedServiceAccess: value });
    const withAccess = async (...values: string[][]) => {
      const entries = values.map((value, i) =>
        user(`u${i}`, { ...on('s', `u${i}`), ...(value.length > 0 && denied(value)) }),
      );
      return cohortsIn(await find([root('o=isp'), ...entries, user('other')]))['s'];
    };
    expect(await withAccess(['-http:all'], ['-HTTP:ALL'])).toMatchObject({ migrated: { denyCs6Login: true } });
    expect(await withAccess(['http'], ['http'])).toMatchObject({ migrated: { denyCs6Login: 'http' } });
    for (const values of [
      [['http'], ['-http:all']],
      [['http'], []],
      [[], []],
      [['+http:*'], ['+http:*']],
    ])
      expect(await withAccess(...values)).not.toHaveProperty('migrated');
  });

  it('leave alone an account with several stores, and say so', async () => {
    const facts = await find([
      root('o=isp'),
      user('a'),
      user('b', { davStore: ['s', 't'] }),
      user('c', { davStore: ['\u0007'] }),
    ]);
    expect(valueAt(facts, 'ignore')).toEqual(
      ['b', 'c'].map(uid =>
        expect.objectContaining({
          target: 'directory',
          key: 'davStore',
          item: `uid=${uid},ou=People,o=isp`,
          until: '2026-12-30',
        }),
      ),
    );
    expect(cohortsIn(facts)).toEqual({ others: { server: 'cs6', members: 'rest' } });
    expect(facts.findings.map(({ about }) => about?.count)).toEqual([2]);
  });

  it('name no host', async () => {
    const name = state.hosts[0]?.name ?? '';
    const facts = await find([root('o=isp'), ...users(2, uid => on(name, uid)), user('x')]);
    expect(Object.keys(cohortsIn(facts))).toEqual([`${name}-2`, 'others']);
  });
});

it('tells of accounts on CS7 without address or unique id, and of entries that are no accounts', async () => {
  const facts = await find([
    root('o=isp'),
    user('a', { ...on('s', 'a'), mail: [] }),
    user('b', { davStore: ['s'] }),
    { dn: 'cn=printer,o=isp', attributes: { objectClass: ['device'], davStore: ['s'] } },
    user('x'),
  ]);
  const said = facts.findings.map(
    ({ code, about, detail }) => `${code} ${about?.names.join()} ${detail.split('\n')[0]}`,
  );
  expect(said).toEqual([
    expect.stringMatching(/^cohort.wrong-side cn=printer,o=isp Entries carry davStore/),
    expect.stringMatching(/^cohort.wrong-side uid=a,.*no mail address/),
    expect.stringMatching(/^cohort.wrong-side uid=b,.*no davUniqueId/),
  ]);
});

describe('the attributes', () => {
  const pair = (own: object) => [host({ localUser: 'davStore' }), host({ uniqueId: 'davUniqueId', ...own })];

  it('are choices where CS7 hosts differ, and without the local-user attribute nobody is on a side', async () => {
    const entries = [root('o=isp'), ...users(4, uid => on('s', uid))];
    const facts = await find(entries, { hosts: pair({ localUser: 'DAVSTORE' }) });
    expect(facts.choices).toEqual([]);
    const differing = await find(entries, { hosts: pair({ localUser: 'xcs7user' }) });
    expect(differing.choices.map(({ path, candidates }) => [path.join('.'), candidates])).toEqual([
      ['directory.localUser.attribute', ['davStore', 'xcs7user']],
    ]);
    expect(cohortsIn(differing)).toEqual({});
    const stated = [{ path: ['directory', 'localUser'], value: { attribute: 'xcs7user' } }];
    expect(cohortsIn(await find(entries, { hosts: pair({ localUser: 'xcs7user' }), stated }))).toEqual({
      others: { server: 'cs6', members: 'rest' },
    });
    const ids = await find(entries, { hosts: [...pair({}), host({ uniqueId: 'nsUniqueId' })] });
    expect(ids.choices.map(({ path }) => path.join('.'))).toEqual(['directory.uniqueId.attribute']);
    expect(Object.keys(cohortsIn(ids))).toEqual(['s']);
  });

  it('are copied from where those that are there were copied from', async () => {
    const ids = (uid: string, i: number): Record<string, string[]> =>
      i < 2 ? { davUniqueId: [uid.toUpperCase()] } : {};
    const facts = await find([root('o=isp'), ...users(4, ids)]);
    expect(valueAt(facts, 'directory', 'uniqueId', 'copyFrom')).toBe('uid');
    const usual = await find([root('o=isp'), ...users(4, uid => on('s', uid)), user('x')]);
    expect(valueAt(usual, 'directory', 'uniqueId', 'copyFrom')).toBeUndefined();
  });

  it('have to be stated where there is nothing to copy', async () => {
    const entries = [root('o=isp'), user('a', { nsUniqueId: [] })];
    const facts = await find(entries);
    expect(facts.choices.map(({ path, candidates }) => [path.join('.'), candidates])).toEqual([
      ['directory.uniqueId.copyFrom', []],
    ]);
    expect(facts.choices[0]?.detail).toContain('1 account has no davUniqueId.');
    const stated = [{ path: ['directory', 'uniqueId', 'copyFrom'], value: 'employeeNumber' }];
    expect((await find(entries, { stated })).choices).toEqual([]);
  });
});

it('says what it could not look at, and lists the accounts instead', async () => {
  const entries = [root('o=isp'), ...users(6, (uid, i) => (i < 3 ? on('s', uid) : {}))];
  const directory = memoryPorts({ entries }).ports.directory();
  const limited: DirectoryReader = {
    server: () => directory.server(),
    password: () => directory.password(),
    schema: () => directory.schema(),
    async *search(query) {
      if (/groupOf|^\(&\(davStore/.test(query.filter))
        throw new TargetProblem(finding('directory.search-incomplete', { detail: 'adminLimitExceeded' }));
      yield* directory.search(query);
    },
  };
  const facts = await findPeople(state, limited, hints);
  expect(facts.findings.map(({ code, detail }) => `${code} ${detail}`)).toEqual([
    'directory.not-checked Of the accounts on CS7 it was not checked whether other entries carry it:\nadminLimitExceeded',
    'directory.not-checked Of the accounts on CS7 it was not checked what describes them:\nadminLimitExceeded',
  ]);
  expect(cohortsIn(facts)['s']).toMatchObject({ members: { file: 'cohorts/s.csv' } });
});
