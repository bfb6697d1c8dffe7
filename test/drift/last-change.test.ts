import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/core/canonical.ts';
import type { FileRestore, Plan } from '../../src/core/plan.ts';
import type { Trace } from '../../src/core/report.ts';
import { findTraces } from '../../src/drift/last-change.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { buildPlan } from '../../src/plan/build.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';
import { inSyncMemory } from './world.ts';

/** What is concluded from what a directory and a host tell, and what is not. */
const state = desiredOf({ name: '', live: {}, changes: [] });
const targets = targetsOf(state);

interface Asked {
  readonly ports?: (ports: ReadPorts) => ReadPorts;
  readonly replaced?: readonly FileRestore[];
}

async function tracesOf(memory: Memory, { ports: wrap = same => same, replaced = [] }: Asked = {}) {
  const ports = memoryPorts(memory).ports;
  const comparisons = await compareAll(targets, ports);
  const facts = { tool: '0', readAt: '2026-11-22T00:00:00.000Z', accounts: { counted: 2, all: true } };
  const plan: Plan = buildPlan(state, comparisons, facts);
  return findTraces(plan, { desired: state, targets, ports: wrap(ports), replaced: async () => replaced });
}

describe('an entry', () => {
  const stamps = { modifiersName: ['cn=Directory Manager'], modifyTimestamp: ['20261121211405Z'] };
  const both = { by: 'cn=Directory Manager', at: '2026-11-21T21:14:05.000Z' };

  it.each<[string, Record<string, string[]>, Partial<Trace>]>([
    ['both stamps', stamps, { ...both, from: 'the last change of the entry' }],
    [
      'made, and not changed since',
      { ...stamps, createTimestamp: ['20261121211405Z'] },
      { ...both, from: 'the entry was created then' },
    ],
    ['none', {}, { from: 'this identity cannot see modifiersName and modifyTimestamp of the entry' }],
    [
      'no time',
      { modifiersName: stamps.modifiersName },
      { by: both.by, from: expect.stringContaining('; when is not shown') },
    ],
    [
      'no name',
      { modifyTimestamp: stamps.modifyTimestamp },
      { at: both.at, from: expect.stringContaining('; by whom is not shown') },
    ],
    ['a fraction and a zone', { modifyTimestamp: ['20261121231405.123+0200'] }, { at: both.at }],
    [
      'a time that is none',
      { ...stamps, modifyTimestamp: ['20261399999999Z'] },
      { by: both.by, from: expect.stringContaining('when is not shown') },
    ],
    [
      'our own name',
      { ...stamps, modifiersName: ['CN=reconcile, ou=Services,o=isp'] },
      { from: expect.stringContaining('; that is the bindDn of the estate file') },
    ],
    ['a name to fool a terminal', { ...stamps, modifiersName: ['cn=\u001b[2J\nx'] }, { by: 'cn=\\u001b[2J x' }],
  ])('%s', async (_, attributes, expected) => {
    const memory = inSyncMemory();
    const [entry] = memory.entries ?? [];
    Object.assign(entry?.attributes ?? {}, { davStore: ['x'], ...attributes });
    const { traces } = await tracesOf(memory);
    expect(traces).toEqual([
      expect.objectContaining({ step: 'directory/ldap-cohort', item: 'uid=anna,o=isp', key: 'davStore', ...expected }),
    ]);
  });

  it('that is gone, or a directory that went away, is said so', async () => {
    const memory = inSyncMemory();
    Object.assign(memory.entries?.[0]?.attributes ?? {}, { davStore: ['x'] });
    const empty = (ports: ReadPorts): ReadPorts => ({ ...ports, directory: () => memoryPorts({}).ports.directory() });
    const gone = await tracesOf(memory, { ports: empty });
    expect(gone.traces.map(({ from }) => from)).toEqual(['the entry no longer exists']);
  });

  it('beyond the first thousand is not asked, and counted', async () => {
    const entries = Array.from({ length: 1_003 }, (_, i) => {
      const attributes = {
        objectClass: ['icsCalendarUser', 'davEntity'],
        uid: [`u${i}`],
        mail: [`u${i}@example.com`],
        davUniqueId: [`u${i}`],
        davStore: ['x'],
      };
      return { dn: `uid=u${i},o=isp`, attributes };
    });
    let asked = 0;
    const counting = (ports: ReadPorts): ReadPorts => {
      const directory = ports.directory();
      const search: typeof directory.search = query =>
        query.scope === 'base' ? answer(query.base) : directory.search(query);
      async function* answer(dn: string) {
        asked += 1;
        yield { dn, attributes: new Map<string, readonly string[]>() };
      }
      return { ...ports, directory: () => ({ ...directory, search }) };
    };
    const { traces, notAsked } = await tracesOf({ ...inSyncMemory(), entries }, { ports: counting });
    expect([traces.length, notAsked, asked]).toEqual([1_000, 3, 1_000]);
  });
});

it('a restart that is owed by a file that was put back with its old time: when that was', async () => {
  const { traces } = await tracesOf({ ...inSyncMemory(), running: 3700, written: 90_000, changed: 60 });
  const at = traces.filter(({ step }) => step.endsWith('-service')).map(trace => [trace.step, trace.at]);
  expect(at).toEqual([
    ['cs6/cs6-service', '2026-11-21T23:59:00.000Z'],
    ['cs7/cs7-service', '2026-11-21T23:59:00.000Z'],
  ]);
});

describe('a file', () => {
  const path = Object.keys(inSyncMemory().files ?? {}).find(name => name.endsWith('ics.conf')) ?? '';
  const right = inSyncMemory().files?.[path] ?? '';
  const wrong = right.replace(/local\.autoprovision = "no"/, 'local.autoprovision = "yes"');
  const other = right.replace(/local\.autoprovision = "no"/, 'local.autoprovision = "maybe"');
  // The file of this fake was written 1,000 s before its clock.
  const backupAt = (stamp: string) => `${path}.reconcile-${stamp}`;
  const before = backupAt('20261121T230000Z');
  const modified = '2026-11-21T23:43:20.000Z';

  function memoryWith(backups: Readonly<Record<string, string>>): Memory {
    const memory = inSyncMemory();
    const names = [path, ...Object.keys(backups)].map(name => name.slice(name.lastIndexOf('/') + 1));
    return {
      ...memory,
      files: { ...memory.files, [path]: wrong, ...backups },
      output: { ...memory.output, 'ls -1': { code: 0, output: `${names.join('\n')}\n` } },
    };
  }

  const written = (content: string, backup: string): FileRestore => ({
    path,
    backup,
    original: '',
    written: sha256(content),
  });

  it.each<[string, Readonly<Record<string, string>>, readonly FileRestore[], string]>([
    [
      'changed after the last run',
      { [before]: right },
      [],
      'changed after reconcile last replaced it (2026-11-21T23:00:00Z); before that it had the wanted value',
    ],
    [
      'put back',
      { [before]: wrong },
      [],
      'changed after reconcile last replaced it (2026-11-21T23:00:00Z); before that it was the same as now',
    ],
    ['another value', { [before]: other }, [], 'before that it was something else'],
    [
      'of the very time',
      { [backupAt('20261121T234318Z')]: right },
      [],
      'reconcile replaced it at about that time (2026-11-21T23:43:18Z), so it is not known who changed what',
    ],
    [
      'older than the run',
      { [backupAt('20261122T010000Z')]: right },
      [],
      'older than what reconcile wrote (2026-11-22T01:00:00Z): an earlier file put back, or clocks that differ',
    ],
    [
      'the newest of several',
      { [before]: other, [backupAt('20261121T230500Z')]: other, [backupAt('20261121T230500Z-2')]: right },
      [],
      '(2026-11-21T23:05:00Z); before that it had the wanted value',
    ],
    [
      'names that are no backups',
      { [`${path}.reconcile-x`]: right, [`${path}.orig`]: right },
      [],
      'it has no backup by reconcile next to it',
    ],
    [
      'a record knows better',
      { [backupAt('20261121T234318Z')]: right },
      [written('other', backupAt('20261121T234318Z'))],
      'it is not what reconcile wrote (2026-11-21T23:43:18Z)',
    ],
    [
      'a record that says untouched',
      { [before]: other },
      [written(wrong, before)],
      'it is as reconcile left it, so the wanted state is newer (2026-11-21T23:00:00Z)',
    ],
    [
      'a record of an earlier run',
      { [before]: right },
      [written(wrong, backupAt('20261101T000000Z'))],
      'changed after reconcile last replaced it',
    ],
    ['a record without a backup', {}, [written('other', before)], 'it is not what reconcile wrote'],
  ])('%s', async (_, backups, replaced, from) => {
    const { traces } = await tracesOf(memoryWith(backups), { replaced });
    expect(traces).toEqual([
      {
        step: 'cs6/cs6-ics-conf',
        item: path,
        key: 'local.autoprovision',
        by: 'uid 1001 or root',
        at: modified,
        from: expect.stringContaining(from),
      },
    ]);
  });

  it('in a folder that cannot be listed has its own time only', async () => {
    const memory = { ...inSyncMemory() };
    const { traces } = await tracesOf({ ...memory, files: { ...memory.files, [path]: wrong } });
    expect(traces.map(({ at, from }) => [at, from])).toEqual([
      [modified, expect.stringContaining('because its folder cannot be listed')],
    ]);
  });

  it.each([
    ['1001:1001', '-rw-rw----', 'uid 1001, gid 1001 or root'],
    ['1001:0', '-rw-rw----', 'uid 1001 or root'],
    ['0:0', '-rw-r--r--', 'root'],
    ['1001:1001', '-rw-rw-rw-', 'any user on the host'],
  ])('of %s with %s may have been written by %s', async (owner, mode, by) => {
    const wrap = (ports: ReadPorts): ReadPorts => {
      const host = ports.host('cs6');
      const files: typeof host.files = async places => (await host.files(places)).map(one => ({ ...one, owner, mode }));
      return { ...ports, host: () => ({ ...host, files }) };
    };
    const { traces } = await tracesOf(memoryWith({}), { ports: wrap });
    expect(traces.map(trace => trace.by)).toEqual([by]);
  });
});

it('an option of davadmin has the time of the file where it stands, a restart that of the newest file', async () => {
  const memory = inSyncMemory();
  const options = { ...memory.options, 'davcore.scheduling.localuserattr': 'elsewhere' };
  const { traces } = await tracesOf({ ...memory, options });
  expect(traces).toEqual([
    expect.objectContaining({
      step: 'cs7/cs7-davadmin',
      by: 'uid 1001 or root',
      from: expect.stringContaining('where davadmin keeps all options'),
    }),
  ]);
  const restart = await tracesOf({ ...memory, written: 10 });
  expect(restart.traces.map(({ step, from }) => [step, from.slice(0, 12)])).toEqual([
    ['cs6/cs6-service', 'the time of '],
    ['cs7/cs7-service', 'the time of '],
  ]);
  expect((await tracesOf({ ...memory, running: undefined } as unknown as Memory)).traces).toEqual([]);
});
