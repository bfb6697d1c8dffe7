import { canonicalJson, sha256 } from '../core/canonical.ts';
import { movesOf } from '../core/change.ts';
import type { Commit } from '../core/finding.ts';
import { TargetProblem } from '../core/finding.ts';
import type { Plan, Step } from '../core/plan.ts';
import type { RunMoves, SiteRun, SiteRunDetails, SiteRunHead } from '../core/site.ts';
import type { RunRecord } from '../engine/run-record.ts';
import type { KnownRun, RunRecords } from './known-runs.ts';

/** The form of the name of a run; what has another name is no run of this program, and gets no page. */
const runName = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}$/;

/** Whether the page of a run can have the name of the run. */
export function isRunName(name: string): boolean {
  return runName.test(name);
}

/** A run as the pages show it. Records are from outside: each field is taken only where it has its form. */
export function siteRun({ name, began, ended, ahead, head, finished, places }: KnownRun, local: string): SiteRun {
  return {
    name,
    began: timeOf(began) ?? timeInName(name),
    ...(timeOf(ended) !== undefined && { ended: timeOf(ended) ?? '' }),
    ...(ahead && { ahead }),
    ...(head && { head: headOf({ ...head }) }),
    ...(finished && { finished: finishedOf({ ...finished }) }),
    places: places.map(place => (place === local ? localPlace : place)),
  };
}

/** What the folder of this machine is called on a page: its path may have the name of a person in it. */
export const localPlace = 'this machine';

/** What the page of a run is drawn from changes with this. */
export function runFingerprint(run: SiteRun, { whole, length }: KnownRun): string {
  const { moves: _, ...shown } = run;
  return sha256(canonicalJson([shown, whole, String(length)])).slice(0, 16);
}

/** Bytes of a record that is read to know what became of single accounts. */
const longestRecord = 16_000_000;

/** Reads the plan and the record of a run. What cannot be read is left out, and the page says so. */
export async function runDetails(run: SiteRun, records: RunRecords): Promise<SiteRunDetails> {
  const plan = await records.plan(run.name).catch(whereUnread);
  const record = await records.record(run.name, longestRecord).catch(whereUnread);
  const known = plan && !('code' in plan) ? plan : undefined;
  const moves = known && movesOfRun(known, run, record);
  return { run: moves ? { ...run, moves } : run, ...(known && { plan: known }), open: openWrites(record) };
}

function whereUnread(problem: unknown): undefined {
  if (!(problem instanceof TargetProblem)) throw problem;
}

function openWrites(record: RunRecord | undefined): SiteRunDetails['open'] {
  const steps = new Map<string, number>();
  for (const { step } of record?.open ?? []) steps.set(step, (steps.get(step) ?? 0) + 1);
  return [...steps].map(([step, writes]) => ({ step, writes }));
}

/**
 * How many accounts a run put on the other side. Where all changes of a step were made, those are its moves; else the record
 * names the entries that were written. Nothing where neither says it.
 */
function movesOfRun(plan: Plan, run: SiteRun, record: RunRecord | undefined): RunMoves | undefined {
  const moving = plan.steps.filter(({ changes }) => changes.some(({ moves }) => moves));
  const parts = moving.map(step => movesOfStep(step, run, record));
  return parts.reduce<RunMoves | undefined>(
    (sum, part) =>
      sum && part && { there: sum.there + part.there, back: sum.back + part.back, unsure: sum.unsure + part.unsure },
    { there: 0, back: 0, unsure: 0 },
  );
}

function movesOfStep(step: Step, { finished }: SiteRun, record: RunRecord | undefined): RunMoves | undefined {
  const planned = { there: movesOf([step], 'cs6->cs7'), back: movesOf([step], 'cs7->cs6') };
  const result = finished?.targets.find(({ target, kind }) => target === step.target && kind === step.kind);
  if (result && result.counts['done'] === step.changes.length)
    return { there: planned.there.length, back: planned.back.length, unsure: 0 };
  if (!record) return undefined;
  const made = entriesOf(record.made, step);
  const open = entriesOf(record.open, step);
  const sure = (all: typeof planned.there) => all.filter(({ item }) => made.has(item) && !open.has(item)).length;
  const [there, back] = [sure(planned.there), sure(planned.back)];
  // Of a run without an end it is not known what else was written; what was taken back was written twice.
  const rest = finished ? open.size : planned.there.length + planned.back.length - there - back;
  return { there, back, unsure: rest + (result?.counts['taken-back'] ?? 0) };
}

function entriesOf(writes: RunRecord['made'], { id }: Step): ReadonlySet<string> {
  return new Set(writes.flatMap(write => (write.step === id && write.operation === 'modify' ? [write.dn] : [])));
}

type Fields = Readonly<Record<string, unknown>>;

function headOf(head: Fields): SiteRunHead {
  const { accounts } = head;
  const counted = isFields(accounts) ? accounts : {};
  return {
    ...{ plan: text(head['plan']) ?? '?', tool: text(head['tool']) ?? '?', changes: number(head['changes']) ?? 0 },
    direction: head['direction'] === 'undo' ? 'undo' : 'forward',
    ...{ undoes: texts(head['undoes']), signers: texts(head['signers']), allowed: numbers(head['allowed']) },
    accounts: { counted: number(counted['counted']) ?? 0, all: counted['all'] === true },
    ...optional('actor', text(head['actor'])),
    ...optional('job', text(head['job'])),
    ...optional('commit', commitOf(head['commit'])),
    ...(typeof head['clean'] === 'boolean' && { clean: head['clean'] }),
    ...(Array.isArray(head['only']) && { only: texts(head['only']) }),
    ...(Array.isArray(head['except']) && { except: texts(head['except']) }),
  };
}

function commitOf(value: unknown): Commit | undefined {
  if (!isFields(value)) return undefined;
  const id = text(value['id']);
  const { pullRequest } = value;
  const [name, link] = isFields(pullRequest) ? [text(pullRequest['name']), text(pullRequest['link'])] : [];
  if (id === undefined) return undefined;
  return {
    id,
    ...optional('author', text(value['author'])),
    ...optional('link', text(value['link'])),
    ...(name !== undefined && link !== undefined && { pullRequest: { name, link } }),
  };
}

function finishedOf(finished: Fields): NonNullable<SiteRun['finished']> {
  const targets = Array.isArray(finished['targets']) ? finished['targets'].filter(isFields) : [];
  return {
    counts: numbers(finished['counts']),
    converged: finished['converged'] === true,
    targets: targets.map(one => ({
      ...{ target: text(one['target']) ?? '?', kind: text(one['kind']) ?? '?', counts: numbers(one['counts']) },
    })),
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [k in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [k in K]: V });
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(one => typeof one === 'string') : [];
}

function numbers(value: unknown): Readonly<Record<string, number>> {
  return isFields(value)
    ? Object.fromEntries(Object.entries(value).flatMap(([key, n]) => (typeof n === 'number' ? [[key, n]] : [])))
    : {};
}

function timeOf(at: unknown): string | undefined {
  const iso = typeof at === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(at);
  return iso && !Number.isNaN(Date.parse(at)) ? at : undefined;
}

function timeInName(name: string): string {
  return name.replace(runName, '$1-$2-$3T$4:$5:$6.$7Z').slice(0, 24);
}
