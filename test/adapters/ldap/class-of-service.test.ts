import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { directoryEntries, type LabEntry } from '../../../src/lab/directory-content.ts';
import type { TestDirectory } from '../../servers/directory-server.ts';
import type { Ds389Options } from '../../servers/ds389.ts';
import { collect, connectionForTest, directoryForTest, type Make, sharedDirectory } from './support.ts';

// A site may give accounts their davStore by a class of service (Sun and 389): a template's value shows in every entry of a
// tree, or in those with a certain department, and stands in none. Reading does not tell it from a real one; writing does.

const PEOPLE = 'ou=People,o=isp';
const REAL_ONLY = '2.16.840.1.113730.3.4.17';
const VIRTUAL_ONLY = '2.16.840.1.113730.3.4.19';

type Kind = 'pointer' | 'classic';
type Qualifier = '' | 'default' | 'override' | 'operational' | 'operational-default';

function person(uid: string, department: string, store?: string, entity = true): LabEntry {
  const classes = ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'icsCalendarUser'];
  return {
    dn: `uid=${uid},${PEOPLE}`,
    attributes: {
      objectClass: entity ? [...classes, 'davEntity'] : classes,
      uid: [uid],
      cn: [uid],
      sn: [uid],
      departmentNumber: [department],
      ...(store === undefined ? {} : { davStore: [store] }),
    },
  };
}

/** Two with a value of their own, three without; `bare` has no class that allows one. */
const people = [
  person('own', 'Finance', 'oldbackend'),
  person('same', 'Finance', 'defaultbackend'),
  person('none', 'Finance'),
  person('sales', 'Sales'),
  person('bare', 'Finance', undefined, false),
];

/** The value `defaultbackend` for everybody (pointer), or for the department Finance (classic). */
function service(kind: Kind, qualifier: Qualifier): readonly LabEntry[] {
  const template = kind === 'pointer' ? 'cn=template,o=isp' : 'cn=Finance,cn=template,o=isp';
  const definition = kind === 'pointer' ? 'cosPointerDefinition' : 'cosClassicDefinition';
  return [
    ...(kind === 'pointer' ? [] : [container('cn=template,o=isp')]),
    {
      dn: template,
      attributes: {
        objectClass: ['top', 'ldapSubEntry', 'extensibleObject', 'cosTemplate'],
        cn: [kind === 'pointer' ? 'template' : 'Finance'],
        davStore: ['defaultbackend'],
      },
    },
    {
      dn: `cn=stores,${PEOPLE}`,
      attributes: {
        objectClass: ['top', 'ldapSubEntry', 'cosSuperDefinition', definition],
        cn: ['stores'],
        cosTemplateDn: ['cn=template,o=isp'],
        cosAttribute: [`davStore ${qualifier}`.trim()],
        ...(kind === 'pointer' ? {} : { cosSpecifier: ['departmentNumber'] }),
      },
    },
  ];
}

function container(dn: string): LabEntry {
  return { dn, attributes: { objectClass: ['top', 'nsContainer'], cn: ['template'] } };
}

function content(kind: Kind, qualifier: Qualifier): readonly LabEntry[] {
  const none = { suffix: 'o=isp', domain: 'example.com', users: 0, groups: 0, resources: 0 };
  const tree = { dn: PEOPLE, attributes: { objectClass: ['top', 'organizationalUnit'], ou: ['People'] } };
  return [...directoryEntries(none), tree, ...people, ...service(kind, qualifier)];
}

async function found(directory: TestDirectory, filter: string): Promise<readonly string[]> {
  const query = { base: PEOPLE, filter: `(&(uid=*)${filter})`, attributes: ['uid'] };
  const entries = await collect(connectionForTest(directory).search(query));
  return entries.flatMap(entry => entry.attributes.get('uid') ?? []);
}

async function stores(directory: TestDirectory): Promise<Readonly<Record<string, string | undefined>>> {
  const query = { base: PEOPLE, filter: '(uid=*)', attributes: ['uid', 'davStore'] };
  const entries = await collect(connectionForTest(directory).search(query));
  return Object.fromEntries(entries.map(({ attributes }) => [attributes.get('uid'), attributes.get('davstore')?.[0]]));
}

/** The same with a control that the server must heed. */
async function storesBy(directory: TestDirectory, control: string): Promise<Readonly<Record<string, string>>> {
  const { url, bindDn, password } = directory;
  const login = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', url, '-D', bindDn, '-w', password];
  const words = [...login, '-E', `!${control}`, '-b', PEOPLE, '(uid=*)', 'davStore'];
  const { stdout } = await promisify(execFile)('ldapsearch', words);
  return Object.fromEntries(
    [...stdout.matchAll(/^dn: uid=(\w+),.*\ndavStore: (.*)/gm)].map(([, uid, store]) => [uid, store]),
  );
}

const SEEN = { own: 'oldbackend', same: 'defaultbackend', none: 'defaultbackend', sales: 'defaultbackend' };

describe.each<[Kind, Readonly<Record<string, string>>]>([
  ['pointer', { none: 'defaultbackend', sales: 'defaultbackend' }],
  ['classic', { none: 'defaultbackend' }],
])('a value that a class of service (%s) makes', (kind, virtual) => {
  const bare = sharedDirectory('389', () => ({ entries: content(kind, 'default') }));
  const indexes: Ds389Options['indexes'] = { davStore: ['eq', 'pres', 'sub'] };
  const indexed = sharedDirectory('389', () => ({ entries: content(kind, 'default'), ds389: { indexes } }));
  const made = Object.keys(virtual);

  it('is read like a real one, by entries whose classes allow it', async () => {
    const seen = { ...SEEN, sales: virtual['sales'], bare: undefined };
    expect(await stores(bare())).toEqual(seen);
    expect(await stores(indexed())).toEqual(seen);
  });

  it.each([['(davStore=*)'], ['(davStore=defaultbackend)'], ['(davStore=default*)']])(
    'is found by %s only without an index: an index holds real values',
    async filter => {
      const real = filter === '(davStore=*)' ? ['own', 'same'] : ['same'];
      expect((await found(bare(), filter)).toSorted()).toEqual([...real, ...made].toSorted());
      expect(await found(indexed(), filter)).toEqual(real);
    },
  );

  it.each([['(!(davStore=*))'], ['(!(davStore=defaultbackend))']])(
    'is seen by %s in any case: no index answers a negation',
    async filter => {
      // So that who deviates is found rightly by a negation, and who does not deviate wrongly by its contrary.
      const own = filter === '(!(davStore=*))' ? [] : ['own'];
      const without = ['sales', 'bare'].filter(uid => !made.includes(uid));
      for (const directory of [bare(), indexed()]) {
        expect(await found(directory, filter)).toEqual([...own, ...without]);
      }
    },
  );

  it('is told from a real one by the two controls', async () => {
    expect(await storesBy(bare(), VIRTUAL_ONLY)).toEqual(virtual);
    expect(await storesBy(bare(), REAL_ONLY)).toEqual({ own: 'oldbackend', same: 'defaultbackend' });
  });
});

describe('writing where a class of service makes a value', () => {
  const remove = { operation: 'delete', attribute: 'davStore', values: ['defaultbackend'] } as const;
  const add = (value: string) => ({ operation: 'add', attribute: 'davStore', values: [value] }) as const;
  const dn = `uid=none,${PEOPLE}`;

  it('cannot delete it: the answer is the one for a value that somebody else took away', async () => {
    // Reading again shows the value again: without the controls this is a conflict for ever.
    const directory = await directoryForTest('389', { entries: content('pointer', 'default') });
    const connection = connectionForTest(directory);
    for (const change of [[remove], [remove, add('other')]]) {
      const result = await connection.modify(dn, change);
      expect(result).toMatchObject({ state: 'conflict', detail: expect.stringContaining('16 noSuchAttribute') });
    }
    expect(await stores(directory)).toMatchObject({ none: 'defaultbackend' });
  });

  it('adds a real value beside it, the same or another, which then counts', async () => {
    const directory = await directoryForTest('389', { entries: content('pointer', 'default') });
    const connection = connectionForTest(directory);
    expect(await connection.modify(dn, [add('other')])).toEqual({ state: 'done' });
    expect(await connection.modify(`uid=sales,${PEOPLE}`, [add('defaultbackend')])).toEqual({ state: 'done' });
    expect(await stores(directory)).toMatchObject({ none: 'other', sales: 'defaultbackend' });
    expect(await storesBy(directory, VIRTUAL_ONLY)).toEqual({});
  });

  it('deletes a real value, and the virtual one appears in its place', async () => {
    const directory = await directoryForTest('389', { entries: content('pointer', 'default') });
    const change = { operation: 'delete', attribute: 'davStore', values: ['oldbackend'] } as const;
    expect(await connectionForTest(directory).modify(`uid=own,${PEOPLE}`, [change])).toEqual({ state: 'done' });
    expect(await stores(directory)).toMatchObject({ own: 'defaultbackend' });
  });

  it.each<Qualifier>(['override', 'operational'])(
    'is of no effect when the service overrides (%s): done, and the template’s value is read again',
    async qualifier => {
      const directory = await directoryForTest('389', { entries: content('pointer', qualifier) });
      expect(await stores(directory)).toMatchObject({ own: 'defaultbackend' });
      expect(await connectionForTest(directory).modify(dn, [add('other')])).toEqual({ state: 'done' });
      expect(await stores(directory)).toMatchObject({ none: 'defaultbackend' });
      expect(await storesBy(directory, REAL_ONLY)).toMatchObject({ own: 'oldbackend', none: 'other' });
      expect(await storesBy(directory, VIRTUAL_ONLY)).toMatchObject({ own: 'defaultbackend', none: 'defaultbackend' });
    },
  );

  it('is different again for operational ones: every entry has it, whatever its classes allow', async () => {
    const directory = await directoryForTest('389', { entries: content('pointer', 'operational-default') });
    expect(await stores(directory)).toEqual({ ...SEEN, bare: 'defaultbackend' });
    expect(await found(directory, '(!(davStore=*))')).toEqual([]);
  });
});

describe('the controls for virtual attributes', () => {
  it.each<[Make, readonly string[]]>([
    ['389', [REAL_ONLY, VIRTUAL_ONLY]],
    ['slapd', []],
  ])('are offered by %s: %j', async (make, offered) => {
    const { url } = await directoryForTest(make);
    const words = ['-x', '-LLL', '-H', url, '-b', '', '-s', 'base', 'supportedControl'];
    const { stdout } = await promisify(execFile)('ldapsearch', words);
    expect([REAL_ONLY, VIRTUAL_ONLY].filter(control => stdout.includes(`${control}\n`))).toEqual(offered);
  });

  it('are refused by slapd when they are critical', async () => {
    const directory = await directoryForTest('slapd');
    await expect(storesBy(directory, VIRTUAL_ONLY)).rejects.toMatchObject({ code: 12 });
  });
});
