import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DirectoryConnection, openDirectory } from '../../src/adapters/ldap/directory-client.ts';
import { type DesiredCohort, hostsOf } from '../../src/core/desired.ts';
import type { Comparison } from '../../src/core/plan.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import type { LabEntry } from '../../src/lab/directory-content.ts';
import { modernName } from '../../src/ldap/distinguished-name.ts';
import { setAside } from '../../src/plan/ignore.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';
import { Secret } from '../../src/ports/secret.ts';
import { cohortFinder } from '../../src/verify/choose-probes.ts';
import { desiredOf } from '../kinds/cases.ts';
import { madeUpEntries, randomFrom } from './made-up-accounts.ts';
import { cohort } from './made-up-cohorts.ts';
import { type DirectoryServer, directoryServers } from './servers.ts';

const base = desiredOf({ name: '', live: {}, changes: [] });

/** One account each: as it is loaded, and as people write its name. */
const accounts: readonly { readonly uid: string; readonly dn: string; readonly written: readonly string[] }[] = [
  {
    uid: 'comma',
    dn: 'cn=Doe\\, John,ou=People,o=isp',
    written: [
      'cn=Doe\\, John,ou=People,o=isp',
      'cn=Doe\\2C John,ou=People,o=isp',
      'CN = doe\\2c  JOHN , OU=people, O=isp',
      'cn="Doe, John";ou=People;o=isp',
      'commonName=Doe\\, John,2.5.4.11=People,2.5.4.10=isp',
    ],
  },
  {
    uid: 'multi',
    dn: 'cn=Ann+uid=multi,ou=People,o=isp',
    written: ['uid=multi+cn=Ann,ou=People,o=isp', 'CN=ann + 0.9.2342.19200300.100.1.1=MULTI, ou=People, o=isp'],
  },
  {
    uid: 'umlaut',
    dn: 'cn=J\u00f6rg \\#1\\+2,ou=People,o=isp',
    written: ['cn=J\\C3\\B6rg #1\\2B2,ou=People,o=isp', 'cn=J\u00f6rg \\231\\+2, ou=People,o=isp'],
  },
];

const cn: Readonly<Record<string, string>> = { comma: 'Doe, John', multi: 'Ann', umlaut: 'J\u00f6rg #1+2' };

function entries(): readonly LabEntry[] {
  const own = accounts.map(({ uid, dn }) => ({
    dn,
    attributes: {
      objectClass: [
        'top',
        'person',
        'organizationalPerson',
        'inetOrgPerson',
        'labEntry',
        'icsCalendarUser',
        'davEntity',
      ],
      uid: [uid],
      cn: [cn[uid] ?? ''],
      sn: [uid],
      mail: [`${uid}@example.com`],
      davUniqueId: [`id-${uid}`],
    },
  }));
  return [...madeUpEntries(randomFrom(5), 3), ...own];
}

describe.each(directoryServers)('an account of $name, however its name is written', server => {
  let folder: string;
  let running: Awaited<ReturnType<DirectoryServer['start']>>;
  let directory: DirectoryConnection;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reconcile-names-'));
    running = await server.start(folder, entries());
    const desired = { ...base.directory, url: running.url, startTls: false, bindDn: running.adminDn };
    directory = openDirectory(desired, async () => new Secret(running.adminPassword));
  });
  afterAll(async () => {
    await directory?.close();
    await running?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  function ports(): ReadPorts {
    const unused = (): never => {
      throw new Error('not for this test');
    };
    return { directory: () => directory, host: unused, records: unused, freeBusy: unused };
  }

  async function compared(cohorts: readonly DesiredCohort[]): Promise<readonly Comparison[]> {
    const targets = targetsOf({ ...base, cohorts }).filter(({ kind }) => kind === 'ldap-cohort');
    return compareAll(targets, ports());
  }

  const moved = (comparisons: readonly Comparison[]) =>
    comparisons.flatMap(({ changes }) => changes.map(({ item }) => item));
  const ownNames = accounts.flatMap(({ uid, written }) => written.map(name => [uid, name] as const));

  it.each(ownNames)('%s is not planned to move while %s is ignored', async (uid, item) => {
    const all = await compared([
      cohort('all', { filter: `(uid=${uid})` }, 'store1', {}),
      cohort('others', 'rest', undefined, {}),
    ]);
    expect(moved(all).filter(name => !/^uid=u\d/.test(name))).toHaveLength(1);
    const entry = { target: 'directory', key: 'davStore', item, until: '2030-01-01', reason: 'x', owner: 'y' };
    const { comparisons, ignored } = setAside(all, [{ ...entry, source: { file: 'e', line: 1 } }], '2029-01-01');
    expect(ignored).toHaveLength(1);
    expect(moved(comparisons).filter(name => !/^uid=u\d/.test(name))).toEqual([]);
  });

  it.each(ownNames)('%s is a member where a list has %s, and nothing is said to be missing', async (uid, written) => {
    const list = cohort('list', { list: [modernName(written)] }, 'store1', {});
    const all = await compared([list, cohort('others', 'rest', undefined, {})]);
    expect(all.flatMap(({ unread }) => unread ?? [])).toEqual([]);
    expect(moved(all).filter(name => !/^uid=u\d/.test(name))).toHaveLength(1);
    expect(all.flatMap(({ findings }) => findings.map(({ code }) => code))).not.toContain('cohort.member-missing');
    const state = { ...base, cohorts: [list, cohort('others', 'rest', undefined, {})] };
    const search = { base: 'o=isp', filter: `(uid=${uid})`, attributes: ['uid'] };
    for await (const entry of directory.search(search))
      expect((await cohortFinder(state, directory)(entry))?.name).toBe('list');
  });

  it('a mail domain that is not mapped is one finding with the number of its accounts', async () => {
    const cs7 = hostsOf(base, 'cs7').map(host => ({
      ...host,
      domains: host.domains.filter(({ domain }) => domain !== 'example.com'),
    }));
    const targets = targetsOf({
      ...base,
      hosts: [...hostsOf(base, 'cs6'), ...cs7],
      cohorts: [cohort('stay', 'rest', undefined, {})],
    });
    const all = await compareAll(
      targets.filter(({ kind }) => kind === 'ldap-cohort'),
      ports(),
    );
    const found = all.flatMap(({ findings }) => findings).filter(({ detail }) => detail.includes('in example.com'));
    expect(found).toHaveLength(1);
    expect(found[0]?.about?.count).toBeGreaterThanOrEqual(accounts.length);
    expect(found[0]?.detail).not.toContain('o=isp');
  });
});
