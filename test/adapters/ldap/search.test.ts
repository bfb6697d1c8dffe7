import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { and, equals, not, present } from '../../../src/core/ldap-filter.ts';
import { directoryEntries } from '../../../src/lab/directory-content.ts';
import { collect, connectionForTest, findingOf, slapdForTest } from './support.ts';

const PEOPLE = 'ou=People,o=example.com,o=isp';
const users = (count: number) =>
  directoryEntries({ suffix: 'o=isp', domain: 'example.com', users: count, groups: 5, resources: 3 });
const query = (filter: string, attributes: readonly string[] = ['uid'], base = PEOPLE) => ({
  base,
  filter,
  attributes,
});
const USERS = '(objectClass=icsCalendarUser)';

describe('search', () => {
  it('reads 2500 entries page by page', async () => {
    const connection = connectionForTest(await slapdForTest({ entries: users(2500) }));
    const entries = await collect(connection.search(query(USERS)));
    expect(new Set(entries.map(entry => entry.attributes.get('uid')?.[0])).size).toBe(2500);
  });

  it('gives names in lower case, values as they are, and nothing for a missing attribute', async () => {
    const connection = connectionForTest(await slapdForTest());
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
    const connection = connectionForTest(await slapdForTest());
    const entries = await collect(connection.search(query(filter)));
    const found = entries.flatMap(entry => entry.attributes.get('uid') ?? []);
    if (typeof expected === 'number') {
      expect(entries).toHaveLength(expected);
    } else {
      expect(found.sort()).toEqual([...expected].sort());
    }
  });

  it('runs several searches at once, one of them inside another', async () => {
    const connection = connectionForTest(await slapdForTest({ entries: users(2500) }));
    let inner = 0;
    let outer = 0;
    const beside = collect(connection.search(query(USERS)));
    for await (const _ of connection.search(query(USERS))) {
      outer += 1;
      if (outer % 1000 === 1) {
        inner += (await collect(connection.search(query(USERS)))).length;
      }
    }
    expect({ outer, inner, beside: (await beside).length }).toEqual({ outer: 2500, inner: 7500, beside: 2500 });
  });

  it('goes on after a search that its reader gave up', async () => {
    const connection = connectionForTest(await slapdForTest({ entries: users(3500) }));
    for await (const _ of connection.search(query(USERS))) {
      break;
    }
    expect(await collect(connection.search(query(USERS)))).toHaveLength(3500);
  });

  it('opens one connection for many first calls at once, and none before', async () => {
    const slapd = await slapdForTest();
    let resolved = 0;
    const { openDirectory } = await import('../../../src/adapters/ldap/directory.ts');
    const { desiredDirectory } = await import('./support.ts');
    const { Secret } = await import('../../../src/ports/secret.ts');
    const connection = openDirectory(desiredDirectory(slapd), async () => {
      resolved += 1;
      return new Secret(slapd.password);
    });
    expect(resolved).toBe(0);
    await Promise.all(Array.from({ length: 20 }, () => collect(connection.search(query(USERS)))));
    expect(resolved).toBe(1);
    await connection.close();
    expect(await findingOf(connection.schema())).toMatchObject({ code: 'directory.connection-lost' });
  });
});

describe('a search that is not complete', () => {
  it.each([
    ['size=100', 'sizeLimitExceeded'],
    ['size=1500', 'sizeLimitExceeded'],
    ['size.soft=unlimited size.hard=unlimited size.prtotal=disabled', 'adminLimitExceeded'],
    ['size=unlimited size.unchecked=5', 'adminLimitExceeded'],
  ])('is a problem, not a shorter list: limits %s', async (limits, name) => {
    const connection = connectionForTest(await slapdForTest({ entries: users(2500), limits }));
    // uid=*a* is not indexed for substrings: "unchecked" counts its candidates.
    const finding = await findingOf(collect(connection.search(query('(&(uid=*)(sn=*))'))));
    expect(finding).toMatchObject({ code: 'directory.search-incomplete', severity: 'error', target: 'directory' });
    for (const part of [PEOPLE, '(&(uid=*)(sn=*))', name, 'nsLookThroughLimit', 'limits dn.exact="cn=reconcile']) {
      expect(finding.detail).toContain(part);
    }
  });

  it('tells a missing base, and the nearest entry there is', async () => {
    const connection = connectionForTest(await slapdForTest());
    const finding = await findingOf(
      collect(connection.search(query(USERS, ['uid'], `ou=Peple\n,o=example.com,o=isp`))),
    );
    expect(finding.code).toBe('directory.base-missing');
    expect(finding.detail).toContain('ou=Peple\\u000a,o=example.com,o=isp');
    expect(finding.detail).toContain('nearest entry there is: o=example.com,o=isp');
  });

  it('does not follow a referral inside the base', async () => {
    const referral = {
      dn: `ou=Away,${PEOPLE}`,
      attributes: {
        objectClass: ['referral', 'extensibleObject'],
        ou: ['Away'],
        ref: ['ldap://elsewhere.example.com/o=x'],
      },
    };
    const slapd = await slapdForTest({ entries: [...users(20), referral] });
    const finding = await findingOf(collect(connectionForTest(slapd).search(query(USERS))));
    expect(finding.code).toBe('directory.referral');
    expect(finding.detail).toContain('ldap://elsewhere.example.com/');
  });

  it('does not follow a referral of the whole base', async () => {
    const slapd = await slapdForTest({ global: ['referral ldap://elsewhere.example.com/'] });
    const finding = await findingOf(collect(connectionForTest(slapd).search(query(USERS, ['uid'], 'o=else'))));
    expect(finding.code).toBe('directory.referral');
  });

  it('does not send what is not a filter', async () => {
    const connection = connectionForTest(await slapdForTest());
    const finding = await findingOf(collect(connection.search(query('(uid=a)(uid=b)'))));
    expect(finding).toMatchObject({ code: 'directory.filter-invalid' });
  });

  it('tells a server that was killed in the middle, and stays dead when it is back', async () => {
    const slapd = await slapdForTest({ entries: users(20_000) });
    const connection = connectionForTest(slapd);
    let count = 0;
    const reading = async () => {
      for await (const _ of connection.search(query(USERS, ['*']))) {
        count += 1;
        if (count === 1500) {
          await slapd.kill();
        }
      }
    };
    const finding = await findingOf(reading());
    expect(finding).toMatchObject({ code: 'directory.connection-lost' });
    expect(finding.detail).toContain(PEOPLE);
    expect(count).toBeLessThan(20_000);

    const { startSlapd } = await import('../../estate/slapd.ts');
    const back = await startSlapd(slapd.folder, { port: slapd.port });
    try {
      expect(await findingOf(collect(connection.search(query(USERS))))).toMatchObject({
        code: 'directory.connection-lost',
      });
      expect(await collect(connectionForTest(back).search(query('(uid=jdoe)')))).toHaveLength(1);
    } finally {
      await back.kill();
    }
  });
});

describe('the test server', () => {
  it('is gone when it was stopped', async () => {
    const slapd = await slapdForTest();
    await slapd.stop();
    await pause(10);
    const socket = connect(slapd.port, '127.0.0.1');
    await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
