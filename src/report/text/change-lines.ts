import type { Change, Value } from '../../core/change.ts';
import { count } from '../../core/count.ts';
import type { SourcePosition } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { shortName } from '../../ldap/distinguished-name.ts';
import { originWords, type PlacedChange, renderTrace } from '../view/placed-changes.ts';
import type { Style } from './style.ts';

const marks: Readonly<Record<Change['action'], string>> = { create: '+', update: '~', delete: '-', restart: '*' };

/** Changes of hosts, in columns; equal ones are folded over the hosts, unless `verbose`. */
export function renderHostChanges(placed: readonly PlacedChange[], style: Style, verbose: boolean): readonly string[] {
  const rows = fold(placed, verbose).map(same => hostRow(same, style));
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

function fold(placed: readonly PlacedChange[], verbose: boolean): readonly (readonly PlacedChange[])[] {
  const groups = new Map<string, PlacedChange[]>();
  for (const p of placed) {
    const { action, key, before, after, reason } = p.change;
    const id = JSON.stringify([action, key, before, after, reason, p.origin, verbose ? p.target : '']);
    groups.set(id, [...(groups.get(id) ?? []), p]);
  }
  return [...groups.values()];
}

function hostRow(same: readonly PlacedChange[], style: Style): Row {
  const change = same[0]?.change ?? { action: 'update', item: '', key: '' };
  const restart = change.action === 'restart';
  const places = [sameLine(same), change.source].flatMap(place => (place ? [place] : []));
  const reason = change.reason === undefined ? '' : style.dim(`  (${printable(change.reason)})`);
  return {
    mark: paintMark(change.action, style),
    targets: hostList(same.map(p => printable(p.target))),
    key: restart ? 'restart' : printable(change.key),
    values: restart ? (same.length > 1 ? 'one by one' : '') : renderValues(change),
    tail: `${originText(same[0], style)}${reason}${places.map(place => style.dim(`  ${shortPlace(place)}`)).join('')}`,
    traces: traceLines(same, ({ target }) => target, style),
  };
}

function originText(placed: PlacedChange | undefined, style: Style): string {
  if (!placed?.origin) return '';
  return `  ${(placed.origin === 'drift' ? style.warn : style.dim)(originWords[placed.origin])}`;
}

/** How many traces are told below one line. */
const tracesTold = 3;

function traceLines(
  same: readonly PlacedChange[],
  name: (placed: PlacedChange) => string,
  style: Style,
): readonly string[] {
  const traced = same.filter(({ trace }) => trace);
  const told = traced.slice(0, tracesTold).flatMap(placed => {
    const whose = same.length > 1 ? `${printable(name(placed))} ` : '';
    return placed.trace ? [`      ${style.dim(`${whose}${renderTrace(placed.trace)}`)}`] : [];
  });
  const rest = traced.length - told.length;
  return rest > 0 ? [...told, style.dim(`      … and ${count(rest, 'more', 'more')}`)] : told;
}

/** How many hosts a line names before it only counts them. */
const namedHosts = 4;

function hostList(names: readonly string[]): string {
  if (names.length <= namedHosts) return names.join(', ');
  return `${names.slice(0, namedHosts - 1).join(', ')} and ${count(names.length - namedHosts + 1, 'more', 'more')}`;
}

function sameLine(same: readonly PlacedChange[]): SourcePosition | undefined {
  const lives = new Set(same.map(p => p.change.live?.line));
  return lives.size === 1 ? same[0]?.change.live : undefined;
}

function shortPlace({ file, line }: SourcePosition): string {
  return printable(`${file.split('/').at(-1)}:${line}`);
}

function paintMark(action: Change['action'], style: Style): string {
  const mark = marks[action];
  return action === 'create' ? style.good(mark) : action === 'delete' ? style.bad(mark) : style.warn(mark);
}

/** `"yes" -> "no"`, or what is added to a list and what it keeps. */
export function renderValues({ before, after }: Change): string {
  if (Array.isArray(after) && (before === undefined || Array.isArray(before))) return listChange(before ?? [], after);
  return `${renderValue(before)} -> ${renderValue(after)}`;
}

function listChange(before: Value, after: Value): string {
  const [had, has] = [[before].flat(), [after].flat()];
  const added = has.filter(word => !had.includes(word));
  const gone = had.filter(word => !has.includes(word));
  const parts = [
    ...(added.length > 0 ? [`add ${added.join(' ')}`] : []),
    ...(gone.length > 0 ? [`remove ${gone.join(' ')}`] : []),
  ];
  const kept = had.filter(word => has.includes(word));
  return printable(`${parts.join(', ')}${kept.length > 0 ? `  (keeps ${kept.join(' ')})` : ''}`);
}

function renderValue(value: Value | undefined): string {
  if (value === undefined) return '(none)';
  return [value]
    .flat()
    .map(v => `"${printable(v)}"`)
    .join(' ');
}

/** How many entries a folded line names. */
const examples = 3;

/** Changes of accounts: equal ones are one line with a count and examples, unless `verbose`. */
export function renderAccountChanges(
  placed: readonly PlacedChange[],
  style: Style,
  verbose: boolean,
): readonly string[] {
  return foldAccounts(placed).flatMap(same => accountLines(same, style, verbose));
}

/** Changes of accounts in groups of which the same can be said; a value that is copied within each account is its own. */
export function foldAccounts(placed: readonly PlacedChange[]): readonly (readonly PlacedChange[])[] {
  const groups = new Map<string, PlacedChange[]>();
  for (const one of placed) {
    const { action, key, group, irreversible, before, after, reason } = one.change;
    const copied = action === 'create' && group === undefined;
    const had = irreversible === undefined ? before : '';
    const id = JSON.stringify([action, key, had, copied ? '' : after, reason, one.origin]);
    const alike = groups.get(id);
    if (alike) alike.push(one);
    else groups.set(id, [one]);
  }
  return [...groups.values()];
}

function accountLines(same: readonly PlacedChange[], style: Style, verbose: boolean): readonly string[] {
  const [one] = same;
  if (!one) return [];
  const first = one.change;
  const source = first.source ? style.dim(`  ${shortPlace(first.source)}`) : '';
  const reason = first.reason === undefined ? '' : style.dim(`  (${printable(first.reason)})`);
  const head = `  ${paintMark(first.action, style)} ${printable(first.key)}  ${commonValues(same)}  ${count(same.length, 'account')}${originText(one, style)}${reason}${source}`;
  const traces = traceLines(same, ({ change }) => shortName(change.item), style);
  if (verbose)
    return [head, ...same.map(({ change }) => `      ${printable(change.item)}  ${renderValues(change)}`), ...traces];
  const names = same.slice(0, examples).map(({ change }) => printable(shortName(change.item)));
  return [head, style.dim(`      e.g. ${names.join(', ')}${same.length > examples ? ', …' : ''}`), ...traces];
}

/** The values of a group of accounts, as far as they are the same. */
export function commonValues(same: readonly PlacedChange[]): string {
  const [first] = same;
  const differ = (value: (change: Change) => Value | undefined) =>
    new Set(same.map(({ change }) => JSON.stringify(value(change)))).size > 1;
  if (!first) return '';
  if (differ(change => change.after)) return '(none) -> a value of its own for each';
  return differ(change => change.before) ? 'all there are -> (none)' : renderValues(first.change);
}
