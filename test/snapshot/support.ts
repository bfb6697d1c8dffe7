import { readFileSync } from 'node:fs';
import { countAccounts } from '../../src/accounts/read-accounts.ts';
import type { DesiredState } from '../../src/core/desired.ts';
import type { Plan } from '../../src/core/plan.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { accountsToCount } from '../../src/plan/limits.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';
import { readSnapshot, type Snapshot } from '../../src/snapshot/read.ts';
import { type SnapshotWish, takeSnapshot } from '../../src/snapshot/take.ts';
import type { Memory } from '../fakes/memory-ports.ts';

/** When everything happens in these tests. */
export const takenAt = '2026-11-22T12:00:00.000Z';

export const snapshotSchema: object = JSON.parse(readFileSync('schemas/snapshot.schema.json', 'utf8'));

/** The text of a snapshot. */
export async function snapshotText(
  state: DesiredState,
  ports: ReadPorts,
  more: Partial<SnapshotWish> = {},
): Promise<string> {
  const wish = { state, attributes: [], groups: [], calendars: false, takenAt, tool: 'test', ...more };
  const taking = await takeSnapshot(wish, ports);
  let text = '';
  for await (const some of taking.lines()) text += some;
  return text;
}

/** A snapshot from its text, in pieces that end anywhere. */
export function readText(text: string, piece = 1000): ReturnType<typeof readSnapshot> {
  const bytes = Buffer.from(text);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  }
  return readSnapshot('live.jsonl.gz', pieces(), snapshotSchema);
}

/** A snapshot that was taken and read back. */
export async function snapshotOf(
  state: DesiredState,
  ports: ReadPorts,
  more: Partial<SnapshotWish> = {},
): Promise<Snapshot> {
  const snapshot = await readText(await snapshotText(state, ports, more));
  if ('code' in snapshot) throw new Error(snapshot.detail);
  return snapshot;
}

/** The plan that these ports lead to, as the command line makes it. */
export async function planOver(state: DesiredState, ports: ReadPorts): Promise<Plan> {
  const comparisons = await compareAll(targetsOf(state), ports);
  const unread = comparisons.some(one => one.target === 'directory' && one.unread);
  const accounts = unread
    ? { counted: 0, all: false }
    : await countAccounts(state.directory, ports.directory(), accountsToCount(state, comparisons));
  return buildPlan(state, comparisons, { tool: 'test', readAt: takenAt, accounts });
}

/** Hosts that are installed and do not coexist yet. */
export function installed(): Memory {
  const home = '/opt/sun/comms/davserver/config';
  return {
    files: {
      '/etc/opt/SUNWics5/config/ics.conf': [
        '! A comment',
        'local.autoprovision = "yes"',
        'service.http.idletimeout = "120"',
        '',
      ].join('\n'),
      [`${home}/davserver.properties`]: 'store.password=canary-2\n',
      [`${home}/ischeduledomainmap.properties`]: 'old.example.com=http://old.example.com:8080/ischedule/\n',
      '/opt/glassfish3/glassfish/domains/domain1/config/pid': '900\n',
    },
    options: {
      'davcore.uriinfo.subjectattributes': 'cn davstore icsstatus mail',
      'davcore.scheduling.localuserattr': '',
      'davcore.uriinfo.permanentuniqueid': 'davUniqueId',
    },
    running: 500,
    written: 6000,
    output: {
      'showrev -p': { code: 0, output: 'Patch: 121657-54 Obsoletes:\n' },
      './davadmin version': { code: 0, output: 'Oracle Communications Calendar Server version: 7.0.5\n' },
    },
  };
}
