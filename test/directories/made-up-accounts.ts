import type { LabEntry } from '../../src/lab/directory-content.ts';

/** Numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of a list. */
export function pick<T>(random: () => number, list: readonly [T, ...T[]]): T {
  return list[Math.floor(random() * list.length)] ?? list[0];
}

/** The folders that accounts are made up in; one has a comma in its name. */
export const folders = ['ou=People,o=isp', 'ou=Sales\\, EMEA,o=isp', 'ou=Staff,ou=People,o=isp'] as const;

/** Groups that cohorts may name: one lists its members, the other describes them. */
export const groups = { listing: 'cn=wave,ou=People,o=isp', describing: 'cn=dynamic,ou=People,o=isp' };

/** A directory with every odd account that a migration meets, and the service entry. */
export function madeUpEntries(random: () => number, count: number): readonly LabEntry[] {
  const accounts = Array.from({ length: count }, (_, number) => account(random, number));
  const members = accounts.filter(() => random() < 0.15).map(({ dn }) => dn);
  return [
    entry('o=isp', { objectClass: ['top', 'organization'], o: ['isp'] }),
    ...['ou=Services,o=isp', ...folders].map(dn =>
      entry(dn, {
        objectClass: ['top', 'organizationalUnit'],
        ou: [/^ou=(.*?)(?<!\\),/.exec(dn)?.[1]?.replace('\\', '') ?? ''],
      }),
    ),
    entry('cn=reconcile,ou=Services,o=isp', {
      objectClass: ['top', 'person'],
      cn: ['reconcile'],
      sn: ['reconcile'],
      userPassword: ['reconcile-lab'],
    }),
    ...accounts,
    entry(groups.listing, {
      objectClass: ['top', 'groupOfUniqueNames'],
      cn: ['wave'],
      uniqueMember: [...members, 'uid=left-the-company,ou=People,o=isp'],
    }),
    entry(groups.describing, {
      objectClass: ['top', 'groupOfURLs'],
      cn: ['dynamic'],
      memberURL: ['ldap:///ou=People,o=isp??sub?(departmentNumber=d3)'],
    }),
  ];
}

function account(random: () => number, number: number): LabEntry {
  const uid = `u${number}`;
  const store = pick(random, [undefined, 'store1', 'STORE1', 'store2', 'Old  Store']);
  const uniqueId = random() < 0.7 ? `id-${number}` : undefined;
  const domain = () => pick(random, ['example.com', 'EXAMPLE.COM', 'elsewhere.org']);
  const mails = pick(random, [[], [`${uid}@${domain()}`], [`${uid}@${domain()}`, `x${uid}@${domain()}`]]);
  const access = pick(random, [undefined, undefined, '-http:all', '-HTTP:all', '+http:*']);
  const kinds = pick(random, [
    ['icsCalendarUser'],
    ['icscalendaruser'],
    ['icsCalendarUser'],
    ['icsCalendarResource'],
    ['icsCalendarUser', 'icsCalendarResource'],
    [],
  ] as [string[], ...string[][]]);
  const user = kinds.some(kind => kind.toLowerCase() === 'icscalendaruser');
  const department = pick(random, [undefined, 'd1', 'd2', 'D3', 'd 4']);
  return entry(`uid=${uid},${pick(random, folders)}`, {
    objectClass: [
      ...['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'labEntry', ...kinds],
      ...(store !== undefined || uniqueId !== undefined || random() < 0.2 ? ['davEntity'] : []),
    ],
    uid: [uid],
    cn: [uid],
    sn: [uid],
    ...(mails.length > 0 && { mail: [...new Set(mails)] }),
    ...(department !== undefined && { departmentNumber: [department] }),
    ...(store !== undefined && { davStore: [store] }),
    ...(uniqueId !== undefined && { davUniqueId: [uniqueId] }),
    ...(user && access !== undefined && { icsAllowedServiceAccess: [access] }),
    ...(user && random() < 0.5 && { icsStatus: ['active'] }),
    ...(random() < 0.8 && { nsUniqueId: [`ns-${number}`] }),
  });
}

function entry(dn: string, attributes: Readonly<Record<string, readonly string[]>>): LabEntry {
  return { dn, attributes };
}
