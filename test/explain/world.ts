import { type Ran, reconcile } from '../e2e/cli.ts';
import { type Replaced, unconnected } from '../estate/offline.ts';

/** The one file of the world of these tests. */
export const estate = 'estates/wave-1.yaml';

/** What stands in it. */
export const text = `version: 1
name: example.org
directory:
  url: ldaps://ds1.example.org:636
  bindDn: cn=reconcile,o=isp
  password: { env: LDAP_PASSWORD }
  base: o=isp
  localUser: { attribute: xcs7user, objectClass: xcs7account }
ssh: { knownHosts: known_hosts }
cs6:
  platform: solaris-sparc
  hosts:
    cs6-fe1: { address: cs6fe1.example.org, http: "http://cs6fe1.example.org:80" }
    cs6-fe2:
      address: cs6fe2.example.org
      http: "http://cs6fe2.example.org:80"
      settings: { service.http.idletimeout: "120", csapi.plugin.loadall: ~ }
    cs6-be1: { address: cs6be1.example.org, http: "http://cs6be1.example.org:80" }
cs7:
  hosts:
    cs7-fe1: { address: cs7fe1.example.org, http: "https://cs7fe1.example.org:8181" }
    cs7-fe2: { address: cs7fe2.example.org, http: "https://cs7fe2.example.org:8181" }
  backends: [store1, store2]
  davadmin: { passwordFile: /etc/davadmin.clifile }
domains:
  example.org: { cs6: cs6-fe1 }
  staff.example.org: { cs6: cs6-fe2 }
freeBusyRedirect: cs7-fe2
cohorts:
  pilot: { server: cs7, store: store1, members: { list: [jdoe] } }
  research: { server: cs7, store: store2, members: { base: "ou=Research,o=isp" } }
  others: { server: cs6, members: rest }
ignore:
  - { target: cs6-fe2, key: service.http.idletimeout, until: 2999-01-31, reason: load test, owner: ops@example.org }
`;

/** A world with some files, where a connection is a failure. */
export function only(files: Readonly<Record<string, string>>): Replaced {
  return {
    ...unconnected,
    files: {
      read: async path => {
        const content = files[path];
        if (content === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
        return Buffer.from(content);
      },
    },
  };
}

/** The shipped command line, in a world with one file. */
export function run(...words: readonly string[]): Promise<Ran> {
  return reconcile(words, {}, only({ [estate]: text }));
}

/** The number of the line that has this text. */
export function lineWith(part: string): number {
  return text.split('\n').findIndex(line => line.includes(part)) + 1;
}

/** Wrapped prose as one line. */
export function prose(ran: Ran): string {
  return ran.stdout.replace(/\s+/g, ' ');
}
