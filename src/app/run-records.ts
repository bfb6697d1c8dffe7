import { join } from 'node:path';
import type { DesiredState } from '../core/desired.ts';
import { estateFolder } from '../core/estate-folder.ts';
import { TargetProblem } from '../core/finding.ts';
import type { ReadPorts, Variables } from '../ports/ports.ts';
import type { LocalContext } from './context.ts';
import { openHostRecords, timeOfRun } from './host-records.ts';
import type { KnownRun, RunRecords } from './known-runs.ts';
import { openLocalRecords } from './local-records.ts';

/** What says where the records of an estate are. */
export type RecordedEstate = Pick<DesiredState, 'name' | 'records'>;

/** Where the local records of an estate's runs are kept: the named folder, or where a system keeps what programs remember (XDG base directories). */
export function runsFolder(
  named: string | undefined,
  estate: string,
  { variables }: { readonly variables: Variables },
): string {
  if (named !== undefined) return named;
  const home = variables['XDG_STATE_HOME'] || join(variables['HOME'] ?? '.', '.local/state');
  return join(home, 'reconcile', estateFolder(estate));
}

/** Looks for the records of an estate's runs: here, and with `ports` on its hosts, in one trip to each. */
export async function openRunRecords(
  { runs }: { readonly runs?: string | undefined },
  { name, records }: RecordedEstate,
  ports: Pick<ReadPorts, 'records'> | undefined,
  context: Pick<LocalContext, 'files' | 'schemas' | 'variables' | 'clock'>,
): Promise<RunRecords> {
  // Hosts are asked before anything is awaited: then it is one trip with what else is asked in this turn.
  const asked = ports ? records.hosts.map(host => openHostRecords(host, name, ports.records(host), context)) : [];
  const local = openLocalRecords(runsFolder(runs, name, context), context);
  return mergeRecords(await Promise.all([local, ...asked]), context.clock.now());
}

/** Milliseconds that the clocks of two machines may differ. */
const apart = 300_000;

/** Of a run that several have, the longest record counts: one that has its end, or else the one with more parts. */
function mergeRecords(all: readonly RunRecords[], now: string): RunRecords {
  const found = new Map<string, Found[]>();
  for (const records of all)
    for (const run of records.runs) found.set(run.name, [...(found.get(run.name) ?? []), { run, records }]);
  for (const copies of found.values()) copies.sort((a, b) => rank(b.run) - rank(a.run));
  const latest = Date.parse(now) + apart;
  const merged = [...found.values()].map(copies => mergeCopies(copies, latest));
  const copiesOf = (name: string) => (found.get(name) ?? []).map(({ records }) => records);
  return {
    runs: merged.toSorted((a, b) => Number(a.ahead ?? false) - Number(b.ahead ?? false) || (a.name < b.name ? 1 : -1)),
    places: all.flatMap(({ places }) => places),
    record: (name, most) => firstRecord(copiesOf(name), name, most),
    plan: name => firstPlan(copiesOf(name), name),
    desired: name => firstDesired(copiesOf(name), name),
  };
}

interface Found {
  readonly run: KnownRun;
  readonly records: RunRecords;
}

/** The longest record has the greatest; places with the same stay in their order. */
function rank({ finished, whole, length }: KnownRun): number {
  return (finished ? 4_000_000 : 0) + (whole ? 2_000_000 : 0) + Math.min(length, 1_000_000);
}

function mergeCopies(copies: readonly Found[], latest: number): KnownRun {
  const [best] = copies;
  if (!best) throw new Error('a run that nobody knows');
  const ahead = Date.parse(timeOfRun(best.run.name) ?? best.run.began) > latest;
  return { ...best.run, places: copies.flatMap(({ run }) => run.places), ...(ahead && { ahead }) };
}

/** A copy that cannot be read leaves it to the next. */
async function firstRecord(
  copies: readonly RunRecords[],
  name: string,
  most: number | undefined,
): ReturnType<RunRecords['record']> {
  let problem: unknown;
  for (const records of copies) {
    try {
      const record = await records.record(name, most);
      if (record) return record;
    } catch (error) {
      if (!(error instanceof TargetProblem)) throw error;
      problem ??= error;
    }
  }
  if (problem !== undefined) throw problem;
  return undefined;
}

async function firstPlan(copies: readonly RunRecords[], name: string): ReturnType<RunRecords['plan']> {
  const problems: Awaited<ReturnType<RunRecords['plan']>>[] = [];
  for (const records of copies) {
    const plan = await records.plan(name);
    if (!('code' in plan)) return plan;
    problems.push(plan);
  }
  const [problem] = problems;
  if (!problem) throw new Error(`nothing is known of run ${name}`);
  return problem;
}

async function firstDesired(copies: readonly RunRecords[], name: string): ReturnType<RunRecords['desired']> {
  for (const records of copies) {
    const desired = await records.desired(name);
    if (desired) return desired;
  }
  return undefined;
}
