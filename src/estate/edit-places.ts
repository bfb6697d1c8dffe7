import { isCollection, isMap, isScalar, type Node, type Pair, Scalar, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import type { DocumentPath } from './document.ts';
import {
  blockLines,
  commentText,
  flowPair,
  flowText,
  isInline,
  itemLines,
  keyLines,
  type NewEntry,
  type NewValue,
  scalarText,
  schemaOrder,
  type WritingStyle,
} from './new-value.ts';

/** A map or list of the text. */
export type Around = YAMLMap | YAMLSeq;

/** A piece of text in the place of another. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly insert: string;
}

/** A key with its value, or an entry of a list, as it stands in the text. */
export interface Part {
  /** The name of a key; of an entry nothing. */
  readonly key?: string;
  /** Where the key begins, or the dash, or in `[ ]` the entry. */
  readonly start: number;
  /** Behind the colon or the dash. */
  readonly after: number;
  /** Where the value ends, without what follows it in its line. */
  readonly end: number;
  readonly node: Node | null;
}

/** A text with its content, and how it is written. */
export interface FileText {
  readonly text: string;
  readonly root: Node | null;
  /** The content as plain data. */
  readonly value: unknown;
  readonly eol: string;
  readonly style: WritingStyle;
}

/** The parts of a map or list, in order. */
export function partsOf(around: Around): readonly Part[] {
  if (isMap(around)) return around.items.map(pairPart);
  const tokens = around.srcToken?.type === 'block-seq' ? around.srcToken.items : [];
  return around.items.map((item, at) => {
    const node = item as Node | null;
    const dash = tokens[at]?.start.find(({ type }) => type === 'seq-item-ind')?.offset;
    const after = dash === undefined ? (node?.range?.[0] ?? 0) : dash + 1;
    return { start: dash ?? after, after, end: endOf(node, after), node };
  });
}

function pairPart(pair: Pair): Part {
  const key = pair.key as Node;
  const token = pair.srcToken;
  const mark = token?.start.find(({ type }) => type === 'explicit-key-ind')?.offset;
  const colon = token?.sep?.find(({ type }) => type === 'map-value-ind')?.offset;
  const after = colon === undefined ? (key.range?.[1] ?? 0) : colon + 1;
  const node = pair.value as Node | null;
  return {
    key: isScalar(key) ? String(key.value) : '',
    start: mark ?? key.range?.[0] ?? 0,
    after,
    end: endOf(node, after),
    node,
  };
}

function endOf(node: Node | null, otherwise: number): number {
  if (isCollection(node) && !node.flow) return partsOf(node as Around).at(-1)?.end ?? otherwise;
  return node?.range?.[1] ?? otherwise;
}

/** How the rest of a text is written, so that what is new looks like it. */
export function writingStyle(text: string, root: Node | null, schema: object): WritingStyle {
  const steps: { map?: number; list?: number } = {};
  let quotes = 0;
  visit(root, {
    Pair: (_, pair) => {
      const { start, node } = pairPart(pair);
      if (!isCollection(node) || node.flow) return;
      const inner = partsOf(node as Around)[0];
      if (!inner) return;
      steps[isMap(node) ? 'map' : 'list'] ??= column(text, inner.start) - column(text, start);
    },
    Scalar: (_, { type }) => {
      if (type === Scalar.QUOTE_SINGLE) quotes += 1;
      if (type === Scalar.QUOTE_DOUBLE) quotes -= 1;
    },
  });
  const step = steps.map ?? 2;
  return { schema, step, listStep: steps.list ?? step, single: quotes > 0 };
}

/** A new key or entry of a list. `key`: its name; for an entry of a list, which goes to the end, nothing. */
export function addPart(
  file: FileText,
  around: Around,
  path: DocumentPath,
  key: string | undefined,
  entry: NewEntry,
): readonly Splice[] {
  const parts = partsOf(around);
  const inner = [...path, key ?? parts.length];
  const before = key === undefined ? parts.length - 1 : placeOfKey(parts, key, schemaOrder(path, file.style.schema));
  if (around.flow) {
    const text = key === undefined ? flowText(entry.value, inner, file.style) : flowPair(key, entry, inner, file.style);
    return addInFlow(file, around, parts, before, text, entry.comment);
  }
  const indent = column(file.text, parts[0]?.start ?? 0);
  const lines =
    key === undefined ? itemLines(entry, indent, inner, file.style) : keyLines(key, entry, indent, inner, file.style);
  return [addInBlock(file, around, parts, before, lines)];
}

/** The part after which a new key goes: the nearest that the schema names before it, else the one before the first that it names after it, else the last. */
function placeOfKey(parts: readonly Part[], key: string, order: readonly string[]): number {
  const rank = order.indexOf(key);
  const ranks = parts.map(part => order.indexOf(part.key ?? ''));
  const earlier = ranks.filter(one => one >= 0 && one < rank);
  if (earlier.length > 0) return ranks.lastIndexOf(Math.max(...earlier));
  const later = rank < 0 ? -1 : ranks.findIndex(one => one > rank);
  return later < 0 ? parts.length - 1 : later - 1;
}

function addInBlock(
  file: FileText,
  around: Around,
  parts: readonly Part[],
  before: number,
  lines: readonly string[],
): Splice {
  const { text, eol } = file;
  const first = parts[0]?.start ?? 0;
  const previous = parts[before];
  const next = parts[before + 1];
  const blanks = around === file.root ? sectionBlanks(file, parts, lines, previous, next) : { above: [], below: [] };
  if (!previous) {
    const indent = column(text, first);
    const insert = [...lines, ...blanks.below, ' '.repeat(indent)].join(eol).slice(indent);
    return { start: first, end: first, insert };
  }
  return linesAt(file, lineEnd(text, previous.end), [...blanks.above, ...lines, ...blanks.below]);
}

/** Whole lines before the line that begins at `at`, or at the end of the text. */
export function linesAt({ text, eol }: FileText, at: number, lines: readonly string[]): Splice {
  const open = at === text.length && at > 0 && !text.endsWith('\n');
  const joined = lines.join(eol);
  return { start: at, end: at, insert: open ? eol + joined : joined + eol };
}

/** Blank lines that part a new section from its neighbours; none in a file whose sections are not parted. */
function sectionBlanks(
  { text }: FileText,
  parts: readonly Part[],
  lines: readonly string[],
  previous: Part | undefined,
  next: Part | undefined,
): { readonly above: readonly string[]; readonly below: readonly string[] } {
  if (!isParted(text, parts)) return { above: [], below: [] };
  const above = previous !== undefined && (lines.length > 1 || isLong(text, previous));
  const following = previous ? text.slice(lineEnd(text, previous.end)) : text.slice(next?.start);
  const below = next !== undefined && (lines.length > 1 || isLong(text, next)) && !/^[ \t]*\r?(\n|$)/.test(following);
  return { above: above ? [''] : [], below: below ? [''] : [] };
}

function isLong(text: string, part: Part): boolean {
  return text.slice(part.start, part.end).includes('\n');
}

/** Whether sections of more than a line have blank lines between them. */
function isParted(text: string, parts: readonly Part[]): boolean {
  const gaps = parts.slice(1).flatMap((part, at) => {
    const previous = parts[at];
    if (!previous || (!isLong(text, part) && !isLong(text, previous))) return [];
    return [/\n[ \t]*\r?\n/.test(text.slice(Math.max(0, lineEnd(text, previous.end) - 1), part.start))];
  });
  return gaps.length === 0 || gaps.includes(true);
}

function addInFlow(
  { text, eol }: FileText,
  around: Around,
  parts: readonly Part[],
  before: number,
  written: string,
  comment: string | undefined,
): readonly Splice[] {
  const [start, end] = around.range ?? [0, 0];
  const first = parts[0];
  const previous = parts[before];
  if (!first) {
    const bare = text.slice(start + 1, end - 1).trim() === '';
    const padded = isMap(around) ? ` ${written} ` : written;
    return bare ? [{ start: start + 1, end: end - 1, insert: padded }] : [insertAt(start + 1, ` ${written}`)];
  }
  if (!previous) return [insertAt(first.start, `${written}, `)];
  const line = ownLine(text, previous);
  if (!line || (!line.comma && commaAfter(text, previous.end) !== undefined))
    return [insertAt(previous.end, `, ${written}`)];
  const above = comment === undefined ? '' : `${line.margin}${commentText(comment)}${eol}`;
  const added = insertAt(line.end, `${above}${line.margin}${written}${line.comma ? ',' : ''}${eol}`);
  return line.comma ? [added] : [insertAt(previous.end, ','), added];
}

function insertAt(at: number, insert: string): Splice {
  return { start: at, end: at, insert };
}

/** The line of a part inside `{ }` or `[ ]` that has a line for itself, besides a comma and a comment. */
function ownLine(text: string, { start, end }: Part) {
  const from = lineStart(text, start);
  const to = lineEnd(text, end);
  const margin = text.slice(from, start);
  const rest = /^([ \t]*,)?[ \t]*(?:#.*)?\r?\n$/.exec(text.slice(end, to));
  return margin.trim() === '' && rest ? { start: from, end: to, margin, comma: rest[1] !== undefined } : undefined;
}

/** The place behind the comma that follows, where one does. */
function commaAfter(text: string, at: number): number | undefined {
  const found = /^\s*(?:#[^\n]*\n\s*)*,/.exec(text.slice(at));
  return found ? at + found[0].length : undefined;
}

/** Takes a part out of a map or list that has others. */
export function removePart({ text, eol }: FileText, around: Around, at: number): Splice {
  const parts = partsOf(around);
  const part = parts[at];
  if (!part) return insertAt(0, '');
  if (around.flow) {
    const [start, end] = removalInFlow(text, parts, part, at);
    return { start, end, insert: '' };
  }
  if (text.slice(lineStart(text, part.start), part.start).trim() === '') {
    const start = lineStart(text, part.start);
    const open = lineEnd(text, part.end) === text.length && !text.endsWith('\n');
    return { start: open ? Math.max(0, start - eol.length) : start, end: lineEnd(text, part.end), insert: '' };
  }
  const next = parts[at + 1];
  const bare = next && text.slice(part.end, next.start).trim() === '';
  return { start: part.start, end: bare ? next.start : part.end, insert: '' };
}

function removalInFlow(text: string, parts: readonly Part[], part: Part, at: number): readonly [number, number] {
  const line = ownLine(text, part);
  if (line) return [line.start, line.end];
  const joined = (from: number, to: number) => !/[\n#]/.test(text.slice(from, to));
  const next = parts[at + 1];
  const previous = parts[at - 1];
  if (next && joined(part.end, next.start)) return [part.start, next.start];
  if (!next && previous && joined(previous.end, part.start)) return [previous.end, part.end];
  return [part.start, commaAfter(text, part.end) ?? part.end];
}

/** Another value in the place of that of a part. `within`: the part stands inside `{ }` or `[ ]`. */
export function replaceValue(
  file: FileText,
  part: Part,
  within: boolean,
  value: NewValue,
  path: DocumentPath,
): readonly Splice[] {
  const { node } = part;
  const keepsFlow = isCollection(node) && node.flow === true;
  if (!within && !keepsFlow && !isInline(value)) return replaceByBlock(file, part, value, path);
  const like = isScalar(node) && typeof node.value === 'string' ? node.type : undefined;
  const written =
    value.form === 'scalar' ? scalarText(value.value, file.style, { within, like }) : flowText(value, path, file.style);
  return replaceInline(file, part, written);
}

/** Whether the value of a part begins in a line below that of its key. */
function isBelow(text: string, { node, after }: Part): boolean {
  return isCollection(node) && !node.flow && text.slice(after, node.range?.[0]).includes('\n');
}

function isEmpty({ node }: Part): boolean {
  return !node?.range || node.range[0] === node.range[1];
}

function replaceInline({ text, eol }: FileText, part: Part, written: string): readonly Splice[] {
  const start = part.node?.range?.[0] ?? part.after;
  if (isEmpty(part)) return [insertAt(part.after, ` ${written}`)];
  if (isBelow(text, part))
    return [
      insertAt(part.after, ` ${written}`),
      { start: lineStart(text, start), end: lineEnd(text, part.end), insert: '' },
    ];
  const tail = text.slice(start, part.end).endsWith('\n') ? eol : '';
  return [{ start, end: part.end, insert: written + tail }];
}

function replaceByBlock(file: FileText, part: Part, value: NewValue, path: DocumentPath): readonly Splice[] {
  const { text, eol, style } = file;
  const start = part.node?.range?.[0] ?? part.after;
  const indent = column(text, part.start);
  if (part.key === undefined) {
    const lines = blockLines(value, indent + 2, path, style)
      .join(eol)
      .trimStart();
    return isEmpty(part) ? [insertAt(part.after, ` ${lines}`)] : [{ start, end: part.end, insert: lines }];
  }
  const lines = blockLines(value, indent + (value.form === 'list' ? style.listStep : style.step), path, style);
  if (isBelow(text, part)) {
    const below = { start: lineStart(text, start), end: lineEnd(text, part.end) };
    const tail = text.slice(below.start, below.end).endsWith('\n') ? eol : '';
    return [{ ...below, insert: lines.join(eol) + tail }];
  }
  const end = text.slice(start, part.end).endsWith('\n') ? part.end - eol.length : part.end;
  const added = linesAt(file, lineEnd(text, part.end), lines);
  return isEmpty(part) ? [added] : [{ start: part.after, end, insert: '' }, added];
}

/** The text with splices in it, none of which overlap. */
export function spliced(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((a, b) => b.start - a.start)
    .reduce((now, { start, end, insert }) => now.slice(0, start) + insert + now.slice(end), text);
}

function lineStart(text: string, at: number): number {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  return start === 0 && text.startsWith('\ufeff') ? 1 : start;
}

/** The begin of the next line; `at` itself where a block of text ended there with its line. */
function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

function column(text: string, at: number): number {
  return at - lineStart(text, at);
}
