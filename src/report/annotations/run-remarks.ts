import { count } from '../../core/count.ts';
import type { Severity } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { ChangeResult, ResultState, Run } from '../../core/run.ts';
import { findingRemarks } from './finding-remarks.ts';
import type { Places } from './places.ts';
import type { Remark } from './remark.ts';

type Unfinished = Exclude<ResultState, 'done' | 'unchanged'>;

/** What a change is called that did not end well. */
const titles: Readonly<Record<Unfinished, { readonly level: Severity; readonly title: string }>> = {
  failed: { level: 'error', title: 'A change failed' },
  refused: { level: 'error', title: 'A change was refused: the live value is not the planned one' },
  unknown: { level: 'error', title: 'Whether a change was made is not known' },
  'not-run': { level: 'warning', title: 'A change was not made: what it depends on did not end well' },
  'taken-back': { level: 'warning', title: 'A change was taken back' },
  held: { level: 'warning', title: 'A change that cannot be undone was held back' },
};

/** What an apply left undone as remarks: one for each step, state and explanation. */
export function runRemarks(run: Run, places: Places): readonly Remark[] {
  return [
    ...run.steps.flatMap(step => [
      ...unfinished(step.results).map(([state, same]) => resultRemark(step, state, same, places)),
      ...findingRemarks(step.finding ? [step.finding] : [], places),
    ]),
    ...findingRemarks(run.unread, places),
    ...run.remaining.map(({ target, kind, changes }): Remark => {
      const keys = [...new Set(changes.map(({ key }) => printable(key)))];
      return {
        rule: 'apply/remaining',
        level: 'error',
        title: 'Read again after the last write, something still differs',
        message: `${printable(target)}: ${count(changes.length, 'difference')} left (${keys.join(', ')}).`,
        where: changes[0]?.source ?? places.ofTarget(target),
        target,
        identity: ['remaining', target, kind],
      };
    }),
  ];
}

function unfinished(results: readonly ChangeResult[]): readonly (readonly [Unfinished, readonly ChangeResult[]])[] {
  const groups = new Map<string, readonly [Unfinished, ChangeResult[]]>();
  for (const result of results) {
    const { state, detail } = result;
    if (state === 'done' || state === 'unchanged') continue;
    const id = JSON.stringify([state, detail]);
    const group = groups.get(id);
    if (group) group[1].push(result);
    else groups.set(id, [state, [result]]);
  }
  return [...groups.values()];
}

function resultRemark(
  { id, target }: Run['steps'][number],
  state: Unfinished,
  same: readonly ChangeResult[],
  places: Places,
): Remark {
  const { level, title } = titles[state];
  const [first] = same;
  const named = first
    ? ` (${printable(`${first.change.item} ${first.change.key}`)}${same.length > 1 ? ', …' : ''})`
    : '';
  return {
    rule: `apply/${state}`,
    level,
    title,
    message: printable(`${id}: ${count(same.length, 'change')}${named}\n${first?.detail ?? ''}`).trimEnd(),
    where: first?.change.source ?? places.ofTarget(target),
    target,
    identity: ['apply', state, id],
  };
}
