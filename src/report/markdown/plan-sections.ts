import { diffArrays } from 'diff';
import type { Value } from '../../core/change.ts';
import { count } from '../../core/count.ts';
import type { PlanReport } from '../../core/report.ts';
import { countStates, type Run, type StepResult } from '../../core/run.ts';
import { shortName } from '../../ldap/distinguished-name.ts';
import { commonValues, foldAccounts } from '../text/change-lines.ts';
import { renderPosition } from '../text/finding-lines.ts';
import { accountBlocks, isOfHost } from '../view/account-blocks.ts';
import { likeness, originWords, type PlacedChange, placeChanges, renderTrace } from '../view/placed-changes.ts';
import { codeCell, codeSpan, codeTag, oneLine } from './escape.ts';
import type { Section } from './fit.ts';
import { diffBlock, fold, listBlock, namesTag, table } from './sections.ts';

/** A change that several hosts have alike as lines of a diff: where it comes from, what goes and what comes. */
function changeDiff(same: readonly PlacedChange[]): string {
  const [first] = same;
  if (!first) return '';
  const { key, before, after, reason, action } = first.change;
  const from = [
    ...livePlace(same),
    ...askedFor(same),
    ...(first.origin ? [originWords[first.origin]] : []),
    ...(reason === undefined ? [] : [reason]),
  ];
  const head = from.length > 0 ? [`@@ ${oneLine(from.join(', '))} @@`] : [];
  const traces = same.flatMap(({ target, trace }) =>
    trace ? [`  ${oneLine(`${same.length > 1 ? `${target} ` : ''}${renderTrace(trace)}`)}`] : [],
  );
  const lines =
    action === 'restart'
      ? ['! restart']
      : isList(before) || isList(after)
        ? listDiff(key, before ?? [], after ?? [])
        : [
            ...(before === undefined ? [] : [`- ${oneLine(key)} = "${oneLine(before)}"`]),
            ...(after === undefined ? [] : [`+ ${oneLine(key)} = "${oneLine(after)}"`]),
          ];
  return `${[...head, ...lines, ...traces.slice(0, named)].join('\n')}\n`;
}

/** How many places or traces are told of many. */
const named = 3;

/** Told where it is the same line on every host. */
function livePlace(same: readonly PlacedChange[]): readonly string[] {
  const places = new Set(same.map(({ change }) => (change.live ? renderPosition(change.live) : '')));
  const [place] = places;
  return places.size === 1 && place ? [place] : [];
}

function askedFor(same: readonly PlacedChange[]): readonly string[] {
  const places = [...new Set(same.flatMap(({ change }) => (change.source ? [renderPosition(change.source)] : [])))];
  if (places.length === 0) return [];
  return [`asked for by ${places.slice(0, named).join(' ')}${places.length > named ? ' …' : ''}`];
}

function isList(value: Value | undefined): value is readonly string[] {
  return Array.isArray(value);
}

/** A list member by member, so that what is kept is seen, too. */
function listDiff(key: string, before: Value, after: Value): readonly string[] {
  const parts = diffArrays([before].flat(), [after].flat());
  const members = parts.flatMap(({ value, added, removed }) =>
    value.map(member => `${added ? '+' : removed ? '-' : ' '}   ${oneLine(member)}`),
  );
  return [`  ${oneLine(key)}`, ...members];
}

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
