import { count } from '../../core/count.ts';
import { shortName } from '../../core/distinguished-name.ts';
import type { PlanReport } from '../../core/report.ts';
import { countStates, type Run, type StepResult } from '../../core/run.ts';
import { accountBlocks, isOfHost } from '../account-blocks.ts';
import { commonValues, foldAccounts } from '../change-lines.ts';
import { renderPosition } from '../findings.ts';
import { likeness, originWords, type PlacedChange, placeChanges, renderTrace } from '../placed-changes.ts';
import { changeDiff } from './change-diff.ts';
import { codeCell, codeSpan, codeTag } from './escape.ts';
import type { Section } from './fit.ts';
import { diffBlock, fold, listBlock, namesTag, table } from './sections.ts';

/** The changes of a plan in folds: hosts whose changes are the same together, then the accounts by cohort. */
export function planSections(report: PlanReport): readonly Section[] {
  const { plan } = report;
  const placed = placeChanges(report);
  return [
    ...hostFolds(placed.filter(isOfHost)),
    ...accountBlocks(plan, placed).map(block => accountFold(block.heading, block.placed)),
    ...ignoredFold(report),
  ];
}

/** Hosts with the same changes are one fold. */
function hostFolds(placed: readonly PlacedChange[]): readonly Section[] {
  const byHost = new Map<string, PlacedChange[]>();
  for (const one of placed) byHost.set(one.target, [...(byHost.get(one.target) ?? []), one]);
  const alike = new Map<string, (readonly PlacedChange[])[]>();
  for (const changes of byHost.values()) {
    const id = changes.map(likeness).join('\n');
    alike.set(id, [...(alike.get(id) ?? []), changes]);
  }
  return [...alike.values()].map(hosts => {
    const [first = []] = hosts;
    const names = namesTag(hosts.flatMap(changes => changes[0]?.target ?? []));
    const pieces = first.map((_, i) => changeDiff(hosts.flatMap(changes => changes[i] ?? [])));
    return fold(`${names}: ${count(first.length, 'change')}${hosts.length > 1 ? ' each' : ''}`, diffBlock(pieces));
  });
}

function accountFold(title: string, placed: readonly PlacedChange[]): Section {
  return fold(codeTag(title), listBlock(foldAccounts(placed).map(accountLine), 'change'));
}

/** How many of many accounts are named. */
const examples = 5;

const marks: Readonly<Record<PlacedChange['change']['action'], string>> = {
  create: '+',
  update: '~',
  delete: '-',
  restart: '*',
};

function accountLine(same: readonly PlacedChange[]): string {
  const [first] = same;
  if (!first) return '';
  const { change, origin } = first;
  const names = same.slice(0, examples).map(one => codeSpan(shortName(one.change.item)));
  const parts = [
    codeSpan(`${marks[change.action]} ${change.key}  ${commonValues(same)}`),
    count(same.length, 'account'),
    ...(origin ? [originWords[origin]] : []),
    ...(change.reason === undefined ? [] : [codeSpan(change.reason)]),
    ...(change.source ? [codeSpan(renderPosition(change.source))] : []),
    `e.g. ${names.join(', ')}${same.length > examples ? ', …' : ''}`,
    ...same.flatMap(({ trace }) => (trace ? [codeSpan(renderTrace(trace))] : [])).slice(0, 3),
  ];
  return `- ${parts.join(' ')}\n`;
}

function ignoredFold({ plan }: PlanReport): readonly Section[] {
  if (plan.ignored.length === 0) return [];
  const lines = plan.ignored.map(
    ({ target, change, until, reason, owner }) =>
      `- ${codeSpan(`${target} ${change.item} ${change.key}`)} until ${codeSpan(until)}: ${codeSpan(reason)} ${codeSpan(owner)}\n`,
  );
  return [fold(`ignored: ${count(lines.length, 'difference')}`, listBlock(lines, 'difference'))];
}

const states: readonly (keyof ReturnType<typeof countStates>)[] = [
  'done',
  'unchanged',
  'failed',
  'refused',
  'unknown',
  'not-run',
  'taken-back',
  'held',
];

/** What became of each step, as a table; columns nobody needs are left out. */
export function runTable(run: Run): Section {
  const all = countStates(run);
  const shown = states.filter(state => all[state] > 0);
  const row = (step: StepResult) => {
    const counts = countStates({ steps: [step] });
    return [codeCell(step.id), ...shown.map(state => counts[state].toLocaleString('en-US'))];
  };
  return table(['step', ...shown], run.steps.map(row));
}
