import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { directoryEntries, type LabEntry } from '../../../src/lab/directory-content.ts';
import { and, equals, not, present } from '../../../src/ldap/filter.ts';
import type { Ds389Options } from '../../servers/ds389.ts';
import { startLdapRelay } from '../../servers/ldap-relay.ts';
import {
  againForTest,
  collect,
  connectionForTest,
  type DirectoryOptions,
  directoryForTest,
  findingOf,
  type Make,
  makes,
  sharedDirectory,
  slapdForTest,
} from './support.ts';

const PEOPLE = 'ou=People,o=example.com,o=isp';
const users = (count: number) =>
  directoryEntries({ suffix: 'o=isp', domain: 'example.com', users: count, groups: 5, resources: 3 });
/** So much in all that the kernel's buffers hold a part of it only. */
function* bulky(count: number): Iterable<LabEntry> {
  for (const { dn, attributes } of users(count)) {
    yield { dn, attributes: dn.startsWith('uid=') ? { ...attributes, description: ['x'.repeat(5000)] } : attributes };
  }
}
const query = (filter: string, attributes: readonly string[] = ['uid'], base = PEOPLE) => ({
  base,
  filter,
  attributes,
});
const USERS = '(objectClass=icsCalendarUser)';
const away = {
  dn: `ou=Away,${PEOPLE}`,
  attributes: {
    objectClass: ['referral', 'extensibleObject'],
    ou: ['Away'],
    ref: ['ldap://elsewhere.example.com/o=x'],
  },
};

describe.each(makes)('search on %s', make => {
  const ordinary = sharedDirectory(make);
  const large = sharedDirectory(make, () => ({ entries: users(3500) }));

  it('reads 3500 entries', async () => {
    const connection = connectionForTest(large());
    const entries = await collect(connection.search(query(USERS)));
    expect(new Set(entries.map(entry => entry.attributes.get('uid')?.[0])).size).toBe(3500);
  });

  it('gives names in lower case, values as they are, and nothing for a missing attribute', async () => {
    const connection = connectionForTest(ordinary());
    const entries = await collect(
      connection.search(query(equals('uid', 'zoë'), ['CN', 'davStore', 'objectclass', 'nsUniqueID'])),
    );
    expect(entries).toHaveLength(1);
    expect([...(entries[0]?.attributes.keys() ?? [])].sort()).toEqual(['cn', 'nsuniqueid', 'objectclass']);
    expect(entries[0]?.attributes.get('cn')).toEqual(['Zoë (Guest) *']);
    expect(entries[0]?.attributes.get('nsuniqueid')?.[0]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{8}){3}$/);
  });

  it.each([
    ['(cn=Zo\\c3\\ab*)', ['zoe.smith', 'zoë']],
    [equals('cn', 'Zoë (Guest) *'), ['zoë']],
    [equals('sn', 'Smith, Jr.'), ['Smith, Jr.']],
    ['(uid=*\\27*)', ["o'neil"]],
    ['(uid=*f*r*c*smi*h)', ['francoise.smith']],
    ['(&(uid=j*)(uid=*e))', ['jdoe']],
    ['(|(uid=jdoe)(uid=r+d))', ['jdoe', 'r+d']],
    [and(USERS, not(present('davUniqueId')), equals('sn', 'doe')), ['jdoe']],
    ['(uid:caseExactMatch:=JDOE)', []],
    ['(ou:dn:=people)', 21],
    ['(2.5.4.4=Doe)', ['jdoe']],
    ['(cn;lang-de=Zoë)', []],
    ['(sn~=Doe)', ['jdoe']],
    ['(modifyTimestamp>=20000101000000Z)', 21],
    ['(modifyTimestamp<=20000101000000Z)', []],
  ])('sends the filter %s as it is meant', async (filter, expected) => {
    const connection = connectionForTest(ordinary());
    const entries = await collect(connection.search(query(filter)));
    const found = entries.flatMap(entry => entry.attributes.get('uid') ?? []);
    if (typeof expected === 'number') {
      expect(entries).toHaveLength(expected);
    } else {
      expect(found.sort()).toEqual([...expected].sort());
    }
  });

  it('runs several searches at once, one of them inside another', async () => {
    const connection = connectionForTest(large());
    let inner = 0;
    let outer = 0;
    const beside = collect(connection.search(query(USERS)));
    for await (const _ of connection.search(query(USERS))) {
      outer += 1;
      if (outer % 1000 === 1) {
        inner += (await collect(connection.search(query(USERS)))).length;
      }
    }
    expect({ outer, inner, beside: (await beside).length }).toEqual({ outer: 3500, inner: 14_000, beside: 3500 });
  });

  it('goes on after a search that its reader gave up', async () => {
    const connection = connectionForTest(large());
    for await (const _ of connection.search(query(USERS))) {
      break;
    }
    expect(await collect(connection.search(query(USERS)))).toHaveLength(3500);
  });

  it('opens one connection for many first calls at once, and none before', async () => {
    const directory = ordinary();
    let resolved = 0;
    const { openDirectory } = await import('../../../src/adapters/ldap/directory-client.ts');
    const { desiredDirectory } = await import('./support.ts');
    const { Secret } = await import('../../../src/ports/secret.ts');
    const connection = openDirectory(desiredDirectory(directory), async () => {
      resolved += 1;
      return new Secret(directory.password);
    });
    expect(resolved).toBe(0);
    await Promise.all(Array.from({ length: 20 }, () => collect(connection.search(query(USERS)))));
    expect(resolved).toBe(1);
    await connection.close();
    expect(await findingOf(connection.schema())).toMatchObject({ code: 'directory.connection-lost' });
  });
});

const LIMITED: readonly [Make, string, DirectoryOptions, string][] = [
  ['slapd', 'size=100', { slapd: { limits: 'size=100' } }, 'sizeLimitExceeded'],
  ['slapd', 'size=1500', { slapd: { limits: 'size=1500' } }, 'sizeLimitExceeded'],
  ['slapd', 'size=1500, no paging', { slapd: { limits: 'size=1500 size.prtotal=disabled' } }, 'adminLimitExceeded'],
  // uid=*a* is not indexed for substrings: "unchecked" counts its candidates.
  ['slapd', 'size.unchecked=5', { slapd: { limits: 'size=unlimited size.unchecked=5' } }, 'adminLimitExceeded'],
  ['389', 'nsslapd-sizelimit: 100', { ds389: limited({ 'nsslapd-sizelimit': '100' }) }, 'sizeLimitExceeded'],
  ['389', 'nsslapd-pagedsizelimit: 500', { ds389: limited({ 'nsslapd-pagedsizelimit': '500' }) }, 'sizeLimitExceeded'],
  [
    '389',
    'nsslapd-lookthroughlimit: 500',
    { ds389: limited({}, { 'nsslapd-lookthroughlimit': '500' }) },
    'adminLimitExceeded',
  ],
];

/** A person's limits come before these, so that the service entry must have none of its own. */
function limited(
  server: Readonly<Record<string, string>>,
  database: Readonly<Record<string, string>> = {},
): Ds389Options {
  const configuration = { 'cn=config': server, 'cn=config,cn=ldbm database,cn=plugins,cn=config': database };
  return { limits: 'ordinary', configuration };
}

describe('a search that is not complete', () => {
  it.each(LIMITED)('is a problem on %s, not a shorter list: %s', async (make, _, options, name) => {
    const connection = connectionForTest(await directoryForTest(make, { entries: users(2500), ...options }));
    const finding = await findingOf(collect(connection.search(query('(&(uid=*)(sn=*))'))));
    expect(finding).toMatchObject({ code: 'directory.search-incomplete', severity: 'error', target: 'directory' });
    for (const part of [PEOPLE, '(&(uid=*)(sn=*))', name, 'nsLookThroughLimit', 'limits dn.exact="cn=reconcile']) {
      expect(finding.detail).toContain(part);
    }
  });

  it('is whole or a problem under the ordinary limits of 389: 2000 entries, 5000 looked through', async () => {
    const few = await directoryForTest('389', { entries: users(2500), ds389: { limits: 'ordinary' } });
    // The limit of 2000 counts for one page there, and not for all of them.
    expect(await collect(connectionForTest(few).search(query(USERS)))).toHaveLength(2500);
    const many = await directoryForTest('389', { entries: users(5500), ds389: { limits: 'ordinary' } });
    const everybody = await findingOf(collect(connectionForTest(many).search(query(USERS))));
    expect(everybody).toMatchObject({ code: 'directory.search-incomplete' });
    expect(everybody.detail).toContain('11 adminLimitExceeded');
    // What is looked for is rare, what is looked through is not.
    const deviating = and(USERS, not(equals('icsStatus', 'active')));
    const rare = await findingOf(collect(connectionForTest(many).search(query(deviating))));
    expect(rare.detail).toContain('11 adminLimitExceeded');
  });

  it('is whole where OpenLDAP forbids nothing but paging', async () => {
    const limits = 'size.soft=unlimited size.hard=unlimited size.prtotal=disabled';
    const connection = connectionForTest(await directoryForTest('slapd', { entries: users(2500), slapd: { limits } }));
    expect(await collect(connection.search(query(USERS)))).toHaveLength(2500);
  });

  it('is a problem where 389 demands an index', async () => {
    const database = { 'cn=userroot,cn=ldbm database,cn=plugins,cn=config': { 'nsslapd-require-index': 'on' } };
    const connection = connectionForTest(
      await directoryForTest('389', { entries: users(4500), ds389: { configuration: database } }),
    );
    const finding = await findingOf(collect(connection.search(query(USERS))));
    expect(finding).toMatchObject({ code: 'directory.search-incomplete' });
    expect(finding.detail).toContain('53 unwillingToPerform');
    expect(finding.detail).toContain('nsslapd-require-index');
    expect(await collect(connection.search(query(equals('uid', 'jdoe'))))).toHaveLength(1);
  });

  it.each(makes)('tells a missing base on %s, and the nearest entry there is', async make => {
    const connection = connectionForTest(await directoryForTest(make));
    const finding = await findingOf(
      collect(connection.search(query(USERS, ['uid'], `ou=Peple\n,o=example.com,o=isp`))),
    );
    expect(finding.code).toBe('directory.base-missing');
    expect(finding.detail).toContain('ou=Peple\\u000a,o=example.com,o=isp');
    expect(finding.detail).toContain('nearest entry there is: o=example.com,o=isp');
  });

  it('tells a missing base on 389 after a reading that had to be paged', async () => {
    // Asked by pages, 389 says success about a base that is not there: a misspelled cohort would look empty.
    const directory = await directoryForTest('389', { entries: users(2500), ds389: { limits: 'ordinary' } });
    const connection = connectionForTest(directory);
    expect(await collect(connection.search(query(USERS)))).toHaveLength(2500);
    const finding = await findingOf(collect(connection.search(query(USERS, ['uid'], 'ou=Peple,o=example.com,o=isp'))));
    expect(finding.code).toBe('directory.base-missing');
    expect(await collect(connection.search(query('(uid=nobody)')))).toEqual([]);
  });

  it.each(makes)('is whole beside an entry that refers elsewhere on %s, which is found when asked for', async make => {
    const directory = await directoryForTest(make, { entries: [...users(20), away] });
    const connection = connectionForTest(directory);
    expect(await collect(connection.search(query(USERS)))).toHaveLength(20);
    expect(await collect(connection.search({ ...query('(objectClass=referral)', ['ref']), referrals: true }))).toEqual([
      { dn: away.dn, attributes: new Map([['ref', away.attributes.ref]]) },
    ]);
  });

  it('is whole on a server without ManageDsaIT, which only says where its references lead', async () => {
    const directory = await directoryForTest('slapd', { entries: [...users(20), away] });
    const relay = await startLdapRelay(directory.port, { hides: '2.16.840.1.113730.3.4.2' });
    onTestFinished(() => relay.stop());
    const connection = connectionForTest({ ...directory, url: relay.url });
    expect(await collect(connection.search(query(USERS)))).toHaveLength(20);
    const [place, ...more] = await collect(
      connection.search({ ...query('(objectClass=referral)', ['ref']), referrals: true }),
    );
    expect(more).toEqual([]);
    expect(place?.dn).toBe('');
    expect(place?.attributes.get('ref')?.[0]).toContain('ldap://elsewhere.example.com/o=x');
  });

  it.each(makes)('does not follow a referral of the whole base on %s', async make => {
    const directory = await directoryForTest(make, {
      slapd: { global: ['referral ldap://elsewhere.example.com/'] },
      ds389: { configuration: { 'cn=config': { 'nsslapd-referral': 'ldap://elsewhere.example.com/' } } },
    });
    const finding = await findingOf(collect(connectionForTest(directory).search(query(USERS, ['uid'], 'o=else'))));
    expect(finding.code).toBe('directory.referral');
  });

  it('does not send what is not a filter', async () => {
    const connection = connectionForTest(await slapdForTest());
    const finding = await findingOf(collect(connection.search(query('(uid=a)(uid=b)'))));
    expect(finding).toMatchObject({ code: 'directory.filter-invalid' });
  });

  it.each(makes)(
    'tells that %s was killed in the middle; what is asked later gets the answer of the server that is back',
    async make => {
      const directory = await directoryForTest(make, { entries: bulky(5000) });
      const connection = connectionForTest(directory);
      let count = 0;
      const reading = async () => {
        for await (const _ of connection.search(query(USERS, ['*']))) {
          count += 1;
          if (count === 1500) {
            await directory.kill();
          }
        }
      };
      const finding = await findingOf(reading());
      expect(finding).toMatchObject({ code: 'directory.connection-lost' });
      expect(finding.detail).toContain(PEOPLE);
      expect(count).toBeLessThan(5000);

      const back = await againForTest(make, directory);
      expect(await collect(connection.search(query(USERS)))).toHaveLength(5000);
      expect(await collect(connectionForTest(back).search(query('(uid=jdoe)')))).toHaveLength(1);
    },
  );
});

describe('the test server', () => {
  it.each(makes)('is gone when it was stopped: %s', async make => {
    const directory = await directoryForTest(make);
    await directory.stop();
    const socket = connect(directory.port, '127.0.0.1');
    await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
