import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DirectoryConnection, openDirectory } from '../../src/adapters/ldap/directory-client.ts';
import type { DesiredState } from '../../src/core/desired.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import { ldapCohort } from '../../src/kinds/ldap-cohort/ldap-cohort.ts';
import { ldapLogin } from '../../src/kinds/ldap-login/ldap-login.ts';
import { ldapUniqueId } from '../../src/kinds/ldap-unique-id/ldap-unique-id.ts';
import type { Item } from '../../src/kinds/managed-kind.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import type { LabEntry } from '../../src/lab/directory-content.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';
import { Secret } from '../../src/ports/secret.ts';
import { desiredOf } from '../kinds/cases.ts';
import { madeUpEntries, randomFrom } from './made-up-accounts.ts';
import { cohort, madeUpCohorts } from './made-up-cohorts.ts';
import { findingLine, readEverything } from './read-everything.ts';
import { type DirectoryServer, directoryServers } from './servers.ts';

const seed = Number(process.env['SURVEY_SEED'] ?? 20_261_122);
const accounts = 400;
const kinds = [ldapUniqueId, ldapCohort, ldapLogin];
/** Stands for a folder of accounts that another server has. */
const away: LabEntry = {
  dn: 'ou=Away,ou=People,o=isp',
  attributes: {
    objectClass: ['referral', 'extensibleObject'],
    ou: ['Away'],
    // Of an entry like this some filter may say that it is an account.
    uid: ['away'],
    ref: ['ldap://elsewhere.example.com/ou=People,o=isp'],
  },
};
const base = desiredOf({ name: '', live: {}, changes: [] });

describe.each(directoryServers)('asking $name only for what deviates', server => {
  const { estates } = server;
  let folder: string;
  let running: Awaited<ReturnType<DirectoryServer['start']>>;
  let directory: DirectoryConnection;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reconcile-survey-'));
    running = await server.start(folder, [...madeUpEntries(randomFrom(seed), accounts), ...server.peculiar, away]);
    const desired = { ...base.directory, url: running.url, startTls: false, bindDn: running.adminDn };
    directory = openDirectory(desired, async () => new Secret(running.adminPassword));
  });
  afterAll(async () => {
    await directory?.close();
    await running?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`finds what a reading of everybody finds, for ${estates} made-up estates (seed ${seed})`, async () => {
    const random = randomFrom(seed + 1);
    let differences = 0;
    for (let estate = 0; estate < estates; estate++) {
      const state = { ...base, cohorts: madeUpCohorts(random, accounts) };
      const wanted = await readEverything(state, kinds, directory);
      const found = await survey(state);
      expect(found.toSorted(), JSON.stringify(state.cohorts)).toEqual(wanted.toSorted());
      differences += found.length;
    }
    // Were nothing ever found, the two would agree too.
    expect(differences).toBeGreaterThan(estates * 50);
  });

  it('reads fewer entries than there are accounts', async () => {
    const state = { ...base, cohorts: [cohort('all', 'rest', 'store1', {})] };
    let read = 0;
    const counting: ReadPorts = {
      ...ports(),
      directory: () => ({
        server: () => directory.server(),
        password: () => directory.password(),
        schema: () => directory.schema(),
        async *search(query) {
          for await (const entry of directory.search(query)) {
            read++;
            yield entry;
          }
        },
      }),
    };
    const [target] = targetsOf(state).filter(one => one.kind === 'ldap-login');
    for await (const _ of target?.items(counting) ?? []);
    expect(read).toBeLessThan(20);
  });

  it.each([
    ['an attribute that the schema does not have', '(noSuchAttribute=x)'],
    ['the same inside a negation', '(!(&(departmentNumber=d1)(noSuchAttribute=x)))'],
  ])('refuses a filter with %s', async (_, filter) => {
    const state = {
      ...base,
      cohorts: [cohort('odd', { filter }, 'store1', {}), cohort('others', 'rest', undefined, {})],
    };
    await expect(survey(state)).rejects.toSatisfy(
      (error: unknown) => error instanceof TargetProblem && error.finding.code === 'directory.filter-undefined',
    );
  });

  it('says which cohorts are empty and which names are nobody, and refuses a group that is not there', async () => {
    const known = madeUpEntries(randomFrom(seed), accounts)
      .filter(({ attributes }) => attributes['objectClass']?.includes('icsCalendarUser'))
      .flatMap(({ attributes }) => attributes['uid'] ?? [])
      .slice(0, 3);
    const cohorts = [
      cohort('nobody', { filter: '(departmentNumber=nowhere)' }, 'store1', {}),
      cohort(
        'names',
        { list: [...known, known[0]?.toUpperCase() ?? '', 'nobody', 'uid=gone,ou=People,o=isp', `uid=x,${away.dn}`] },
        'store1',
        {},
      ),
      cohort('others', 'rest', undefined, {}),
    ];
    const found = await survey({ ...base, cohorts }, true);
    expect(found.filter(line => line.startsWith('cohort.empty'))).toHaveLength(1);
    const missing = found.filter(line => line.startsWith('cohort.member-missing'));
    expect(missing).toEqual([
      expect.stringMatching(/ 3 "nobody", "uid=gone,ou=People,o=isp", "uid=x,ou=Away,ou=People,o=isp"$/),
    ]);
    const lost = { ...base, cohorts: [cohort('g', { group: 'cn=none,o=isp' }, 'store1', {}), ...cohorts.slice(-1)] };
    await expect(survey(lost)).rejects.toSatisfy(
      (error: unknown) => error instanceof TargetProblem && error.finding.code === 'cohort.group-unusable',
    );
  });

  it('is whole beside an entry that refers to another server, and says once what it does not look at', async () => {
    const users = { base: base.directory.base, filter: '(uid=*)' };
    const state = { ...base, directory: { ...base.directory, users }, cohorts: [cohort('all', 'rest', undefined, {})] };
    const reading = ports();
    const targets = targetsOf(state).filter(one => kinds.some(({ name }) => name === one.kind));
    const found = (await Promise.all(targets.map(target => target.inspect(reading)))).flat();
    const referrals = found.filter(({ code }) => code === 'directory.referral-entry');
    expect(new Set(referrals.map(findingLine)).size).toBe(1);
    expect(referrals[0]?.about).toEqual({ count: 1, names: [`${away.dn} refers to ${away.attributes['ref']?.[0]}`] });
    expect((await survey(state)).join('\n')).not.toContain(away.dn);
    const elsewhere = { ...state.directory, base: away.dn, users: { ...users, base: away.dn } };
    const [target] = targetsOf({ ...state, directory: elsewhere }).filter(one => one.kind === 'ldap-login');
    await expect(target?.inspect(reading)).rejects.toSatisfy(
      (error: unknown) => error instanceof TargetProblem && error.finding.code === 'directory.referral',
    );
  });

  function ports(): ReadPorts {
    const unused = (): never => {
      throw new Error('not for this test');
    };
    return { directory: () => directory, host: unused, records: unused, freeBusy: unused };
  }

  /** What the kinds say, all served by one reading; about the cohorts themselves only when asked to. */
  async function survey(state: DesiredState, aboutCohorts = false): Promise<readonly string[]> {
    const reading = ports();
    const targets = targetsOf(state).filter(one => kinds.some(({ name }) => name === one.kind));
    const lines = await Promise.all(
      targets.map(async target => {
        const said: string[] = [];
        for await (const item of target.items(reading)) said.push(...linesOf(item));
        return said;
      }),
    );
    const about = /^cohort\.(empty|member-missing)/;
    return lines.flat().filter(line => aboutCohorts || !about.test(line));
  }
});

/** Without why a change is wanted: a kind's own `diff`, with which this is compared, does not say it. */
function linesOf({ changes, findings }: Item): readonly string[] {
  return [...changes.map(({ because: _, ...change }) => JSON.stringify(change)), ...findings.map(findingLine)];
}
