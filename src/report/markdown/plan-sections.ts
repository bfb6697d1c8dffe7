import { diffArrays } from 'diff';
import type { Value } from '../../core/change.ts';
import type { Plan } from '../../core/plan.ts';
import { countStates } from '../../core/result-list.ts';
import type { Run, StepResult } from '../../core/run.ts';
import { count } from '../../core/units.ts';
import { shortName } from '../../ldap/distinguished-name.ts';
import type { ChangeSection } from '../view/change-sections.ts';
import {
  askingPlaces,
  commonLivePlace,
  type FoldedChange,
  mostTraces,
  type PlacedChange,
  renderFoldedValues,
} from '../view/placed-changes.ts';
import { changeNumbersText, countPlaced } from '../view/plan-counts.ts';
import type { PlanView } from '../view/plan-view.ts';
import { statesIn } from '../view/run-results.ts';
import {
  actionMarks,
  type Comparing,
  firstNames,
  memberWords,
  originWords,
  renderPosition,
  renderTrace,
} from '../view/words.ts';
import type { Section } from './fit.ts';
import { codeCell, codeSpan, codeTag, diffBlock, fold, listBlock, oneLine, table } from './markup.ts';

/** The changes of a plan in folds: of each side's hosts, each change once for all hosts that have it, then of accounts. */
export function planSections({ report, sections }: PlanView): readonly Section[] {
  return [
    ...sections.map(section => (section.of === 'host' ? hostFold(section) : accountFold(section))),
    ...ignoredFold(report.plan),
  ];
}

function hostFold({ title, changes, placed }: ChangeSection): Section {
  const numbers = changeNumbersText(countPlaced(placed));
  return fold(`${codeTag(title)}: ${numbers}`, diffBlock(changes.map(changeDiff)));
}

/** How many hosts of a change are named. */
const mostHosts = 12;

/** A change that several hosts have alike as lines of a diff: the hosts, where it comes from, then the values. */
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
  const { shown, more } = firstNames(
    all.map(({ target }) => target),
    mostHosts,
  );
  const hosts = `${shown.join(', ')}${more > 0 ? ` and ${count(more, 'more', 'more')}` : ''}`;
  const head = `@@ ${oneLine([hosts, ...(from.length > 0 ? [from.join(', ')] : [])].join(': '))} @@`;
  const traces = all.flatMap(({ target, trace }) =>
    trace ? [`  ${oneLine(`${all.length > 1 ? `${target} ` : ''}${renderTrace(trace)}`)}`] : [],
  );
  return `${[head, ...valueLines(first), ...traces.slice(0, mostTraces)].join('\n')}\n`;
}

function valueLines({ change, comparing }: PlacedChange): readonly string[] {
  const { action, key, before, after } = change;
  if (action === 'restart') return ['! restart'];
  if (isList(before) || isList(after)) return listDiff(key, before ?? [], after ?? [], comparing);
  const line = (value: Value | undefined) =>
    `${oneLine(key)}${value === undefined ? ' is not set' : ` = "${oneLine([value].flat().join(' '))}"`}`;
  if (comparing === 'drift') return [`+ expected ${line(after)}`, `- found    ${line(before)}`];
  return [...(before === undefined ? [] : [`- ${line(before)}`]), ...(after === undefined ? [] : [`+ ${line(after)}`])];
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
function listDiff(key: string, before: Value, after: Value, comparing: Comparing): readonly string[] {
  const parts = diffArrays([before].flat(), [after].flat());
  const { added: missing, gone, kept } = memberWords[comparing];
  const words = comparing === 'drift' ? [missing, gone, kept].map(word => word.padEnd(gone.length)) : ['', '', ''];
  const members = parts.flatMap(({ value, added, removed }) =>
    value.map(member => {
      const [mark, word] = added ? ['+', words[0]] : removed ? ['-', words[1]] : [' ', words[2]];
      return `${mark}   ${word === '' ? '' : `${word} `}${oneLine(member)}`;
    }),
  );
  return [`  ${oneLine(key)}`, ...members];
}

function accountFold({ title, changes }: ChangeSection): Section {
  return fold(codeTag(title), listBlock(changes.map(accountLine), 'change'));
}

/** How many of many accounts are named. */
const examples = 5;

function accountLine(folded: FoldedChange): string {
  const { first, all, n } = folded;
  const { change, origin } = first;
  const names = all.slice(0, examples).map(one => codeSpan(shortName(one.change.item)));
  const parts = [
    codeSpan(`${actionMarks[change.action]} ${change.key}  ${renderFoldedValues(folded)}`),
    count(n, 'account'),
    ...(origin ? [originWords[origin]] : []),
    ...(change.reason === undefined ? [] : [codeSpan(change.reason)]),
    ...(change.source ? [codeSpan(renderPosition(change.source))] : []),
    `e.g. ${names.join(', ')}${n > examples ? ', …' : ''}`,
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
