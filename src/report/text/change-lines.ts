import type { Change } from '../../core/change.ts';
import type { SourcePosition } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { count } from '../../core/units.ts';
import { shortName } from '../../ldap/distinguished-name.ts';
import type { ChangeSection } from '../view/change-sections.ts';
import type { PlacedChange } from '../view/placed-changes.ts';
import { commonLivePlace, type FoldedChange, mostTraces, renderFoldedValues } from '../view/placed-changes.ts';
import { actionMarks, firstNames, originWords, renderTrace, renderValues, textWidth } from '../view/words.ts';
import { type Cell, flow, prose, type Style } from './layout.ts';

/** The changes of a section: those of hosts in columns, those of accounts with a count and examples, unless `verbose`. */
export function renderChanges({ of, changes }: ChangeSection, style: Style, verbose: boolean): readonly string[] {
  return of === 'host' ? hostLines(changes, style) : changes.flatMap(one => accountLines(one, style, verbose));
}

function hostLines(changes: readonly FoldedChange[], style: Style): readonly string[] {
  const rows = changes.map(one => hostRow(one, style));
  const [targets, key, values] = columnsOf(rows, style);
  return rows.flatMap(row => [
    ...flow(
      [
        { text: row.mark, paint: row.paint },
        { text: padded(row.targets, targets) },
        { text: padded(row.key, key) },
        { text: padded(row.values, values) },
        ...row.tail,
      ],
      style,
      { by: 2, more: 6, gap: ' ' },
    ),
    ...row.traces,
  ]);
}

/** How wide the columns of a section are. Where a row would not fit in them, only the names of the targets are one. */
function columnsOf(rows: readonly Row[], { width }: Style): readonly [number, number, number] {
  const widest = (cell: (row: Row) => string, most: number) =>
    Math.min(most, Math.max(...rows.map(row => textWidth(cell(row))))) + 1;
  const [targets, key, values] = [
    widest(row => row.targets, 60),
    widest(row => row.key, 44),
    widest(row => row.values, 36),
  ];
  const tail = Math.max(...rows.map(row => row.tail.reduce((sum, { text }) => sum + textWidth(text) + 1, 0)));
  if (4 + targets + key + values + tail <= width) return [targets, key, values];
  return [widest(row => row.targets, Math.floor(width / 3)), 0, 0];
}

/** With a blank more than between other cells, at the end of which the next column begins. */
function padded(text: string, width: number): string {
  return `${text} `.padEnd(text.length + width - textWidth(text));
}

interface Row {
  readonly mark: string;
  readonly paint: (text: string) => string;
  readonly targets: string;
  readonly key: string;
  readonly values: string;
  readonly tail: readonly Cell[];
  readonly traces: readonly string[];
}

function hostRow(folded: FoldedChange, style: Style): Row {
  const { first, all } = folded;
  const { change } = first;
  const restart = change.action === 'restart';
  const places = [commonLivePlace(folded), change.source].flatMap(place => (place ? [place] : []));
  return {
    ...markOf(change.action, style),
    targets: hostList(all.map(({ target }) => printable(target))),
    key: restart ? 'restart' : printable(change.key),
    values: restart ? (all.length > 1 ? 'one by one' : '') : renderFoldedValues(folded),
    tail: [...whyCells(first, style), ...places.map(place => placeCell(place, style))],
    traces: traceLines(all, ({ target }) => target, style),
  };
}

function hostList(names: readonly string[]): string {
  const { shown, more } = firstNames(names);
  return `${shown.join(', ')}${more > 0 ? ` and ${count(more, 'more', 'more')}` : ''}`;
}

/** Where a change comes from, and the reason that is given for it. */
function whyCells({ origin, change: { reason } }: PlacedChange, style: Style): readonly Cell[] {
  return [
    ...(origin ? [{ text: `${originWords[origin]} `, paint: origin === 'drift' ? style.warn : style.dim }] : []),
    ...(reason === undefined ? [] : [{ text: `(${printable(reason)}) `, paint: style.dim }]),
  ];
}

function placeCell({ file, line }: SourcePosition, style: Style): Cell {
  return { text: printable(`${file.split('/').at(-1)}:${line} `), paint: style.dim };
}

function markOf(action: Change['action'], style: Style): Pick<Row, 'mark' | 'paint'> {
  const paint = action === 'create' ? style.good : action === 'delete' ? style.bad : style.warn;
  return { mark: actionMarks[action], paint };
}

function traceLines(
  same: readonly PlacedChange[],
  name: (placed: PlacedChange) => string,
  style: Style,
): readonly string[] {
  const traced = same.filter(({ trace }) => trace);
  const shown = traced.slice(0, mostTraces).flatMap(placed => {
    const whose = same.length > 1 ? `${printable(name(placed))} ` : '';
    if (!placed.trace) return [];
    return prose(`${whose}${renderTrace(placed.trace)}`, style, { by: 6, paint: style.dim });
  });
  const rest = traced.length - shown.length;
  return rest > 0 ? [...shown, style.dim(`      … and ${count(rest, 'more', 'more')}`)] : shown;
}

/** How many entries a folded line names. */
const examples = 3;

function accountLines(folded: FoldedChange, style: Style, verbose: boolean): readonly string[] {
  const { first, all, n } = folded;
  const { action, key, source } = first.change;
  const { mark, paint } = markOf(action, style);
  const head = [
    { text: mark, paint },
    ...[printable(key), renderFoldedValues(folded), count(n, 'account')].map(text => ({ text: `${text} ` })),
    ...whyCells(first, style),
    ...(source ? [placeCell(source, style)] : []),
  ];
  const traces = traceLines(all, ({ change }) => shortName(change.item), style);
  const lines = flow(head, style, { by: 2, more: 6, gap: ' ' });
  if (verbose) {
    const each = all.flatMap(({ change, comparing }) =>
      flow([{ text: printable(change.item) }, { text: renderValues(change, comparing) }], style, { by: 6 }),
    );
    const more = n - all.length;
    const rest = more > 0 ? [style.dim(`      … and ${count(more, 'more', 'more')}`)] : [];
    return [...lines, ...each, ...rest, ...traces];
  }
  const names = all.slice(0, examples).map(({ change }) => printable(shortName(change.item)));
  const named = `e.g. ${names.join(', ')}${n > examples ? ', …' : ''}`;
  return [...lines, ...prose(named, style, { by: 6, more: 11, paint: style.dim }), ...traces];
}
