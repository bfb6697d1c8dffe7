import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { directoryEntries } from '../../../src/lab/directory-content.ts';
import {
  calendarAttributeTypes,
  calendarObjectClasses,
  createLabSchema,
} from '../../../src/lab/embedded/lab-schema.ts';
import { startEmbeddedDirectory } from '../../../src/lab/embedded/ldap-server.ts';
import { buildDirectorySchema } from '../../../src/ldap/schema.ts';
import type { DirectoryReader, Modification } from '../../../src/ports/directory.ts';
import { collect, connectionForTest, findingOf, slapdForTest } from '../../adapters/ldap/support.ts';
import { bundledText } from '../../tools/bundled-program.ts';
import { bindDn, connectTo, directoryForTest, jdoe, people } from './support.ts';

async function found(reader: DirectoryReader, filter: string, base = 'o=isp', attributes: readonly string[] = ['uid']) {
  return collect(reader.search({ base, filter, attributes }));
}

describe('the schema', () => {
  it('has the definitions that OpenLDAP is given in the tests', () => {
    const text = readFileSync(resolve(import.meta.dirname, '../../servers/calendar-schema/calendar.schema'), 'utf8');
    const definitions = (keyword: string) =>
      text
        .replace(/^#.*\n/gm, '')
        .split(/\n(?=attributetype|objectclass)/)
        .map(one => one.replace(/\s+/g, ' ').trim())
        .filter(one => one.startsWith(keyword))
        .map(one => one.slice(keyword.length + 1));
    expect(calendarAttributeTypes).toEqual(definitions('attributetype'));
    expect(calendarObjectClasses).toEqual(definitions('objectclass'));
  });

  it('is whole: every attribute of a class is defined, and the client reads what the server keeps', async () => {
    const { attributeTypes, objectClasses } = createLabSchema();
    const schema = buildDirectorySchema(attributeTypes, objectClasses);
    for (const { may, must } of schema.objectClasses.values())
      for (const name of [...may, ...must]) expect(schema.attributes.has(name), name).toBe(true);
    expect(schema.attributes.size).toBeGreaterThanOrEqual(attributeTypes.length);
    expect(await connectTo(await directoryForTest()).schema()).toEqual(schema);
  });

  it('is that of OpenLDAP as far as it goes', async () => {
    const slapd = await slapdForTest();
    const real = await connectionForTest(slapd).schema();
    const own = await connectTo(await directoryForTest()).schema();
    for (const [name, attribute] of own.attributes)
      expect([name, attribute]).toEqual([name, real.attributes.get(name)]);
    for (const [name, { auxiliary, may, must }] of own.objectClasses) {
      const other = real.objectClasses.get(name);
      expect([name, auxiliary, new Set(must)]).toEqual([
        name,
        other?.auxiliary,
        new Set(other?.must.filter(one => own.attributes.has(one))),
      ]);
      for (const one of may) expect(other?.may).toContain(one);
    }
  });
});

/** OpenLDAP escapes in hexadecimal what may be escaped by itself. */
function plainDn(dn: string): string {
  return dn.replace(/\\([0-9A-F]{2})/g, (_, hex: string) => `\\${String.fromCharCode(Number.parseInt(hex, 16))}`);
}

/** Filters whose answers must be those of OpenLDAP, entry by entry. */
const FILTERS = [
  '(objectClass=*)',
  '(objectClass=ICSCALENDARUSER)',
  '(&(objectClass=icsCalendarUser)(!(davStore=defaultbackend)))',
  '(&(objectClass=icsCalendarUser)(!(davUniqueId=*)))',
  '(!(noSuchAttribute=x))',
  '(|(noSuchAttribute=x)(uid=jdoe))',
  '(&(noSuchAttribute=x)(uid=jdoe))',
  '(!(&(noSuchAttribute=x)(uid=jdoe)))',
  '(|(uid=JDOE)(userid=zoë)(0.9.2342.19200300.100.1.1=r+d))',
  '(uid=Smith, Jr.)',
  '(uid=smith,  jr.)',
  '(cn=*\\28guest\\29 \\2a)',
  '(cn=z*g*)',
  '(cn=*o*o*)',
  '(mail=*@example.com)',
  '(icsCalendar=JDOE)',
  '(icsStatus=ACTIVE)',
  '(icsStatus~=active)',
  '(modifyTimestamp>=20000101000000Z)',
  '(modifyTimestamp<=20000101000000Z)',
  '(uid>=m)',
  '(davUniqueId=a*)',
  '(uniqueMember=UID=jdoe, ou=people,o=EXAMPLE.com,o=isp)',
  '(ou:dn:=people)',
  '(cn:caseExactMatch:=Zoë \\28Guest\\29 \\2a)',
  '(:caseIgnoreMatch:=jdoe)',
  '(departmentNumber=Finance)',
  '(userPassword=*)',
  '(entryDN=uid=JDOE,ou=People,o=example.com,o=isp)',
  '(&(|(departmentNumber=Sales)(departmentNumber=Legal))(!(|(uid=a*)(uid=b*))))',
];

describe('searching', () => {
  it('finds what OpenLDAP finds', async () => {
    const content = { suffix: 'o=isp', domain: 'example.com', users: 200, groups: 12, resources: 5 };
    const real = connectionForTest(await slapdForTest({ entries: directoryEntries(content) }));
    const directory = await startEmbeddedDirectory({
      entries: directoryEntries(content),
      suffix: 'o=isp',
      bindDn,
      password: 'bind-lab',
    });
    const own = connectTo(directory);
    const attributes = ['uid', 'CN', 'objectClass', 'davUniqueId', 'noSuchAttribute', 'modifiersName'];
    for (const filter of FILTERS) {
      const [ours, theirs] = await Promise.all([own, real].map(one => found(one, filter, 'o=isp', attributes)));
      const plain = (entries: typeof ours) =>
        (entries ?? [])
          .map(({ dn, attributes: all }) => JSON.stringify([plainDn(dn), [...all].map(([k, v]) => [k, v]).toSorted()]))
          .toSorted();
      expect(plain(ours), filter).toEqual(plain(theirs));
    }
    await directory.stop();
  });

  it('takes every way to write a name, and knows what is missing', async () => {
    const connection = connectTo(await directoryForTest());
    const names = [
      'uid=Smith\\, Jr.,ou=People,o=example.com,o=isp',
      'UID=smith\\2c jr. , OU=people,o=EXAMPLE.COM,o=isp',
    ];
    for (const base of [...names, 'uid=\\53mith\\, Jr.,ou=People,o=example.com,o=isp'])
      expect((await found(connection, '(objectClass=*)', base)).length).toBe(1);
    const finding = await findingOf(found(connection, '(objectClass=*)', `uid=nobody,${people}`));
    expect(finding).toMatchObject({ code: 'directory.base-missing', detail: expect.stringContaining(people) });
    expect(await findingOf(found(connection, '(objectClass=*)', ''))).toMatchObject({ code: 'directory.base-missing' });
  });

  it('streams several searches at once, paged and not, whole', async () => {
    const connection = connectTo(await directoryForTest(5000));
    const filters = ['(objectClass=icsCalendarUser)', '(objectClass=*)', '(departmentNumber=Finance)', '(uid=jdoe)'];
    const counts = await Promise.all(filters.map(async filter => (await found(connection, filter)).length));
    expect(counts).toEqual([5000, 5015, 1000, 1]);
  });

  it('gives nobody a password', async () => {
    const connection = connectTo(await directoryForTest());
    const entries = await found(connection, '(cn=reconcile)', 'o=isp', ['*', '+']);
    expect([...(entries[0]?.attributes.keys() ?? [])]).toEqual(expect.arrayContaining(['cn', 'modifytimestamp']));
    expect(entries[0]?.attributes.has('userpassword')).toBe(false);
  });
});

describe('logging in', () => {
  it('refuses a wrong password and an unknown name alike', async () => {
    const { url } = await directoryForTest();
    for (const [dn, password] of [
      [bindDn, 'wrong'],
      ['cn=nobody,o=isp', 'bind-lab'],
      ['not a name', 'bind-lab'],
    ] as const) {
      const finding = await findingOf(connectionForTest({ url, bindDn: dn, password }).schema());
      expect(finding).toMatchObject({ code: 'directory.login-refused', detail: expect.stringContaining('result 49') });
    }
  });

  it('takes the name in any case', async () => {
    const { url } = await directoryForTest();
    const connection = connectionForTest({ url, bindDn: bindDn.toUpperCase(), password: 'bind-lab' });
    expect((await found(connection, '(uid=jdoe)')).length).toBe(1);
  });
});

const add = (attribute: string, ...values: readonly string[]): Modification => ({
  operation: 'add',
  attribute,
  values,
});
const remove = (attribute: string, ...values: readonly string[]): Modification => ({
  operation: 'delete',
  attribute,
  values,
});

/** Modifies of jdoe and their result, on OpenLDAP too; each starts from the entry as it was loaded. */
const MODIFIES: readonly (readonly [string, readonly Modification[], string])[] = [
  ['with its class', [add('objectClass', 'davEntity'), add('davStore', 'b1')], 'done'],
  ['without its class', [add('davStore', 'b1')], 'refused 65'],
  ['two values at once', [add('objectClass', 'davEntity'), add('davStore', 'b1', 'b2')], 'refused 19'],
  ['a class that is there', [add('objectClass', 'ICSCALENDARUSER')], 'conflict 20'],
  ['an unknown class', [add('objectClass', 'noSuchClass')], 'refused 21'],
  ['an unknown attribute', [add('noSuchAttribute', 'x')], 'refused 17'],
  ['a value that is not there', [remove('icsStatus', 'gone')], 'conflict 16'],
  ['a value in other case', [remove('icsStatus', 'ACTIVE'), add('icsStatus', 'inactive')], 'done'],
  ['a value in other case that counts', [remove('icsCalendar', 'JDOE')], 'conflict 16'],
  ['a second value', [add('icsStatus', 'inactive')], 'conflict 19'],
  ['a must attribute', [remove('sn', 'Doe')], 'refused 65'],
  ['the name', [remove('uid', 'jdoe')], 'refused 64'],
  ['what the server keeps', [add('modifiersName', 'cn=x')], 'conflict 19'],
  ['a half that works', [remove('icsStatus', 'active'), add('cn', 'John Doe')], 'conflict 20'],
];

describe('modifying', () => {
  it.each(MODIFIES)('%s', async (_, modifications, outcome) => {
    const directory = await directoryForTest();
    const before = directory.entry(jdoe);
    const told = async (connection: ReturnType<typeof connectTo>) => {
      const result = await connection.modify(jdoe, modifications);
      return result.state === 'done' ? 'done' : `${result.state} ${/result (\d+)/.exec(result.detail)?.[1]}`;
    };
    expect(await told(connectTo(directory))).toBe(outcome);
    expect(await told(connectionForTest(await slapdForTest()))).toBe(outcome);
    if (outcome !== 'done') expect(directory.entry(jdoe)).toEqual(before);
    else expect(directory.entry(jdoe)?.modified).toMatchObject({ by: bindDn, at: expect.stringMatching(/^\d{14}Z$/) });
  });

  it('of an entry that is not there', async () => {
    const result = await connectTo(await directoryForTest()).modify(`uid=nobody,${people}`, [add('cn', 'x')]);
    expect(result).toMatchObject({ state: 'conflict', detail: expect.stringContaining('result 32') });
  });

  it('by hand fits the schema too, and is seen', async () => {
    const directory = await directoryForTest();
    const store = { operation: 'replace', attribute: 'davStore', values: ['b1'] } as const;
    expect(() => directory.modifyByHand(jdoe, [store])).toThrow(/not allowed/);
    directory.modifyByHand(jdoe, [{ operation: 'add', attribute: 'objectClass', values: ['davEntity'] }, store]);
    const connection = connectTo(directory);
    expect((await found(connection, '(davStore=b1)')).map(({ dn }) => dn)).toEqual([jdoe]);
    directory.modifyByHand(jdoe, [{ operation: 'delete', attribute: 'davStore', values: [] }]);
    expect(directory.entry(jdoe)?.attributes['davStore']).toBeUndefined();
    expect(await found(connection, '(davStore=*)')).toEqual([]);
  });

  it('of one entry by many at once lets one win', async () => {
    const directory = await directoryForTest();
    const connections = Array.from({ length: 4 }, () => connectTo(directory));
    const results = await Promise.all(
      connections.map((one, at) =>
        one.modify(jdoe, [remove('departmentNumber', 'Finance'), add('departmentNumber', `d${at}`)]),
      ),
    );
    expect(results.map(({ state }) => state).toSorted()).toEqual(['conflict', 'conflict', 'conflict', 'done']);
  });
});

it('100,000 entries take less than 400 MB', async () => {
  const script = `
    import { startEmbeddedDirectory } from './src/lab/embedded/ldap-server.ts';
    import { directoryEntries } from './src/lab/directory-content.ts';
    const entries = directoryEntries({ suffix: 'o=isp', domain: 'example.com', users: 100000, groups: 10, resources: 10 });
    const directory = await startEmbeddedDirectory({ entries, suffix: 'o=isp', bindDn: 'cn=x', password: 'y' });
    console.log(process.memoryUsage().rss);
    await directory.stop();`;
  const rss = execFileSync(process.execPath, [bundledText(script)], { encoding: 'utf8' });
  expect(Number(rss)).toBeLessThan(400_000_000);
});
