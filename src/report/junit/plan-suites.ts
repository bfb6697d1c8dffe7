import { groupBy } from '../../core/collections.ts';
import type { Declared } from '../../core/declared.ts';
import { type IgnoredChange, isNarrowed, type LeftOut, leftOutBy } from '../../core/plan.ts';
import type { PlanReport } from '../../core/report.ts';
import type { ChangeResult, ResultState, Run, StepResult } from '../../core/run.ts';
import { count } from '../../core/units.ts';
import { changeText } from '../view/annotations.ts';
import { type FoldedChange, foldChanges, type PlacedChange, placeChanges, sidesOf } from '../view/placed-changes.ts';
import { changeNumbersText } from '../view/plan-counts.ts';
import { type FoldedResults, foldResults } from '../view/run-results.ts';
import { openFindings } from '../view/verdict.ts';
import { planFindings } from '../view/view-findings.ts';
import { renderPosition, renderValues } from '../view/words.ts';
import { type Case, findingCases, findingOutput, type Outcome, type Suite } from './suite.ts';

const forms: Readonly<Record<Exclude<ResultState, 'done' | 'unchanged'>, Outcome['form']>> = {
  failed: 'failure',
  refused: 'failure',
  'taken-back': 'failure',
  unknown: 'error',
  'not-run': 'skipped',
  held: 'skipped',
};

/** Suite by suite the targets of an apply: each change is a case, accounts that ended alike are one, and so is the reading afterwards. */
export function runSuites(report: PlanReport, run: Run): readonly Suite[] {
  const findings = planFindings(report);
  const steps = groupBy(run.steps, ({ target }) => target);
  const unread = groupBy(run.unread, ({ target = '' }) => target);
  const remaining = groupBy(run.remaining, ({ target }) => target);
  return [
    { name: 'estate', cases: [{ name: 'the plan' }, ...findingCases(findings)], ...findingOutput(findings) },
    ...[...steps].map(([target, own]) => {
      const left = { ...run, unread: unread.get(target) ?? [], remaining: remaining.get(target) ?? [] };
      return {
        name: target,
        cases: [
          ...own.flatMap(stepCases),
          ...findingCases(left.unread, 'error'),
          ...remainingCases(left, isNarrowed(report.plan)),
        ],
      };
    }),
  ];
}

function stepCases(step: StepResult): readonly Case[] {
  const apart = ({ change }: ChangeResult) => {
    const account = change.group !== undefined || step.target === 'directory';
    return [change.key, change.group, account ? '' : change.item];
  };
  return [
    ...foldResults(step.results, apart).map(folded => resultCase(step, folded)),
    ...findingCases(step.finding ? [step.finding] : []),
  ];
}

function resultCase({ kind }: StepResult, { first, n }: FoldedResults): Case {
  const { change, state, detail } = first;
  const whose = change.group === undefined ? '' : ` of cohort ${change.group}`;
  const many = n > 1 ? ` (${count(n, 'account')}${whose})` : '';
  const name = `${kind} ${change.key}${many}`;
  if (state === 'done' || state === 'unchanged') return { name };
  const values = change.action === 'restart' ? 'restart' : `${change.item}: ${renderValues(change)}`;
  const message = `${state}: ${(detail ?? '').split('\n')[0]}`;
  return { name, outcome: { form: forms[state], type: `apply/${state}`, message, text: `${values}\n${detail ?? ''}` } };
}

/** How many differences of a kind are named that are left. */
const mostLeft = 1000;

/** `unread` and `remaining`: of one target. */
function remainingCases({ remaining, interrupted, lost, unread }: Run, isPart: boolean): readonly Case[] {
  const name = isPart ? 'read again: what was chosen' : 'read again: in sync';
  if (interrupted || lost || unread.length > 0)
    return [{ name, outcome: { form: 'skipped', type: 'apply/not-read', message: 'It was not read again.' } }];
  const n = remaining.reduce((sum, { changes }) => sum + changes.length, 0);
  const left = remaining.flatMap(({ changes }) => [...changes.slice(0, mostLeft)]);
  if (left.length === 0) return [{ name }];
  const text = left.map(change => `${change.item} ${change.key}: ${renderValues(change)}`).join('\n');
  return [
    {
      name,
      outcome: { form: 'failure', type: 'apply/remaining', message: `${count(n, 'difference')} left`, text },
    },
  ];
}

/** A thing that a kind looks after. */
interface Managed extends Declared {
  readonly kind: string;
  /** Whether some of it differs and is left out of the plan, so that what is not among the changes is not known to be as wanted. */
  readonly leftOut: boolean;
}

/** Suite by suite the targets of a plan: each managed thing is a case, and one that differs fails. */
export function planSuites(report: PlanReport): readonly Suite[] {
  const { plan } = report;
  const placed = groupBy(placeChanges(report), ({ target }) => target);
  const findings = planFindings(report);
  const general = findings.filter(({ target }) => target === undefined);
  const about = groupBy(findings, ({ target = '' }) => target);
  const ignored = groupBy(plan.ignored, ({ target }) => target);
  const leftOut = groupBy(plan.leftOut ?? [], ({ target }) => target);
  const unread = new Set(plan.unread);
  const known = lookThrough(report, { ignored, leftOut, unread });
  const targets = [...new Set(['directory', ...sidesOf(plan.desired).keys(), ...placed.keys()])];
  return [
    {
      name: 'estate',
      cases: [{ name: 'the file' }, ...findingCases(general)],
      ...findingOutput(general),
    },
    ...targets.map((target): Suite => {
      const own = about.get(target) ?? [];
      return {
        name: target,
        cases: [
          ...managedCases(known(target), placed.get(target) ?? []),
          ...(ignored.get(target) ?? []).map(ignoredCase),
          ...(leftOut.get(target) ?? []).map(leftOutCase),
          ...findingCases(own, unread.has(target) ? 'error' : 'failure'),
        ],
        ...findingOutput(own),
      };
    }),
  ];
}

/** One case for each managed thing, and one for each change of something else. */
function managedCases(managed: readonly Managed[], placed: readonly PlacedChange[]): readonly Case[] {
  const taken = new Set<PlacedChange>();
  const known = managed.flatMap((one): readonly Case[] => {
    const own = placed.filter(change => isOf(change, one));
    for (const change of own) taken.add(change);
    return own.length === 0
      ? one.leftOut
        ? []
        : [{ name: one.label }]
      : foldChanges(own, 'each').map(folded => changeCase(folded, one.label));
  });
  const others = foldChanges(
    placed.filter(change => !taken.has(change)),
    'each',
  );
  return [...known, ...others.map(folded => changeCase(folded, `${folded.first.kind} ${folded.first.change.key}`))];
}

function isOf({ kind, change }: PlacedChange, managed: Managed): boolean {
  return (
    kind === managed.kind &&
    (managed.key === undefined || change.key === managed.key) &&
    (managed.group === undefined || change.group === managed.group)
  );
}

function changeCase(folded: FoldedChange, name: string): Case {
  const { kind, change } = folded.first;
  const text = changeText(folded);
  const places = [change.source, change.live].flatMap(place => (place ? [renderPosition(place)] : []));
  return {
    name,
    outcome: {
      form: 'failure',
      type: `change/${kind}`,
      message: text.split('\n')[0] ?? '',
      text: [text, ...places].join('\n'),
    },
  };
}

function ignoredCase({ change, until, reason, owner }: IgnoredChange): Case {
  const message = `${renderValues(change)}: left alone until ${until}: ${reason} (${owner})`;
  return { name: `${change.item} ${change.key}`, outcome: { form: 'skipped', type: 'ignored', message } };
}

function leftOutCase({ by, kind, cohort, changes, restarts, unread }: LeftOut): Case {
  const numbers = unread ? 'it could not be read' : changeNumbersText({ changes, restarts });
  const name = `${kind}${cohort === undefined ? '' : ` of cohort ${cohort}`}`;
  return { name, outcome: { form: 'skipped', type: 'left-out', message: `left out by --${by}: ${numbers}` } };
}

/** What is not planned of each target, and the targets that could not be read. */
interface NotPlanned {
  readonly ignored: ReadonlyMap<string, readonly IgnoredChange[]>;
  readonly leftOut: ReadonlyMap<string, readonly LeftOut[]>;
  readonly unread: ReadonlySet<string>;
}

/**
 * Returns what of a target is known to be as it should be unless it is among the changes: nothing where not all was read or is
 * known, or an earlier state is wanted.
 */
function lookThrough(
  { plan, managed = [] }: PlanReport,
  { ignored, leftOut, unread }: NotPlanned,
): (target: string) => readonly Managed[] {
  const open = new Set(openFindings(plan).map(({ target }) => target));
  const byTarget = groupBy(managed, ({ target }) => target);
  return target => {
    if (open.has(target) || unread.has(target) || plan.direction === 'undo') return [];
    const left = (kind: string, group: string | undefined) =>
      leftOut
        .get(target)
        ?.some(
          one => one.kind === kind && (one.cohort === undefined || group === undefined || one.cohort === group),
        ) === true;
    const keys = new Set(ignored.get(target)?.map(({ change }) => change.key));
    return (byTarget.get(target) ?? [])
      .flatMap(({ kind, declared }) => declared.map(one => ({ kind, ...one, leftOut: left(kind, one.group) })))
      .filter(({ kind, group: cohort }) => leftOutBy(plan, { target, kind, cohort }) === undefined)
      .filter(({ key, unchanged }) => !unchanged && !(key !== undefined && keys.has(key)));
  };
}
