import type { ManagedTarget } from '../core/declared.ts';
import type { DesiredState } from '../core/desired.ts';
import type { SourcePosition } from '../core/finding.ts';
import type { EstateDocument } from '../estate/document.ts';
import type { ValueNode } from '../estate/node.ts';
import { placeOf } from '../estate/source-text.ts';
import type { Explanation } from './explain-page.ts';
import { askWhy, targetNames } from './why.ts';

/** An estate file at hand, when something is explained. */
export interface EstateAtHand {
  readonly state: DesiredState;
  readonly document: EstateDocument;
  readonly managed: readonly ManagedTarget[];
}

/** Where the files ask for what is explained, each line once and in order; `name` is what the user asked by. */
export function askedAt(explanation: Explanation, name: string, estate: EstateAtHand): readonly SourcePosition[] {
  switch (explanation.kind) {
    case 'key':
      return eachLineOnce(keyPlaces(estate.document, explanation.key.path, name));
    case 'setting':
      return eachLineOnce(settingPlaces(explanation.setting.name, explanation.setting.decidedBy, estate));
    case 'further-setting':
      return eachLineOnce(settingPlaces(name, [], estate));
    default:
      return [];
  }
}

/** What the hosts and the directory want by that name; where nobody does, the keys that decide it. */
function settingPlaces(
  name: string,
  decidedBy: readonly string[],
  { state, document, managed }: EstateAtHand,
): readonly SourcePosition[] {
  const wanted = targetNames(state).flatMap(target => {
    const answer = askWhy(state, managed, target, name);
    return answer.state === 'wanted' ? answer.answers.map(one => one.source) : [];
  });
  return wanted.length > 0 ? wanted : decidedBy.flatMap(path => keyPlaces(document, path, path));
}

/** The places of a key by its path in the schema; only the one that is meant where its names are said. */
function keyPlaces(document: EstateDocument, pattern: string, name: string): readonly SourcePosition[] {
  const root = document.part([]);
  const places = root ? placesBelow(root, pattern.split('.')) : [];
  const asked = name.replace(/\[(\d+)\]/g, '.$1');
  const meant = places.filter(place => place.path.join('.') === asked);
  return (meant.length > 0 ? meant : places).map(place => place.where);
}

interface KeyPlace {
  readonly path: readonly string[];
  readonly where: SourcePosition;
}

function placesBelow(
  part: ValueNode,
  [step, ...rest]: readonly string[],
  path: readonly string[] = [],
): readonly KeyPlace[] {
  if (step === undefined) return [];
  return children(part).flatMap(({ name, where, part: child }) => {
    if (step !== '*' && step !== name) return [];
    const place = { path: [...path, name], where };
    return rest.length === 0 ? [place] : placesBelow(child, rest, place.path);
  });
}

function children(
  part: ValueNode,
): readonly { readonly name: string; readonly where: SourcePosition; readonly part: ValueNode }[] {
  if (part.form === 'scalar') return [];
  if (part.form === 'list')
    return part.items.map((item, i) => ({ name: String(i), where: placeOf(item.span), part: item }));
  return [...part.entries].map(([name, entry]) => ({ name, where: placeOf(entry.key), part: entry.part }));
}

/** In the order of the files, and within each from top to bottom. */
function eachLineOnce(places: readonly SourcePosition[]): readonly SourcePosition[] {
  const lines = new Map<string, SourcePosition>();
  for (const { file, line } of places) lines.set(`${file}:${line}`, { file, line });
  const files = [...new Set(places.map(({ file }) => file))];
  return [...lines.values()].sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line);
}
