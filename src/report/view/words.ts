import stringWidth from 'string-width';
import type { Change, Value } from '../../core/change.ts';
import type { SourcePosition } from '../../core/finding.ts';
import type { ChangeOrigin } from '../../core/plan.ts';
import { printable } from '../../core/printable.ts';
import type { Trace } from '../../core/report.ts';
import { count } from '../../core/units.ts';

/** How many cells a terminal takes for a text. */
export function textWidth(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}

/** The character that each action is marked with where there are no pictures. */
export const actionMarks: Readonly<Record<Change['action'], string>> = {
  create: '+',
  update: '~',
  delete: '-',
  restart: '*',
};

/** `file:line:column`, as editors and CI understand it. */
export function renderPosition({ file, line, column }: SourcePosition): string {
  return printable(`${file}:${line}${column === undefined ? '' : `:${column}`}`);
}

/** How two values are set against each other: what a plan changes them to, or what is expected and what was found. */
export type Comparing = 'change' | 'drift';

/** `"yes" -> "no"` or `expected "no", found "yes"`; of a list, its members that differ and those that do not. */
export function renderValues(
  { before, after }: Pick<Change, 'before' | 'after'>,
  comparing: Comparing = 'change',
): string {
  if (Array.isArray(after) && (before === undefined || Array.isArray(before)))
    return listChange(before ?? [], after, comparing);
  return renderPair(renderValue(before), renderValue(after), comparing);
}

/** Two values in words, set against each other. */
export function renderPair(before: string, after: string, comparing: Comparing): string {
  return comparing === 'drift' ? `expected ${after}, found ${before}` : `${before} -> ${after}`;
}

/** What the members of a list are called that come, go and stay. */
export const memberWords: Readonly<
  Record<Comparing, { readonly added: string; readonly gone: string; readonly kept: string }>
> = {
  change: { added: 'add', gone: 'remove', kept: 'keeps' },
  drift: { added: 'missing', gone: 'unexpected', kept: 'found' },
};

function listChange(before: Value, after: Value, comparing: Comparing): string {
  const words = memberWords[comparing];
  const [had, has] = [[before].flat(), [after].flat()];
  const added = has.filter(word => !had.includes(word));
  const gone = had.filter(word => !has.includes(word));
  const parts = [
    ...(added.length > 0 ? [`${words.added} ${added.join(' ')}`] : []),
    ...(gone.length > 0 ? [`${words.gone} ${gone.join(' ')}`] : []),
  ];
  const kept = had.filter(word => has.includes(word));
  return printable(`${parts.join(', ')}${kept.length > 0 ? `  (${words.kept} ${kept.join(' ')})` : ''}`);
}

function renderValue(value: Value | undefined): string {
  if (value === undefined) return '(none)';
  return [value]
    .flat()
    .map(v => `"${printable(v)}"`)
    .join(' ');
}

/** Where a change comes from, in the words of every format. */
export const originWords: Readonly<Record<ChangeOrigin, string>> = {
  planned: 'planned by this change',
  drift: 'drift',
  'not-applied': 'not applied yet',
};

/** `changed 2026-11-22 02:14Z by root (owner and time of the file)`; one printable line. */
export function renderTrace({ by, at, from }: Trace): string {
  const when = at === undefined ? '' : ` ${shortTime(at)}`;
  return printable(`changed${when}${by === undefined ? '' : ` by ${by}`} (${from})`).replaceAll('\n', ' ');
}

/** A time to the minute, in UTC; text that is no time stays as it is. */
export function shortTime(at: string): string {
  return at.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z$/, '$1 $2Z');
}

/** The time that a plan is for: `2026-12-05 22:30Z`, or the day alone where it is the beginning of one (UTC). */
export function dateText(at: string): string {
  return at.replace(/T00:00(?::00(?:\.0+)?)?Z$/, ' (UTC)').replace(/^(\S+)T.*$/, shortTime);
}

/** `3 hours`, `2 days`: how long before `now` something was; both ISO 8601. */
export function ageText(at: string, now: string): string {
  const minutes = Math.max(0, Math.floor((Date.parse(now) - Date.parse(at)) / 60_000));
  if (minutes < 120) return count(minutes, 'minute');
  return minutes < 2_880 ? count(Math.floor(minutes / 60), 'hour') : count(Math.floor(minutes / 1_440), 'day');
}

/** A heading or a label with a capital at its start. */
export function capital(text: string): string {
  return text.replace(/^./, letter => letter.toUpperCase());
}

/** How many names of hosts a line has before it only counts them. */
const mostNames = 4;

/** The names that a line has room for, and how many it only counts: never only one. */
export function firstNames<T>(
  names: readonly T[],
  most = mostNames,
): { readonly shown: readonly T[]; readonly more: number } {
  const shown = names.length <= most ? names : names.slice(0, most - 1);
  return { shown, more: names.length - shown.length };
}
