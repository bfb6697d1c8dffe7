import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import { type Entry, lineOf, type MapPart, type Part } from './node.ts';
import { placeOf, type Span } from './source-text.ts';

/** Several files as one: maps are merged by key, and everything else may be said again but not otherwise. */
export function mergeParts(parts: readonly MapPart[]): {
  readonly part?: MapPart;
  readonly findings: readonly Finding[];
} {
  const findings: Finding[] = [];
  const [first, ...others] = parts;
  if (!first) return { findings };
  const part = others.reduce((merged, next) => mergeMaps(merged, next, [], findings), first);
  return { part, findings };
}

function mergeMaps(before: MapPart, after: MapPart, path: readonly string[], findings: Finding[]): MapPart {
  const entries = new Map<string, Entry>(before.entries);
  for (const [key, entry] of after.entries) {
    const there = entries.get(key);
    entries.set(key, there ? mergeEntries(there, entry, [...path, key], findings) : entry);
  }
  return { ...before, entries };
}

/** The first place stays the place of both; where they differ the first one is kept, so that checks can go on. */
function mergeEntries(before: Entry, after: Entry, path: readonly string[], findings: Finding[]): Entry {
  if (before.part.form === 'map' && after.part.form === 'map')
    return { ...before, part: mergeMaps(before.part, after.part, path, findings) };
  if (!same(before.part, after.part)) findings.push(conflict(before, after.key, path));
  return before;
}

function same(a: Part, b: Part): boolean {
  if (a.form === 'scalar' && b.form === 'scalar') return a.value === b.value;
  if (a.form === 'list' && b.form === 'list')
    return a.items.length === b.items.length && a.items.every((item, i) => b.items[i] && same(item, b.items[i]));
  if (a.form !== 'map' || b.form !== 'map' || a.entries.size !== b.entries.size) return false;
  return [...a.entries].every(([key, { part }]) => {
    const other = b.entries.get(key);
    return other !== undefined && same(part, other.part);
  });
}

function conflict(before: Entry, place: Span, path: readonly string[]): Finding {
  const what = before.part.form === 'list' ? ' Lists are not joined: each stands whole in one file.' : '';
  return finding('estate.conflict', {
    detail: `${path.join('.')} is something else at ${lineOf(before.key)}, and which file is right would be a guess.${what}\nSay it in one of the two only.`,
    where: placeOf(place),
  });
}
