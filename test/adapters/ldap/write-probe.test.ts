import { describe, expect, it } from 'vitest';
import {
  collect,
  connectionForTest,
  directoryForTest,
  type Make,
  makes,
  slapdForTest,
  type Target,
} from './support.ts';

const PEOPLE = 'ou=People,o=example.com,o=isp';
const JDOE = `uid=jdoe,${PEOPLE}`;
const DATABASE = 'cn=userroot,cn=ldbm database,cn=plugins,cn=config';
const ATTRIBUTES = ['davStore', 'davUniqueId', 'icsAllowedServiceAccess', 'objectClass'];

/** Everything of an entry, what the server keeps about it included. */
async function allOf(target: Target): Promise<unknown> {
  const query = { base: JDOE, scope: 'base', filter: '(objectClass=*)', attributes: ['*', '+'] } as const;
  const [entry] = await collect(connectionForTest(target).search(query));
  return [...(entry?.attributes ?? [])].toSorted();
}

describe.each(makes)('whether %s takes changes', make => {
  it('is found out without changing anything, as often as it is asked', async () => {
    const directory = await directoryForTest(make);
    const connection = connectionForTest(directory);
    await connection.modify(JDOE, [
      { operation: 'add', attribute: 'objectClass', values: ['davEntity'] },
      { operation: 'add', attribute: 'davStore', values: ['a'] },
    ]);
    const before = await allOf(directory);
    expect(before).toEqual(expect.arrayContaining([['davstore', ['a']]]));
    for (let round = 0; round < 3; round += 1) {
      expect(await connection.wouldModify(JDOE, ATTRIBUTES)).toEqual({ state: 'takes' });
    }
    expect(await allOf(directory)).toEqual(before);
  });

  it.each<[string, Readonly<Record<Make, object>>, object]>([
    [
      'a database that is read-only',
      { slapd: { database: ['readonly on'] }, '389': { configuration: { [DATABASE]: { 'nsslapd-readonly': 'on' } } } },
      { state: 'refused', why: 'read-only', detail: expect.stringContaining('53 unwillingToPerform') },
    ],
    [
      'an identity without the right to one of the attributes',
      {
        slapd: { database: ['access to attrs=davUniqueId by * read'] },
        '389': {
          aci: ['(targetattr="davUniqueId")(version 3.0; acl "none writes"; deny (write) userdn="ldap:///anyone";)'],
        },
      },
      { state: 'refused', why: 'rights', detail: expect.stringContaining('50 insufficientAccessRights') },
    ],
  ])('is answered by %s', async (_, options, answer) => {
    const directory = await directoryForTest(make, { slapd: options.slapd, ds389: options['389'] });
    const before = await allOf(directory);
    expect(await connectionForTest(directory).wouldModify(JDOE, ATTRIBUTES)).toMatchObject(answer);
    expect(await allOf(directory)).toEqual(before);
  });

  it('is not known of an entry that does not exist', async () => {
    const connection = connectionForTest(await directoryForTest(make));
    expect(await connection.wouldModify(`uid=nobody,${PEOPLE}`, ['davStore'])).toMatchObject({ state: 'unknown' });
  });
});

describe('a replica', () => {
  it('of OpenLDAP names the server that takes changes', async () => {
    const provider = await slapdForTest({
      global: ['moduleload syncprov'],
      database: ['overlay syncprov'],
    });
    const consumer = await slapdForTest({
      entries: [],
      database: replicaOf(provider.url, provider.adminDn, provider.adminPassword),
    });
    const connection = connectionForTest(consumer);
    const users = { base: 'o=isp', filter: '(objectClass=icsCalendarUser)', attributes: ['uid'] };
    await expect.poll(() => collect(connectionForTest(consumer).search(users)).catch(() => [])).toHaveLength(20);
    const answer = await connection.wouldModify(JDOE, ATTRIBUTES);
    expect(answer).toMatchObject({ state: 'elsewhere', detail: expect.stringContaining('10 referral') });
    expect('urls' in answer && answer.urls[0]).toMatch(new RegExp(`^${provider.url}/?`));
  });

  it('of 389 names the server that takes changes', async () => {
    const directory = await directoryForTest('389', {
      ds389: {
        configuration: {
          'cn=o\\3Disp,cn=mapping tree,cn=config': {
            'nsslapd-state': 'referral on update',
            'nsslapd-referral': 'ldap://writable.example.com:389/o=isp',
          },
        },
      },
    });
    expect(await connectionForTest(directory).wouldModify(JDOE, ATTRIBUTES)).toMatchObject({
      state: 'elsewhere',
      urls: [expect.stringContaining('ldap://writable.example.com:389')],
    });
  });
});

function replicaOf(url: string, dn: string, password: string): readonly string[] {
  return [
    [
      `syncrepl rid=1 provider=${url} type=refreshAndPersist searchbase="o=isp" retry="1 +"`,
      `bindmethod=simple binddn="${dn}" credentials=${password}`,
    ].join(' '),
    `updateref ${url}`,
  ];
}
