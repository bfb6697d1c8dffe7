import type { Change } from '../../core/change.ts';
import type { SourcePosition } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { count } from '../../core/units.ts';
import { shortName } from '../../ldap/distinguished-name.ts';
import type { ChangeSection } from '../view/change-sections.ts';
import type { PlacedChange } from '../view/placed-changes.ts';
import { commonLivePlace, type FoldedChange, mostTraces, renderFoldedValues } from '../view/placed-changes.ts';
import { actionMarks, firstNames, originWords, renderTrace, renderValues } from '../view/words.ts';
import type { Style } from './layout.ts';

/** The changes of a section: those of hosts in columns, those of accounts with a count and examples, unless `verbose`. */
export function renderChanges({ of, changes }: ChangeSection, style: Style, verbose: boolean): readonly string[] {
  return of === 'host' ? hostLines(changes, style) : changes.flatMap(one => accountLines(one, style, verbose));
}

function hostLines(changes: readonly FoldedChange[], style: Style): readonly string[] {
  const rows = changes.map(one => hostRow(one, style));
  const widthOf = (cell: (row: Row) => string, most: number) =>
    Math.min(most, Math.max(...rows.map(row => cell(row).length)));
  const targets = widthOf(row => row.targets, 60);
  const key = widthOf(row => row.key, 44);
  const values = widthOf(row => row.values, 36);
  return rows.flatMap(row => [
    `  ${row.mark} ${row.targets.padEnd(targets)}  ${row.key.padEnd(key)}  ${row.values.padEnd(values)}${row.tail}`.trimEnd(),
    ...row.traces,
  ]);
}

interface Row {
  readonly mark: string;
  readonly targets: string;
  readonly key: string;
  readonly values: string;
  readonly tail: string;
  readonly traces: readonly string[];
}

function hostRow(folded: FoldedChange, style: Style): Row {
  const { first, all } = folded;
  const { change } = first;
  const restart = change.action === 'restart';
  const places = [commonLivePlace(folded), change.source].flatMap(place => (place ? [place] : []));
  return {
    mark: paintMark(change.action, style),
    targets: hostList(all.map(({ target }) => printable(target))),
    key: restart ? 'restart' : printable(change.key),
    values: restart ? (all.length > 1 ? 'one by one' : '') : renderValues(change),
    tail: `${originText(first, style)}${reasonText(change, style)}${places.map(place => style.dim(`  ${shortPlace(place)}`)).join('')}`,
    traces: traceLines(all, ({ target }) => target, style),
  };
}

function hostList(names: readonly string[]): string {
  const { shown, more } = firstNames(names);
  return `${shown.join(', ')}${more > 0 ? ` and ${count(more, 'more', 'more')}` : ''}`;
}

function originText({ origin }: PlacedChange, style: Style): string {
  if (!origin) return '';
  return `  ${(origin === 'drift' ? style.warn : style.dim)(originWords[origin])}`;
}

function reasonText({ reason }: Change, style: Style): string {
  return reason === undefined ? '' : style.dim(`  (${printable(reason)})`);
}

function shortPlace({ file, line }: SourcePosition): string {
  return printable(`${file.split('/').at(-1)}:${line}`);
}

function paintMark(action: Change['action'], style: Style): string {
  const mark = actionMarks[action];
  return action === 'create' ? style.good(mark) : action === 'delete' ? style.bad(mark) : style.warn(mark);
}

function traceLines(
  same: readonly PlacedChange[],
  name: (placed: PlacedChange) => string,
  style: Style,
): readonly string[] {
  const traced = same.filter(({ trace }) => trace);
  const shown = traced.slice(0, mostTraces).flatMap(placed => {
    const whose = same.length > 1 ? `${printable(name(placed))} ` : '';
    return placed.trace ? [`      ${style.dim(`${whose}${renderTrace(placed.trace)}`)}`] : [];
  });
  const rest = traced.length - shown.length;
  return rest > 0 ? [...shown, style.dim(`      … and ${count(rest, 'more', 'more')}`)] : shown;
}

/** How many entries a folded line names. */
const examples = 3;

function accountLines(folded: FoldedChange, style: Style, verbose: boolean): readonly string[] {
  const { first, all } = folded;
  const { action, key, source } = first.change;
  const place = source ? style.dim(`  ${shortPlace(source)}`) : '';
  const head = `  ${paintMark(action, style)} ${printable(key)}  ${renderFoldedValues(folded)}  ${count(all.length, 'account')}${originText(first, style)}${reasonText(first.change, style)}${place}`;
  const traces = traceLines(all, ({ change }) => shortName(change.item), style);
  if (verbose)
    return [head, ...all.map(({ change }) => `      ${printable(change.item)}  ${renderValues(change)}`), ...traces];
  const names = all.slice(0, examples).map(({ change }) => printable(shortName(change.item)));
  return [head, style.dim(`      e.g. ${names.join(', ')}${all.length > examples ? ', …' : ''}`), ...traces];
}
