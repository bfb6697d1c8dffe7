import type { LabEntry } from '../../src/lab/directory-content.ts';
import type { TestDirectory } from '../servers/directory-server.ts';
import { startDs389 } from '../servers/ds389.ts';
import { startSlapd } from '../servers/slapd.ts';

/** A make of directory server that the tests run against. */
export interface DirectoryServer {
  readonly name: string;
  /** How many made-up estates a test has time for. */
  readonly estates: number;
  /** How many moves. */
  readonly moves: number;
  /** Entries that only this make understands. */
  readonly peculiar: readonly LabEntry[];
  start(folder: string, entries: Iterable<LabEntry>): Promise<TestDirectory>;
}

/** OpenLDAP, and 389 Directory Server, which descends from the one that Sun's calendar servers were sold with. */
export const directoryServers: readonly DirectoryServer[] = [
  {
    name: 'OpenLDAP',
    estates: 25,
    moves: 4000,
    peculiar: [],
    start: (folder, entries) => startSlapd(folder, { entries, global: ['include /etc/ldap/schema/dyngroup.schema'] }),
  },
  {
    name: '389 Directory Server',
    estates: 8,
    moves: 2000,
    peculiar: classesOfService(),
    start: (folder, entries) =>
      startDs389(folder, { entries, indexes: { davStore: ['eq', 'pres'], departmentNumber: ['eq'] } }),
  },
];

/**
 * Values that the server makes up: a store for the accounts of one folder and a department for those of another, where
 * they have none of their own. Both attributes are indexed, and an index does not know such values.
 */
function classesOfService(): readonly LabEntry[] {
  return [
    ...service('stores', 'ou=Sales\\, EMEA,o=isp', { davStore: ['store1'] }),
    ...service('departments', 'ou=Staff,ou=People,o=isp', { departmentNumber: ['d1'] }),
  ];
}

function service(
  name: string,
  folder: string,
  values: Readonly<Record<string, readonly string[]>>,
): readonly LabEntry[] {
  const template = `cn=${name} template,o=isp`;
  return [
    {
      dn: template,
      attributes: {
        objectClass: ['top', 'ldapSubEntry', 'extensibleObject', 'cosTemplate'],
        cn: [`${name} template`],
        ...values,
      },
    },
    {
      dn: `cn=${name},${folder}`,
      attributes: {
        objectClass: ['top', 'ldapSubEntry', 'cosSuperDefinition', 'cosPointerDefinition'],
        cn: [name],
        cosTemplateDn: [template],
        cosAttribute: Object.keys(values),
      },
    },
  ];
}
