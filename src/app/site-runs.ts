import { canonicalJson, sha256 } from '../core/canonical.ts';
import { countFacts, movesOf } from '../core/change-list.ts';
import { pick } from '../core/collections.ts';
import { TargetProblem } from '../core/finding.ts';
import type { Plan, Step } from '../core/plan.ts';
import type { RunMoves, SiteRun, SiteRunDetails, SiteRunHead } from '../core/site.ts';
import type { RunRecord } from '../engine/run-record.ts';
import type { RunLine } from '../ports/journal.ts';
import { timeOfRun } from './host-records.ts';
import type { KnownRun, RunRecords } from './known-runs.ts';

/** Whether the page of a run can have the name of the run; what has another form is no run of this program, and gets no page. */
export function isRunName(name: string): boolean {
  return /^\d{8}T\d{9}Z-[0-9a-f]{8}$/.test(name);
}

/** A run as the pages show it. A time that no calendar has is left out. */
export function siteRun({ name, began, ended, ahead, head, finished, places }: KnownRun, local: string): SiteRun {
  const { counts, converged, targets = [] } = finished ?? {};
  return {
    name,
    began: timeOf(began) ?? timeOfRun(name) ?? '',
    ...(timeOf(ended) !== undefined && { ended: timeOf(ended) ?? '' }),
    ...(ahead && { ahead }),
    ...(head && { head: headOf(head) }),
    ...(counts && converged !== undefined && { finished: { counts, converged, targets } }),
    places: places.map(place => (place === local ? localPlace : place)),
  };
}

function headOf(head: RunLine): SiteRunHead {
  const { direction = 'forward', undoes = [], signers = [], allowed = {} } = head;
  const facts = pick(head, [
    'plan',
    'tool',
    'changes',
    'accounts',
    'actor',
    'commit',
    'clean',
    'job',
    'only',
    'except',
    'origin',
  ]);
  return { ...facts, direction, undoes, signers, allowed };
}

function timeOf(at: string | undefined): string | undefined {
  return at === undefined || Number.isNaN(Date.parse(at)) ? undefined : at;
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
  const moving = plan.steps.filter(({ changes }) => countFacts(changes, ({ moves }) => moves !== undefined) > 0);
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
