import { isDeepStrictEqual } from 'node:util';
import { isAlias, isCollection, isNode, isScalar, isSeq, type Node, parseDocument, visit } from 'yaml';
import type { DocumentPath } from './document.ts';
import {
  type Around,
  addPart,
  type FileText,
  linesAt,
  type Part,
  partsOf,
  removePart,
  replaceValue,
  type Splice,
  spliced,
  writingStyle,
} from './edit-places.ts';
import { EditRefused, keyLines, type NewEntry, type NewValue, newValue, plainOf, withEdit } from './new-value.ts';

/** A value as it stands in the estate file. `null` is `~`. */
export type FileValue = string | number | boolean | null | readonly FileValue[] | { readonly [key: string]: FileValue };

/** One edit of the text of an estate file. */
export interface EstateEdit {
  /** Where: keys from the top of the file; an index for an entry of a list, its length for a new one at the end. */
  readonly path: DocumentPath;
  /** What is to stand there; absent: the key, or the entry of the list, is removed. */
  readonly value?: FileValue;
  /** One line that is written as a comment above a key that is new. Printable; without `#`. */
  readonly comment?: string;
}

/** The text with the edits in it; or why they are not possible, as a sentence: then nothing is edited. */
export type EditedText = { readonly text: string } | { readonly refused: string };

/**
 * Carries out edits in the text of one estate file, one after the other, as a person would.
 *
 * Everything outside the edited places stays byte for byte: comments, order, quotes, blank lines, indentation, line ends
 * (LF or CRLF), a byte order mark, and whether the last line has an end.
 * - A value is replaced where it stands, in the quotes that it had as far as YAML allows; a map or list in `{ }` or `[ ]`
 *   stays in them. What is there already is not touched.
 * - A new key goes behind the nearest key that the schema names before it, else in front of the first that it names after it;
 *   among names of one's own it goes to the end.
 *   It is written in block style, with the indentation of the file; inside `{ }` and `[ ]`, in these. Texts are in quotes
 *   only where YAML 1.2 or 1.1 would read another value without: `"120"`, `"no"`.
 * - What is missing around a new key is written with it, so that `version: 1`, or a text of comments only, becomes a whole
 *   file in the order of the schema. Blank lines part its sections, except in a file that has several without.
 * - A key is removed with its lines and the comment at their end. Comments above it stay, for they may be about others.
 *   The last key of a map leaves `{}`, the last entry of a list `[]`. Removing what is not there does nothing.
 * - The comment of an edit is written where the key is new and begins a line; elsewhere it is left out.
 *
 * Refused are: a text that is no sound YAML, or several documents; anchors, aliases and tags; a path through a
 * value that is neither a map nor a list; an index behind the end of a list; removing the only key of a file. The result is
 * read again: if it is not exactly the old value with the edits in it, that is refused too. Whether it is an estate is for
 * the loader to say.
 */
export function editEstate(text: string, edits: readonly EstateEdit[], schema: object): EditedText {
  try {
    const before = newValue(readText(text, schema).value);
    const wanted = edits.reduce<NewValue | undefined>((value, edit) => withEdit(value, edit), before);
    const edited = carryOut(text, edits, schema);
    if (isDeepStrictEqual(readText(edited, schema).value, wanted && plainOf(wanted))) return { text: edited };
    return { refused: 'The file is written in a way that cannot be edited safely.' };
  } catch (error) {
    if (error instanceof EditRefused) return { refused: error.message };
    throw error;
  }
}

/** Reads a text with the place of everything in it. Throws EditRefused where it is no sound YAML. */
function readText(text: string, schema: object): FileText {
  const form = { version: '1.2', keepSourceTokens: true, prettyErrors: true, logLevel: 'error' } as const;
  const document = parseDocument<Node>(text, form);
  const [error] = document.errors;
  if (error) throw new EditRefused(`The file is no sound YAML: line ${error.linePos?.[0].line ?? 1}.`);
  const root = document.contents;
  visit(root, (_, node) => (isAlias(node) || (isNode(node) && isMarked(node)) ? refuseMark() : undefined));
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  const style = writingStyle(text, root, schema);
  return { text, root, eol, style, value: document.toJS({ maxAliasCount: 0 }) };
}

function isMarked(node: Node): boolean {
  return node.tag !== undefined || ('anchor' in node && node.anchor !== undefined);
}

function refuseMark(): never {
  throw new EditRefused('The file has an anchor, an alias or a tag.');
}

function carryOut(text: string, edits: readonly EstateEdit[], schema: object): string {
  let now = text;
  let rest = edits;
  while (rest.length > 0) {
    const { splices, others } = carryOutFirst(readText(now, schema), rest);
    now = spliced(now, splices);
    rest = others;
  }
  return now;
}

/** What the first edit does to the text, together with all others below the key that it makes. */
function carryOutFirst(file: FileText, edits: readonly EstateEdit[]) {
  const [edit, ...others] = edits;
  if (!edit) return { splices: [], others };
  const spot = findSpot(file.root, edit.path);
  if (edit.value === undefined) return { splices: spot.depth < edit.path.length ? [] : removal(file, spot), others };
  if (spot.depth === edit.path.length) return { splices: replacement(file, spot, newValue(edit.value)), others };
  const path = edit.path.slice(0, spot.empty && spot.depth > 0 ? spot.depth : spot.depth + 1);
  const gathered = gather(edits, path);
  return { splices: addition(file, spot, path, gathered.entry), others: gathered.others };
}

/** How far a path leads into the text. */
interface Spot {
  /** How many of its steps are there. */
  readonly depth: number;
  readonly path: DocumentPath;
  /** Where the last of these steps stands, from the top of the file on. */
  readonly way: readonly { readonly around: Around; readonly at: number }[];
  /** What the next step goes into, where there is a next one. */
  readonly around?: Around;
  /** Whether nothing stands there instead. */
  readonly empty?: true;
}

function findSpot(root: Node | null, path: DocumentPath): Spot {
  let node: Node | null = root;
  const way: { around: Around; at: number }[] = [];
  for (const [depth, step] of path.entries()) {
    const spot = { depth, path: path.slice(0, depth), way };
    if (node === null || (isScalar(node) && node.value === null)) return { ...spot, empty: true };
    if (!isCollection(node)) throw new EditRefused(`${path.slice(0, depth).join('.')} is neither a map nor a list.`);
    const around = node as Around;
    const parts = partsOf(around);
    const at = parts.findIndex((part, index) => (part.key === undefined ? index === step : part.key === String(step)));
    const part = parts[at];
    if (!part) return { ...spot, around };
    way.push({ around, at });
    node = part.node;
  }
  return { depth: path.length, path, way };
}

/** The edits at and below a new key as one entry, up to one that is about what is around it; and the others. */
function gather(edits: readonly EstateEdit[], path: DocumentPath) {
  const isBelow = (edit: EstateEdit) => path.every((step, at) => edit.path[at] === step);
  const around = edits.findIndex(edit => edit.path.length < path.length && edit.path.every((s, at) => path[at] === s));
  const near = around < 0 ? edits : edits.slice(0, around);
  const mine = near.filter(isBelow);
  const value = mine.reduce<NewValue | undefined>((now, edit) => withEdit(now, edit, path.length), undefined);
  const comment = mine.find(edit => edit.path.length === path.length)?.comment;
  const entry: NewEntry | undefined = value && { value, ...(comment !== undefined && { comment }) };
  return { entry, others: edits.filter(edit => !mine.includes(edit)) };
}

function addition(file: FileText, spot: Spot, path: DocumentPath, entry: NewEntry | undefined): readonly Splice[] {
  if (!entry) return [];
  const key = path.at(-1);
  if (spot.around) return addPart(file, spot.around, spot.path, typeof key === 'string' ? key : undefined, entry);
  if (spot.way.length > 0) return replacement(file, spot, entry.value);
  // A text without content gets its first key behind its comments; those that follow find it there.
  return [linesAt(file, file.text.length, keyLines(String(key), entry, 0, path, file.style))];
}

function partAt({ way }: Pick<Spot, 'way'>): { readonly around: Around; readonly part: Part } | undefined {
  const last = way.at(-1);
  const part = last && partsOf(last.around)[last.at];
  return part && { around: last.around, part };
}

function replacement(file: FileText, spot: Spot, value: NewValue): readonly Splice[] {
  const place = partAt(spot);
  if (!place) throw new EditRefused('The top of the file cannot be replaced.');
  if (isDeepStrictEqual(valueAt(file.value, spot.path), plainOf(value))) return [];
  return replaceValue(file, place.part, place.around.flow === true, value, spot.path);
}

function valueAt(value: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>((now, step) => (now as Record<string, unknown> | undefined)?.[step], value);
}

function removal(file: FileText, spot: Spot): readonly Splice[] {
  const last = spot.way.at(-1);
  if (!last) throw new EditRefused('The top of the file cannot be removed.');
  if (last.around.items.length > 1) return [removePart(file, last.around, last.at)];
  const above = { ...spot, path: spot.path.slice(0, -1), way: spot.way.slice(0, -1) };
  if (above.way.length === 0) throw new EditRefused('The only key of a file cannot be removed.');
  const empty = newValue(isSeq(last.around) ? [] : {});
  return replacement(file, above, empty);
}
