import { count } from '../../core/count.ts';
import type { PlanReport } from '../../core/report.ts';
import type { ChangeResult, ResultState, Run, StepResult } from '../../core/run.ts';
import { renderValues } from '../change-lines.ts';
import { toldFindings } from '../plan-facts.ts';
import { findingCases, toldBeside } from './finding-cases.ts';
import type { Case, Outcome, Suite } from './suite.ts';

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
  const findings = toldFindings(report);
  const targets = [...new Set(run.steps.map(({ target }) => target))];
  return [
    { name: 'estate', cases: [{ name: 'the plan' }, ...findingCases(findings)], ...toldBeside(findings) },
    ...targets.map(target => ({
      name: target,
      cases: [
        ...run.steps.filter(step => step.target === target).flatMap(stepCases),
        ...findingCases(
          run.unread.filter(finding => finding.target === target),
          'error',
        ),
        ...remainingCases(run, target),
      ],
    })),
  ];
}

function stepCases(step: StepResult): readonly Case[] {
  const alike = new Map<string, ChangeResult[]>();
  for (const result of step.results) {
    const { change, state, detail } = result;
    const account = change.group !== undefined || step.target === 'directory';
    const id = JSON.stringify([change.key, change.group, state, detail, account ? '' : change.item]);
    const group = alike.get(id);
    if (group) group.push(result);
    else alike.set(id, [result]);
  }
  return [
    ...[...alike.values()].flatMap(same => resultCase(step, same) ?? []),
    ...findingCases(step.finding ? [step.finding] : []),
  ];
}

function resultCase({ kind }: StepResult, same: readonly ChangeResult[]): Case | undefined {
  const [first] = same;
  if (!first) return undefined;
  const { change, state, detail } = first;
  const whose = change.group === undefined ? '' : ` of cohort ${change.group}`;
  const many = same.length > 1 ? ` (${count(same.length, 'account')}${whose})` : '';
  const name = `${kind} ${change.key}${many}`;
  if (state === 'done' || state === 'unchanged') return { name };
  const values = change.action === 'restart' ? 'restart' : `${change.item}: ${renderValues(change)}`;
  const message = `${state}: ${(detail ?? '').split('\n')[0]}`;
  return { name, outcome: { form: forms[state], type: `apply/${state}`, message, text: `${values}\n${detail ?? ''}` } };
}

function remainingCases({ remaining, interrupted, lost, unread }: Run, target: string): readonly Case[] {
  const name = 'read again: in sync';
  if (interrupted || lost || unread.some(finding => finding.target === target))
    return [{ name, outcome: { form: 'skipped', type: 'apply/not-read', message: 'It was not read again.' } }];
  const left = remaining.filter(one => one.target === target).flatMap(({ changes }) => changes);
  if (left.length === 0) return [{ name }];
  const text = left.map(change => `${change.item} ${change.key}: ${renderValues(change)}`).join('\n');
  return [
    {
      name,
      outcome: { form: 'failure', type: 'apply/remaining', message: `${count(left.length, 'difference')} left`, text },
    },
  ];
}
