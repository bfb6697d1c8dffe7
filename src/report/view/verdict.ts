import { deletionsOf } from '../../core/change-list.ts';
import type { Finding } from '../../core/finding.ts';
import { isNarrowed, type Narrowing } from '../../core/plan.ts';
import type { AuditReport, PlanReport } from '../../core/report.ts';
import { countStates } from '../../core/result-list.ts';
import type { Run } from '../../core/run.ts';
import { count } from '../../core/units.ts';
import type { VerifyReport } from '../../core/verification.ts';

/** How something stands: good, to be looked at, bad, or not known. */
export type Tone = 'good' | 'warn' | 'bad' | 'note' | 'unsure';

/** What a report with a plan comes to; the first that fits counts. */
export type PlanVerdict =
  | 'ran'
  | 'nothing-read'
  | 'refused'
  | 'incomplete'
  | 'waiting'
  | 'open'
  | 'part'
  | 'in-sync'
  | 'pending';

/** What a report with a plan comes to. */
export function planVerdict(report: PlanReport): PlanVerdict {
  const { plan } = report;
  if (runOf(report)) return 'ran';
  if (plan.nothingRead) return 'nothing-read';
  if (guardsOf(report) > 0) return 'refused';
  if (plan.unread.length > 0) return 'incomplete';
  if (plan.steps.length > 0) return 'pending';
  if (plan.waiting) return 'waiting';
  if (openFindings(plan).length > 0) return 'open';
  return isNarrowed(plan) ? 'part' : 'in-sync';
}

/** `3 changes and 1 restart are left out`: what a narrowed plan does not do; nothing where nothing else differs. */
export function leftOutText({ leftOut = [] }: Pick<PlanReport['plan'], 'leftOut'>): string {
  const changes = leftOut.reduce((sum, one) => sum + one.changes, 0);
  const restarts = leftOut.reduce((sum, one) => sum + one.restarts, 0);
  const unread = new Set(leftOut.flatMap(one => (one.unread ? [one.target] : []))).size;
  const parts = [
    ...(changes > 0 ? [count(changes, 'change')] : []),
    ...(restarts > 0 ? [count(restarts, 'restart')] : []),
    ...(unread > 0 ? [`${count(unread, 'target')} that could not be read`] : []),
  ];
  const one = changes + restarts + unread === 1;
  return parts.length === 0 ? '' : `${parts.join(' and ')} ${one ? 'is' : 'are'} left out`;
}

/** What is not known to be as wanted, or not proved to be in effect; each says so itself. */
export function openFindings({ findings }: Pick<PlanReport['plan'], 'findings'>): readonly Finding[] {
  return findings.filter(({ open }) => open !== undefined);
}

/** What a run without differences left ends with. It says no more than is known: of a part, and of an undo, which reads nothing again. */
export function readAgainText(plan: Narrowing & Pick<PlanReport['plan'], 'direction'>): string {
  if (plan.direction === 'undo') return 'Nothing was read again after the undo.';
  return isNarrowed(plan) ? 'Read again: no difference left in what was chosen.' : 'Read again: in sync.';
}

/** What an apply did; absent where nothing was begun. */
export function runOf(report: PlanReport): Run | undefined {
  return 'run' in report ? report.run : undefined;
}

/** How many findings keep a plan from being applied, besides targets that could not be read. */
export function guardsOf({ refusals }: PlanReport): number {
  return refusals.filter(({ unread }) => !unread).length;
}

/** `3 changes wait`: what waits for hosts that are away. */
export function waitingText({ plan: { waiting = 0 } }: PlanReport): string {
  return `${count(waiting, 'change')} ${waiting === 1 ? 'waits' : 'wait'}`;
}

/** What a run comes to; the first that fits counts. */
export type RunVerdict = 'lost' | 'interrupted' | 'not-known' | 'unfinished' | 'held' | 'done';

/** What a run comes to. */
export function runVerdict(run: Run): RunVerdict {
  const { failed, refused, unknown, held, 'not-run': notRun, 'taken-back': takenBack } = countStates(run);
  if (run.lost) return 'lost';
  if (run.interrupted) return 'interrupted';
  if (run.unread.length > 0) return 'not-known';
  const stopped = notRun + takenBack > 0 || run.steps.some(({ finding }) => finding);
  if (failed + refused + unknown > 0 || stopped || run.remaining.length > 0) return 'unfinished';
  return held > 0 ? 'held' : 'done';
}

/** How many differences were found when all that was touched was read again. */
export function differencesLeft({ remaining }: Run): number {
  return remaining.reduce((sum, { changes }) => sum + changes.length, 0);
}

/** How many changes that cannot be undone are held back, or would be. */
export function heldChanges(report: PlanReport): number {
  const run = runOf(report);
  return run ? countStates(run).held : deletionsOf(report.plan.steps).length;
}

/** What an audit comes to; the first that fits counts. */
export type AuditVerdict = 'accounts-unread' | 'not-good' | 'incomplete' | 'good';

/** What an audit comes to. */
export function auditVerdict({ accounts, classes, unread }: AuditReport): AuditVerdict {
  if (!accounts) return 'accounts-unread';
  if (classes.some(({ name }) => name !== 'unknown')) return 'not-good';
  return unread.length > 0 ? 'incomplete' : 'good';
}

/** What a verification comes to; the first that fits counts. `partly`: what was asked works, and not everything was asked. */
export type VerifyVerdict = 'fails' | 'nothing-asked' | 'unknown' | 'partly' | 'works';

/** What a verification comes to. */
export function verifyVerdict({ cells, mail, probes, findings }: VerifyReport): VerifyVerdict {
  const all = [...cells, ...mail];
  if (all.some(({ state }) => state === 'fails')) return 'fails';
  if (all.length === 0) return 'nothing-asked';
  if (all.some(({ state }) => state === 'unknown')) return 'unknown';
  const open = cells.length === 0 || probes.length === 0 || findings.some(({ severity }) => severity !== 'note');
  return open ? 'partly' : 'works';
}
