import { placeOf, type Span } from './source-text.ts';

/** A piece of a file's value that knows where it stands. */
export type ValueNode = ScalarNode | ListNode | MapNode;

/** A text, a number, true or false, or nothing. */
export interface ScalarNode {
  readonly form: 'scalar';
  readonly span: Span;
  readonly value: string | number | boolean | null;
}

/** A list, in order. */
export interface ListNode {
  readonly form: 'list';
  readonly span: Span;
  readonly items: readonly ValueNode[];
}

/** A map; every key is a text, and stands there once. */
export interface MapNode {
  readonly form: 'map';
  readonly span: Span;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A key and what stands under it. */
export interface Entry {
  readonly key: Span;
  readonly part: ValueNode;
}

/** The value by itself, as JSON would have it. */
export function plainValue(part: ValueNode): unknown {
  if (part.form === 'scalar') return part.value;
  if (part.form === 'list') return part.items.map(plainValue);
  return Object.fromEntries([...part.entries].map(([key, entry]) => [key, plainValue(entry.part)]));
}

/** `file:line` of a part, for a message about another place. */
export function lineOf(span: Span): string {
  const { file, line } = placeOf(span);
  return `${file}:${line}`;
}

/** A part rebuilt with some of its scalars replaced; what did not change is kept as it is. */
export function mapScalars(part: ValueNode, replace: (scalar: ScalarNode) => ScalarNode): ValueNode {
  if (part.form === 'scalar') return replace(part);
  if (part.form === 'list') return { ...part, items: part.items.map(item => mapScalars(item, replace)) };
  const entries = [...part.entries].map(([key, entry]) => {
    return [key, { ...entry, part: mapScalars(entry.part, replace) }] as const;
  });
  return { ...part, entries: new Map(entries) };
}
