import { writeFileSync } from 'node:fs';
import { benchStore } from './bench-accounts.ts';

/** Writes an estate whose accounts all belong to one store; `usersFilter` narrows down which accounts are its own. */
export function writeBenchEstate(file: string, url: string, bindDn: string, usersFilter?: string): void {
  const accounts = usersFilter === undefined ? [] : [`  accounts: { users: { filter: "${usersFilter}" } }`];
  const lines = [
    'version: 1',
    'name: bench',
    'directory:',
    `  url: ${url}`,
    `  bindDn: ${bindDn}`,
    '  password: { env: LDAP_PASSWORD }',
    '  base: o=isp',
    ...accounts,
    'ssh: { knownHosts: known_hosts }',
    'cs6:',
    '  platform: solaris-sparc',
    '  hosts: { cs6: { address: 127.0.0.1, http: "http://127.0.0.1:8080" } }',
    'cs7:',
    '  hosts: { cs7: { address: 127.0.0.1, http: "http://127.0.0.1:8081" } }',
    `  backends: [${benchStore}]`,
    '  davadmin: { user: admin, passwordFile: /etc/davadmin.clifile }',
    'domains: { example.com: { cs6: cs6 } }',
    'freeBusyRedirect: cs7',
    'cohorts:',
    `  migrated: { server: cs7, store: ${benchStore}, members: rest }`,
    '',
  ];
  writeFileSync(file, lines.join('\n'));
}
