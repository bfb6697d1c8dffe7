import { writeFileSync } from 'node:fs';
import { directoryEntries, type LabEntry } from '../../src/lab/directory-content.ts';
import { servicePassword } from '../servers/directory-server.ts';

/** The name of an account of a first fill. */
export function fillDn(number: number): string {
  return `uid=u${String(number).padStart(7, '0')},ou=People,o=example.com,o=isp`;
}

/** A directory of that many users of CS6, none of whom has a unique id, but each of whom has one to copy. */
export function* fillAccounts(users: number): Iterable<LabEntry> {
  const containers = { suffix: 'o=isp', domain: 'example.com', users: 0, groups: 0, resources: 0 };
  yield* directoryEntries({ ...containers, servicePassword });
  for (let number = 0; number < users; number += 1) yield fillUser(number);
}

/** The unique id that an account is to get. */
export function fillId(number: number): string {
  const hex = (n: number) => ((n * 2654435761) >>> 0).toString(16).padStart(8, '0');
  return `${hex(number)}-${hex(number + 77)}-${hex(number + 9999)}-${String(number).padStart(8, '0')}`;
}

function fillUser(number: number): LabEntry {
  const uid = `u${String(number).padStart(7, '0')}`;
  return {
    dn: fillDn(number),
    attributes: {
      objectClass: [...classes],
      uid: [uid],
      cn: [`User Number ${number}`],
      sn: [`Number${number}`],
      mail: [`${uid}@example.com`],
      inetUserStatus: ['active'],
      nsUniqueId: [fillId(number)],
      icsStatus: ['active'],
      icsCalendar: [uid],
      icsDWPHost: [`cal${number % 4}.example.com`],
    },
  };
}

const classes = [
  ...['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
  ...['inetUser', 'icsCalendarUser', 'davEntity', 'labEntry'],
] as const;

/** Writes an estate whose accounts all stay on CS6 for now. */
export function writeFillEstate(file: string, url: string, bindDn: string): void {
  const lines = [
    'version: 1',
    'name: fill',
    `directory: { url: "${url}", bindDn: "${bindDn}", password: { env: LDAP_PASSWORD }, base: o=isp }`,
    'ssh: { knownHosts: known_hosts }',
    'cs6:',
    '  platform: solaris-sparc',
    '  hosts: { cs6: { address: 127.0.0.1, http: "http://127.0.0.1:8080" } }',
    'cs7:',
    '  hosts: { cs7: { address: 127.0.0.1, http: "http://127.0.0.1:8081" } }',
    '  backends: [defaultbackend]',
    '  davadmin: { user: admin, passwordFile: /etc/davadmin.clifile }',
    'domains: { example.com: { cs6: cs6 } }',
    'freeBusyRedirect: cs7',
    'cohorts: { rest: { server: cs6, members: rest } }',
    '',
  ];
  writeFileSync(file, lines.join('\n'));
}
