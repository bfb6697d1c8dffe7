import { diffArrays } from 'diff';
import type { Value } from '../../core/change.ts';
import type { Plan } from '../../core/plan.ts';
import { countStates, type Run, type StepResult } from '../../core/run.ts';
import { count } from '../../core/units.ts';
import { shortName } from '../../ldap/distinguished-name.ts';
import type { ChangeSection } from '../view/change-sections.ts';
import {
  type AlikeHosts,
  alikeHosts,
  askingPlaces,
  commonLivePlace,
  type FoldedChange,
  mostTraces,
  renderFoldedValues,
} from '../view/placed-changes.ts';
import { changeNumbersText, countChanges } from '../view/plan-counts.ts';
import type { PlanView } from '../view/plan-view.ts';
import { statesIn } from '../view/run-results.ts';
import { actionMarks, firstNames, originWords, renderPosition, renderTrace } from '../view/words.ts';
import type { Section } from './fit.ts';
import { codeCell, codeSpan, codeTag, diffBlock, fold, listBlock, oneLine, table } from './markup.ts';

/** The changes of a plan in folds: hosts whose changes are the same together, then the sections of accounts. */
export function planSections({ report, placed, sections }: PlanView): readonly Section[] {
  const ofAccounts = sections.filter(({ of }) => of === 'account');
  return [
    ...alikeHosts(placed.filter(({ of }) => of === 'host')).map(hostFold),
    ...ofAccounts.map(accountFold),
    ...ignoredFold(report.plan),
  ];
}

function hostFold({ hosts, changes }: AlikeHosts): Section {
  const { shown, more } = firstNames(hosts);
  const names = `${shown.map(codeTag).join(', ')}${more > 0 ? ` and ${count(more, 'more', 'more')}` : ''}`;
  const each = hosts.length > 1 ? ' each' : '';
  return fold(
    `${names}: ${changeNumbersText(countChanges(changes.map(({ first }) => first.change)))}${each}`,
    diffBlock(changes.map(changeDiff)),
  );
}

/** A change that several hosts have alike as lines of a diff: where it comes from, what goes and what comes. */
function changeDiff(folded: FoldedChange): string {
  const { first, all } = folded;
  const { reason, irreversible } = first.change;
  const live = commonLivePlace(folded);
  const from = [
    ...(live ? [renderPosition(live)] : []),
    ...askedFor(folded),
    ...(first.origin ? [originWords[first.origin]] : []),
    ...(reason === undefined ? [] : [reason]),
    ...(irreversible === undefined ? [] : ['cannot be undone']),
  ];
  const head = from.length > 0 ? [`@@ ${oneLine(from.join(', '))} @@`] : [];
  const traces = all.flatMap(({ target, trace }) =>
    trace ? [`  ${oneLine(`${all.length > 1 ? `${target} ` : ''}${renderTrace(trace)}`)}`] : [],
  );
  return `${[...head, ...valueLines(first.change), ...traces.slice(0, mostTraces)].join('\n')}\n`;
}

function valueLines({ action, key, before, after }: FoldedChange['first']['change']): readonly string[] {
  if (action === 'restart') return ['! restart'];
  if (isList(before) || isList(after)) return listDiff(key, before ?? [], after ?? []);
  return [
    ...(before === undefined ? [] : [`- ${oneLine(key)} = "${oneLine(before)}"`]),
    ...(after === undefined ? [] : [`+ ${oneLine(key)} = "${oneLine(after)}"`]),
  ];
}

/** How many places are named of many. */
const mostPlaces = 3;

function askedFor(folded: FoldedChange): readonly string[] {
  const places = askingPlaces(folded).map(renderPosition);
  if (places.length === 0) return [];
  return [`asked for by ${places.slice(0, mostPlaces).join(' ')}${places.length > mostPlaces ? ' …' : ''}`];
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

function accountFold({ title, changes }: ChangeSection): Section {
  return fold(codeTag(title), listBlock(changes.map(accountLine), 'change'));
}

/** How many of many accounts are named. */
const examples = 5;

function accountLine(folded: FoldedChange): string {
  const { first, all } = folded;
  const { change, origin } = first;
  const names = all.slice(0, examples).map(one => codeSpan(shortName(one.change.item)));
  const parts = [
    codeSpan(`${actionMarks[change.action]} ${change.key}  ${renderFoldedValues(folded)}`),
    count(all.length, 'account'),
    ...(origin ? [originWords[origin]] : []),
    ...(change.reason === undefined ? [] : [codeSpan(change.reason)]),
    ...(change.source ? [codeSpan(renderPosition(change.source))] : []),
    `e.g. ${names.join(', ')}${all.length > examples ? ', …' : ''}`,
    ...all.flatMap(({ trace }) => (trace ? [codeSpan(renderTrace(trace))] : [])).slice(0, mostTraces),
  ];
  return `- ${parts.join(' ')}\n`;
}

function ignoredFold({ ignored }: Plan): readonly Section[] {
  if (ignored.length === 0) return [];
  const lines = ignored.map(
    ({ target, change, until, reason, owner }) =>
      `- ${codeSpan(`${target} ${change.item} ${change.key}`)} until ${codeSpan(until)}: ${codeSpan(reason)} ${codeSpan(owner)}\n`,
  );
  return [fold(`ignored: ${count(lines.length, 'difference')}`, listBlock(lines, 'difference'))];
}

/** What became of each step, as a table; columns without a number are left out. */
export function runTable(run: Run): Section {
  const states = statesIn(countStates(run)).map(({ state }) => state);
  const row = (step: StepResult) => {
    const counts = countStates({ steps: [step] });
    return [codeCell(step.id), ...states.map(state => counts[state].toLocaleString('en-US'))];
  };
  return table(['step', ...states], run.steps.map(row));
}
