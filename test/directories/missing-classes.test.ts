import { describe, expect, it } from 'vitest';
import type { DesiredDirectory, DesiredState } from '../../src/core/desired.ts';
import type { Finding } from '../../src/core/finding.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import { findPeople } from '../../src/import/directory-facts.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { directoryEntries, type LabEntry } from '../../src/lab/directory-content.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';
import { connectionForTest, directoryForTest, makes } from '../adapters/ldap/support.ts';
import { desiredOf } from '../kinds/cases.ts';

/* Sites whose schema has no icsCalendarGroup (2005Q4: "reserved, not implemented"), or another class for the unique id. */

const chapter = desiredOf({ name: '', live: {}, changes: [] });
const renamed = { icsCalendarGroup: 'siteGroup', davEntity: 'siteEntity' } as const;
const size = {
  suffix: 'o=isp',
  domain: 'example.com',
  users: 9,
  groups: 3,
  resources: 2,
  servicePassword: 'reconcile-lab',
};

function* siteEntries(): Iterable<LabEntry> {
  for (const { dn, attributes } of directoryEntries(size)) {
    const classes = attributes['objectClass']?.map(
      name => Object.entries(renamed).find(([from]) => from === name)?.[1] ?? name,
    );
    yield { dn, attributes: { ...attributes, ...(classes && { objectClass: classes }) } };
  }
}

describe.each(makes)('a schema of %s without some classes', make => {
  async function readWith(
    directory: DesiredDirectory,
  ): Promise<{ findings: readonly Finding[]; accounts: readonly string[] }> {
    const server = await directoryForTest(make, {
      entries: siteEntries(),
      slapd: { renamedClasses: renamed },
      ds389: { renamedClasses: renamed },
    });
    const connection = connectionForTest(server);
    const state: DesiredState = { ...chapter, directory };
    const unused = (): never => {
      throw new Error('not for this test');
    };
    const ports: ReadPorts = { directory: () => connection, host: unused, records: unused, freeBusy: unused };
    const accounts = new Set<string>();
    const targets = targetsOf(state).filter(({ target, kind }) => target === 'directory' && kind !== 'cs6-calendar');
    const findings = await Promise.all(
      targets.map(async target => {
        for await (const { changes: found } of target.items(ports)) for (const { item } of found) accounts.add(item);
        return target.inspect(ports);
      }),
    );
    return { findings: findings.flat(), accounts: [...accounts] };
  }

  it('costs what these classes would say and nothing else, and tells how to state it', async () => {
    const { findings, accounts } = await readWith(chapter.directory);
    const details = new Map(findings.map(({ code, detail }) => [`${code} ${detail}`, detail]));
    const text = [...details.keys()].join('\n');
    expect(text).toContain('directory.class-missing directory.accounts.groups: (objectClass=icsCalendarGroup)\n');
    expect(text).toContain('\n    directory.accounts.groups: none');
    expect(text).toContain('directory.schema-missing The schema of the directory has no object class davEntity.\n');
    expect(text).toContain('\n    directory.uniqueId.objectClass: siteentity');
    expect(text).toContain('\n    directory.localUser.objectClass: siteentity');
    expect(accounts.filter(dn => dn.startsWith('uid=')).length).toBeGreaterThan(5);
    expect(accounts.filter(dn => dn.includes('ou=Groups'))).toEqual([]);
  });

  it('is in order once the class is stated that allows the attributes', async () => {
    const { uniqueId, localUser, base } = chapter.directory;
    const { findings, accounts } = await readWith({
      ...chapter.directory,
      uniqueId: { ...uniqueId, objectClass: 'siteentity' },
      localUser: { ...localUser, objectClass: 'siteentity' },
      groups: { base, filter: '(objectClass=siteGroup)' },
    });
    expect(findings.filter(({ code }) => code.startsWith('directory.') && !code.endsWith('-checked'))).toEqual([]);
    expect(accounts.filter(dn => dn.includes('ou=Groups'))).not.toEqual([]);
  });

  it('is imported with the class that allows the attributes, and without groups', async () => {
    const server = await directoryForTest(make, {
      entries: siteEntries(),
      slapd: { renamedClasses: renamed },
      ds389: { renamedClasses: renamed },
    });
    const facts = await findPeople(chapter, connectionForTest(server), { hosts: [], stated: [], day: '2026-11-30' });
    expect(facts.choices).toEqual([]);
    const found = Object.fromEntries(facts.found.map(({ path, value }) => [path.join('.'), value]));
    expect(found).toMatchObject({
      'directory.base': 'o=isp',
      'directory.accounts.groups': 'none',
      'directory.uniqueId.objectClass': 'siteentity',
      'directory.localUser.objectClass': 'siteentity',
      'cohorts.others': { server: 'cs6', members: 'rest' },
    });
    expect(facts.accounts).toBe(size.users + size.resources);
  });

  it('says nothing of groups once it is stated that there are none', async () => {
    const { directory } = chapter;
    const { groups: _, ...others } = directory;
    const { findings, accounts } = await readWith(others);
    expect(findings.filter(({ code }) => code === 'directory.class-missing')).toEqual([]);
    expect(accounts.length).toBeGreaterThan(5);
  });

  it('refuses a filter that takes the opposite of one, on either server', async () => {
    const { base } = chapter.directory;
    const filter = '(&(objectClass=icsCalendarUser)(!(objectClass=icsCalendarGroup)))';
    await expect(readWith({ ...chapter.directory, users: { base, filter } })).rejects.toSatisfy(
      (error: unknown) => error instanceof TargetProblem && error.finding.code === 'directory.filter-undefined',
    );
  });
});
