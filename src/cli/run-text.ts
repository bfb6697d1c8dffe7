import type { ShownRun } from '../app/list-runs.ts';
import { fullDetail, type Provenance } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { printable, printableLine } from '../core/printable.ts';
import type { PageSection } from '../core/report.ts';
import type { ChangeResult, StepResult } from '../core/run.ts';
import { count } from '../core/units.ts';
import { duration } from '../report/html/elements.ts';
import { type Cell, flow, prose, renderPage, type Style } from '../report/text/layout.ts';
import { shownActor, shownCommit } from '../report/view/report-facts.ts';
import { endedWell, resultWords, runStatesText } from '../report/view/run-results.ts';
import { actionMarks, renderValues } from '../report/view/words.ts';
import { outcomeOf } from './runs-table.ts';

type Run = NonNullable<ShownRun['run']>;

/** A run with its facts, its changes and what became of each, as text. */
export function runPage(run: Run, work: ShownRun['work'], style: Style, verbose: boolean): string {
  const plan = work && 'plan' in work ? work.plan : undefined;
  return textOf([...head(run, plan, style), '', ...workLines(work, style, verbose), ...openLines(run, style)]);
}

/** A run with its facts, and the writes of it whose outcome is not known, as text. */
export function openPage(run: Run, style: Style): string {
  return textOf([...head(run, undefined, style), ...openLines(run, style)]);
}

function textOf(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

function head(run: Run, plan: Plan | undefined, style: Style): readonly string[] {
  const { text, tone } = outcomeOf(run);
  const title = flow(
    [
      { text: `run ${printableLine(run.name)}`, paint: style.strong },
      { text, paint: style[tone] },
    ],
    style,
  );
  const [, ...facts] = renderPage({ title: '', sections: factsOf(run, plan) }, style);
  return [...title, ...facts];
}

function factsOf({ began, ended, finished, head: line, places, writes }: Run, plan: Plan | undefined) {
  const all: readonly (readonly [string, readonly (string | undefined)[]])[] = [
    ['began', [timeText(began)]],
    [finished ? 'ended' : 'last line', [ended && `${timeText(ended)}${spanText(began, ended)}`]],
    ['by', [line && shownActor(line)?.name, line && shownActor(line)?.link]],
    ['commit', line ? commitTexts(line) : []],
    ['plan', [line?.plan.slice(0, 8), makerText(line, plan), line && `version ${line.tool}`]],
    ['signed by', [line?.signers?.join(', ')]],
    ['allowed', Object.entries(line?.allowed ?? {}).map(([option, number]) => `--allow-${option} ${number}`)],
    ['outside window', [line?.outsideWindow?.join(', ')]],
    ['undoes', line?.undoes ?? []],
    ['only', [line?.only?.join(', ')]],
    ['except', [line?.except?.join(', ')]],
    ['origin', [line?.origin?.join(', ')]],
    ['directory', [line?.directory]],
    ['writes', [writes.toLocaleString('en-US')]],
    ['recorded in', places],
    ['exact copy', [line?.copy]],
  ];
  return all.flatMap(([heading, items]): readonly PageSection[] => {
    const said = items.flatMap(item => (item ? [item] : []));
    return said.length === 0 ? [] : [{ heading, items: said.map(printableLine) }];
  });
}

function timeText(at: string): string {
  return at.replace(/\.\d+Z$/, 'Z');
}

function spanText(began: string, ended: string): string {
  const span = duration(began, ended);
  return span === '' ? '' : `, after ${span}`;
}

function commitTexts(by: Provenance): readonly (string | undefined)[] {
  const commit = shownCommit(by);
  if (!commit) return [];
  const { id, author, link, pullRequest } = commit;
  const request = pullRequest && [pullRequest.name, pullRequest.link].filter(text => text !== undefined).join('  ');
  return [`${id}${author === undefined ? '' : ` by ${author}`}`, link, request];
}

/** Who made the plan, where that was another person or another commit than those of the run. */
function makerText(run: Provenance | undefined, plan: Plan | undefined): string | undefined {
  if (plan?.actor === undefined || (plan.actor === run?.actor && plan.commit?.id === run.commit?.id)) return undefined;
  const commit = shownCommit(plan);
  return `made by ${plan.actor}${commit ? ` from ${commit.id}` : ''}`;
}

function workLines(work: ShownRun['work'], style: Style, verbose: boolean): readonly string[] {
  if (!work) return [];
  if ('code' in work)
    return prose(`The changes are not known: ${printable(fullDetail(work))}`, style, { paint: style.warn });
  return work.steps.flatMap(step => stepLines(step, style, verbose));
}

/** How many changes of a step are listed. */
const mostChanges = 20;

/** What went wrong comes first. */
function stepLines(step: StepResult, style: Style, verbose: boolean): readonly string[] {
  const { results } = step;
  const most = verbose ? results.length : mostChanges;
  const wrong = firstOf(results, one => !endedWell(one), most);
  const shown = [...wrong, ...firstOf(results, endedWell, most - wrong.length)];
  const more = results.length - shown.length;
  const title = [{ text: printable(step.id), paint: style.strong }, { text: runStatesText({ steps: [step] }) }];
  return [
    ...flow(title, style),
    ...shown.flatMap(result => flow(changeCells(result, style), style, { by: 2, more: 6 })),
    ...(more > 0 ? [`    … and ${more.toLocaleString('en-US')} more; --verbose lists all`] : []),
    ...(step.finding ? prose(printable(fullDetail(step.finding)), style, { by: 4, paint: style.bad }) : []),
  ];
}

function firstOf(
  results: Iterable<ChangeResult>,
  test: (result: ChangeResult) => boolean,
  most: number,
): readonly ChangeResult[] {
  const first: ChangeResult[] = [];
  for (const result of results) {
    if (first.length >= most) break;
    if (test(result)) first.push(result);
  }
  return first;
}

function changeCells({ change, state, detail }: ChangeResult, style: Style): readonly Cell[] {
  const { word, tone } = resultWords[state];
  const paint = tone === 'bad' ? style.bad : tone === 'warn' ? style.warn : style.good;
  const values = change.action === 'restart' ? '' : renderValues(change);
  return [
    { text: actionMarks[change.action] },
    { text: printableLine(change.item) },
    { text: printableLine(change.key) },
    { text: values },
    { text: word, paint },
    { text: printable(detail ?? ''), paint: style.dim, fills: true },
  ];
}

/** Hosts get a record from time to time: of a run that died, they do not have the last part. */
function unknownSteps(known: readonly string[]): string {
  const those = known.length === 0 ? 'no step' : printable(known.join(', '));
  return `The record ends before the run did. Every write is known of ${those}. Whether other steps were made is not known. The next apply looks, and finishes what is left.`;
}

/** How many writes of unknown outcome are named. */
const named = 20;

function openLines({ open, knownSteps }: Run, style: Style): readonly string[] {
  if (knownSteps) return prose(unknownSteps(knownSteps), style);
  if (open.length === 0) return ['No write was left unfinished.'];
  const what = open.slice(0, named).flatMap(line => {
    const about =
      line.operation === 'modify' ? line.dn : line.operation === 'replace' ? line.path : line.words.join(' ');
    return flow(
      [line.step, line.operation, about].map(text => ({ text: printable(text) })),
      style,
      { by: 2 },
    );
  });
  const title = `The outcome of ${count(open.length, 'write')} is not known. The next apply looks, and finishes what is left:`;
  return [...prose(title, style), ...what, ...(open.length > named ? [`  … and ${open.length - named} more`] : [])];
}
