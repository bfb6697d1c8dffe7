import { describe, expect, it } from 'vitest';
import { type DesiredState, hostsOf } from '../../src/core/desired.ts';
import { type Finding, TargetProblem } from '../../src/core/finding.ts';
import type { DirectorySchema } from '../../src/ldap/schema.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';
import { replayPorts } from '../../src/snapshot/replay.ts';
import { madeUpEntries, randomFrom } from '../directories/made-up-accounts.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';
import { installed, planOver, snapshotOf, snapshotText } from './support.ts';

const base = desiredOf({ name: '', live: {}, changes: [] });
const nobody = {
  dn: 'uid=a,o=isp',
  attributes: { objectClass: ['icsCalendarUser'], uid: ['a'], mail: ['a@example.com'] },
};
const entries = [{ dn: 'o=isp', attributes: { objectClass: ['organization'] } }, nobody];

function live(more: Partial<Memory> = {}): ReadPorts {
  const { ports } = memoryPorts({ ...installed(), entries, ...more });
  const directory = ports.directory();
  return { ...ports, directory: () => ({ ...directory, schema: async () => ignoringCase(await directory.schema()) }) };
}

/** The fake's own schema does not say how values compare. */
function ignoringCase(schema: DirectorySchema): DirectorySchema {
  const rules = { equality: 'caseIgnoreMatch', substrings: 'caseIgnoreSubstringsMatch' };
  return { ...schema, matching: new Map([...schema.attributes.keys()].map(name => [name, { name, ...rules }])) };
}

function withHosts(change: { readonly cs6?: object; readonly cs7?: object }): DesiredState {
  return {
    ...base,
    hosts: base.hosts.map(host => ({ ...host, ...change[host.product] })),
  };
}

describe('a snapshot of hosts', () => {
  const source = { file: 'estate.yaml', line: 9 };
  const setting = (key: string, value: string | null) => ({ key, value, because: 'x', source });

  it.each([
    ['another value', { cs6: { settings: [setting('service.http.idletimeout', '77')] } }],
    ['a key that is to be absent', { cs6: { settings: [setting('service.http.idletimeout', null)] } }],
    ['a key that nobody set', { cs6: { settings: [setting('own.new.key', '1')] } }],
    ['one of the places of a file', { cs6: { config: ['/etc/opt/SUNWics5/config/ics.conf'] } }],
    ['another domain', { cs7: { domains: [{ domain: 'old.example.com', url: 'x', because: 'x', source }] } }],
    ['a lower patch', { cs6: { minimumPatch: 60 } }],
    ['no restart', { cs7: { restart: 'never' } }],
  ])('answers a file with %s as the hosts do', async (_, change) => {
    const snapshot = await snapshotOf(base, live());
    const state = withHosts(change);
    expect(await planOver(state, replayPorts(snapshot, state))).toEqual(await planOver(state, live()));
  });

  it("reads what a file may turn on: a restart of CS7 that is nobody's affair", async () => {
    const never = withHosts({ cs7: { restart: 'never' } });
    const snapshot = await snapshotOf(never, live({ running: 10, written: 5 }));
    const plan = await planOver(base, replayPorts(snapshot, base));
    expect(plan).toEqual(await planOver(base, live({ running: 10, written: 5 })));
    expect(plan.steps.map(({ kind }) => kind)).toContain('cs7-service');
  });

  it.each([
    ['another command', { cs6: { platform: 'redhat' } }, 'rpm -q sun-calendar-server'],
    ['another file of options', { cs7: { davadmin: { user: 'admin', passwordFile: '/other' } } }, './davadmin'],
    ['another home', { cs7: { home: ['/opt/other'] } }, '/opt/other/config/'],
    [
      'another user',
      { cs6: { access: { ...hostsOf(base, 'cs6')[0]?.access, user: 'calendar' } } },
      'the file has calendar@',
    ],
  ])('does not guess what a file with %s would find', async (_, change, says) => {
    const state = withHosts(change);
    const { findings, unread } = await planOver(state, replayPorts(await snapshotOf(base, live()), state));
    expect(unread).toHaveLength(1);
    expect(detailsOf(findings)).toContain(says);
  });

  it('tells again what could not be read', async () => {
    const down: Finding = {
      severity: 'error',
      code: 'host.unreachable',
      summary: 'x',
      detail: 'no route',
      target: 'cs6',
    };
    const ports = live();
    const broken: ReadPorts = {
      ...ports,
      host: name =>
        name === 'cs6'
          ? { ...ports.host(name), files: () => Promise.reject(new TargetProblem(down)) }
          : ports.host(name),
    };
    const plan = await planOver(base, replayPorts(await snapshotOf(base, broken), base));
    expect(plan).toEqual(await planOver(base, broken));
    expect([plan.unread, plan.findings]).toEqual([['cs6'], expect.arrayContaining([expect.objectContaining(down)])]);
  });

  it('keeps no content of a file that nobody looked into', async () => {
    const text = await snapshotText(base, live());
    expect(text).toContain('davserver.properties');
    expect(text).not.toContain('canary');
  });
});

describe('a snapshot of a directory', () => {
  it('does not keep what is asked of accounts, but every account', async () => {
    const text = await snapshotText(
      base,
      live({
        entries: madeUpEntries(randomFrom(1), 50).map(({ dn, attributes }) => ({ dn, attributes: copied(attributes) })),
      }),
    );
    const lines = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(lines.filter(({ line }) => line === 'search').length).toBeLessThan(8);
    const accounts = lines.filter(({ line }) => line === 'account').map(({ dn }) => dn);
    const kept = lines.flatMap(({ line, result }) => (line === 'search' ? result.answer : []));
    expect(kept.filter(({ dn }) => accounts.includes(dn))).toEqual([]);
    expect(accounts.length).toBeGreaterThan(40);
    expect(lines.at(-1)).toMatchObject({
      line: 'end',
      accounts: lines.filter(({ line }) => line === 'account').length,
    });
  });

  it('is none where an account is found by what this identity does not see', async () => {
    const users = { base: base.directory.base, filter: '(departmentNumber=7)' };
    const ports = live();
    const hiding: ReadPorts = {
      ...ports,
      directory: () => ({
        server: async () => undefined,
        password: async () => ({}),
        schema: () => ports.directory().schema(),
        search: query =>
          ports.directory().search({ ...query, filter: query.filter.replaceAll('(departmentNumber=7)', '(uid=a)') }),
      }),
    };
    const state = { ...base, directory: { ...base.directory, users } };
    await expect(snapshotText(state, hiding)).rejects.toThrow('It finds uid=a,o=isp');
  });

  it('is none where the directory cannot be read to its end', async () => {
    const ports = live();
    let searches = 0;
    const lost: Finding = { severity: 'error', code: 'directory.connection-lost', summary: 'x', detail: 'gone' };
    const ending: ReadPorts = {
      ...ports,
      directory: () => ({
        server: async () => undefined,
        password: async () => ({}),
        schema: () => ports.directory().schema(),
        async *search(query) {
          searches++;
          yield* ports.directory().search(query);
          if (query.attributes.includes('icscalendar')) throw new TargetProblem(lost);
        },
      }),
    };
    await expect(snapshotText(base, ending)).rejects.toSatisfy(
      (error: unknown) => error instanceof TargetProblem && error.finding.code === lost.code,
    );
    expect(searches).toBeGreaterThan(1);
  });
});

function copied(attributes: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(attributes).map(([name, values]) => [name, [...values]]));
}

function detailsOf(findings: readonly Finding[]): string {
  return findings.map(({ code, detail }) => `${code} ${detail}`).join('\n');
}
