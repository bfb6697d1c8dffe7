import { diffArrays } from 'diff';
import type { Value } from '../../core/change.ts';
import { renderPosition } from '../findings.ts';
import { originWords, type PlacedChange, renderTrace } from '../placed-changes.ts';
import { oneLine } from './escape.ts';

/** A change that several hosts have alike as lines of a diff: where it comes from, what goes and what comes. */
export function changeDiff(same: readonly PlacedChange[]): string {
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
