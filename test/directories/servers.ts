import type { LabEntry } from '../../src/lab/directory-content.ts';
import type { TestDirectory } from '../estate/directory-server.ts';
import { startDs389 } from '../estate/ds389.ts';
import { startSlapd } from '../estate/slapd.ts';

/** A make of directory server that the tests run against. */
export interface DirectoryServer {
  readonly name: string;
  /** How many made-up estates a test has time for. */
  readonly estates: number;
  /** How many moves. */
  readonly moves: number;
  start(folder: string, entries: Iterable<LabEntry>): Promise<TestDirectory>;
}

/** OpenLDAP, and 389 Directory Server, which descends from the one that Sun's calendar servers were sold with. */
export const directoryServers: readonly DirectoryServer[] = [
  {
    name: 'OpenLDAP',
    estates: 40,
    moves: 10_000,
    start: (folder, entries) => startSlapd(folder, { entries, global: ['include /etc/ldap/schema/dyngroup.schema'] }),
  },
  {
    name: '389 Directory Server',
    estates: 8,
    moves: 2000,
    start: (folder, entries) => startDs389(folder, { entries }),
  },
];
