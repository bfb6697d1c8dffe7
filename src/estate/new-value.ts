import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { DocumentPath } from './document.ts';

/** A value that is to be written, with the comments of its keys and entries. */
export type NewValue =
  | { readonly form: 'scalar'; readonly value: string | number | boolean | null }
  | { readonly form: 'list'; readonly items: readonly NewEntry[] }
  | { readonly form: 'map'; readonly entries: ReadonlyMap<string, NewEntry> };

/** What stands under a key or as an entry of a list. */
export interface NewEntry {
  readonly value: NewValue;
  readonly comment?: string;
}

/** Why an edit is not possible, as a sentence. */
export class EditRefused extends Error {}

/** Plain data as a value to be written. */
export function newValue(value: unknown): NewValue {
  if (Array.isArray(value)) return { form: 'list', items: value.map(item => ({ value: newValue(item) })) };
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return { form: 'scalar', value };
  if (typeof value !== 'object' || value === null) return { form: 'scalar', value: null };
  const entries = Object.entries(value).map(([key, inner]) => [key, { value: newValue(inner) }] as const);
  return { form: 'map', entries: new Map(entries) };
}

/** The value as plain data again. */
export function plainOf(value: NewValue): unknown {
  if (value.form === 'scalar') return value.value;
  if (value.form === 'list') return value.items.map(item => plainOf(item.value));
  return Object.fromEntries([...value.entries].map(([key, entry]) => [key, plainOf(entry.value)]));
}

/** A value that is to stand at a path, with the comment of a new key; without a value, what stands there is removed. */
interface PlacedValue {
  readonly path: DocumentPath;
  readonly value?: unknown;
  readonly comment?: string;
}

/** A value with an edit in it, from the step `depth` of its path on; nothing where it is removed. Throws EditRefused. */
export function withEdit(value: NewValue | undefined, edit: PlacedValue, depth = 0): NewValue | undefined {
  const step = edit.path[depth];
  if (step === undefined) return edit.value === undefined ? undefined : newValue(edit.value);
  if (value === undefined && edit.value === undefined) return undefined;
  const around = opened(value, edit.path, depth);
  if (around.form === 'list') return { form: 'list', items: withItem(around.items, edit, depth) };
  const key = String(step);
  const old = around.entries.get(key);
  const inner = withEdit(old?.value, edit, depth + 1);
  const entries = new Map(around.entries);
  if (inner === undefined) entries.delete(key);
  else entries.set(key, entryWith(inner, old, edit, depth));
  return { form: 'map', entries };
}

function withItem(items: readonly NewEntry[], edit: PlacedValue, depth: number): readonly NewEntry[] {
  const index = Number(edit.path[depth]);
  if (!Number.isInteger(index) || index < 0 || index > items.length)
    throw new EditRefused(`${nameOf(edit.path.slice(0, depth))} is a list of ${items.length}.`);
  const inner = withEdit(items[index]?.value, edit, depth + 1);
  if (inner === undefined) return items.filter((_, at) => at !== index);
  const entry = entryWith(inner, items[index], edit, depth);
  return [...items.slice(0, index), entry, ...items.slice(index + 1)];
}

/** The comment of an edit is that of the key it names, and only where the key is new. */
function entryWith(value: NewValue, old: NewEntry | undefined, edit: PlacedValue, depth: number): NewEntry {
  const comment = old ? old.comment : depth + 1 === edit.path.length ? edit.comment : undefined;
  return { value, ...(comment !== undefined && { comment }) };
}

/** The map or list that the next step of a path goes into; where nothing stands, an empty one. */
function opened(value: NewValue | undefined, path: DocumentPath, depth: number): Exclude<NewValue, { form: 'scalar' }> {
  if (value === undefined || (value.form === 'scalar' && value.value === null))
    return typeof path[depth] === 'number' ? { form: 'list', items: [] } : { form: 'map', entries: new Map() };
  if (value.form === 'scalar') throw new EditRefused(`${nameOf(path.slice(0, depth))} is neither a map nor a list.`);
  return value;
}

function nameOf(path: DocumentPath): string {
  return path.length === 0 ? 'The file' : path.join('.');
}

/** How a file is written. */
export interface WritingStyle {
  /** The schema of the file, for the order of new keys. */
  readonly schema: object;
  /** Blanks by which the content of a map is indented, and by which the dashes of a list below a key are. */
  readonly step: number;
  readonly listStep: number;
  /** Whether quotes are single where either would do. */
  readonly single: boolean;
}

/** The lines of a map or list in block style, without line ends; each begins with `indent` blanks. */
export function blockLines(
  value: NewValue,
  indent: number,
  path: DocumentPath,
  style: WritingStyle,
): readonly string[] {
  if (value.form === 'scalar') return [' '.repeat(indent) + scalarText(value.value, style)];
  if (value.form === 'list') return value.items.flatMap((item, at) => itemLines(item, indent, [...path, at], style));
  return inOrder([...value.entries.keys()], path, style.schema).flatMap(key => {
    const entry = value.entries.get(key);
    return entry ? keyLines(key, entry, indent, [...path, key], style) : [];
  });
}

/** The lines of a key with what stands under it; `path` ends with the key. */
export function keyLines(
  key: string,
  { value, comment }: NewEntry,
  indent: number,
  path: DocumentPath,
  style: WritingStyle,
): readonly string[] {
  const margin = ' '.repeat(indent);
  const above = comment === undefined ? [] : [`${margin}${commentText(comment)}`];
  const name = `${margin}${keyText(key, style)}:`;
  if (isInline(value)) return [...above, `${name} ${flowText(value, path, style, false)}`];
  const inner = indent + (value.form === 'list' ? style.listStep : style.step);
  return [...above, name, ...blockLines(value, inner, path, style)];
}

/** The lines of an entry of a list; `path` ends with its index. */
export function itemLines(
  { value, comment }: NewEntry,
  indent: number,
  path: DocumentPath,
  style: WritingStyle,
): readonly string[] {
  const margin = ' '.repeat(indent);
  const above = comment === undefined ? [] : [`${margin}${commentText(comment)}`];
  if (isInline(value)) return [...above, `${margin}- ${flowText(value, path, style, false)}`];
  const [first = '', ...rest] = blockLines(value, indent + 2, path, style);
  return [...above, `${margin}- ${first.slice(indent + 2)}`, ...rest];
}

/** A scalar, and an empty map or list, stand in the line of their key in block style too. */
export function isInline(value: NewValue): boolean {
  if (value.form === 'scalar') return true;
  return value.form === 'list' ? value.items.length === 0 : value.entries.size === 0;
}

/** A comment as it is written. */
export function commentText(comment: string): string {
  return `# ${comment.replace(/[\s\p{Cc}]+/gu, ' ').trim()}`;
}

/** A value in one line; `within`: it stands inside `{ }` or `[ ]`. */
export function flowText(value: NewValue, path: DocumentPath, style: WritingStyle, within = true): string {
  if (value.form === 'scalar') return scalarText(value.value, style, { within });
  if (value.form === 'list')
    return `[${value.items.map((item, at) => flowText(item.value, [...path, at], style)).join(', ')}]`;
  const pairs = inOrder([...value.entries.keys()], path, style.schema).flatMap(key => {
    const entry = value.entries.get(key);
    return entry ? [flowPair(key, entry, [...path, key], style)] : [];
  });
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

/** A key with what stands under it, inside `{ }`; `path` ends with the key. */
export function flowPair(key: string, { value }: NewEntry, path: DocumentPath, style: WritingStyle): string {
  return `${keyText(key, style)}: ${flowText(value, path, style)}`;
}

/** How a scalar is written: inside `{ }` or `[ ]`, and in which style where that is possible. */
interface ScalarPlace {
  readonly within?: boolean;
  /** That of the scalar in its place before. */
  readonly like?: Scalar.Type | undefined;
}

/** A text, number, truth value or nothing in one line. A new text is in quotes also where YAML 1.1 would read another value. */
export function scalarText(
  value: string | number | boolean | null,
  style: WritingStyle,
  place: ScalarPlace = {},
): string {
  if (value === null) return '~';
  if (typeof value === 'string' && hidden.test(value)) return escaped(value);
  const node = new Scalar(value);
  if (place.like !== undefined && !place.like.startsWith('BLOCK_')) node.type = place.like;
  const list = new YAMLSeq();
  list.items = [node];
  list.flow = place.within === true;
  const text = written(list, style, place.like === undefined);
  return place.within ? text.slice(1, -1) : text.slice(2);
}

/** Characters that no line of a file should have in it. */
const hidden = /[\p{Cc}\u2028\u2029\ufeff]/u;

/** In double quotes, with an escape for everything that an editor might not show or keep. */
function escaped(text: string): string {
  const hex = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, hex);
}

function keyText(key: string, style: WritingStyle): string {
  if (hidden.test(key)) return escaped(key);
  const map = new YAMLMap();
  map.items = [new Pair(new Scalar(key), new Scalar(0))];
  map.flow = true;
  return written(map, style, true).slice(1, -': 0}'.length);
}

function written(contents: YAMLMap | YAMLSeq, { single }: WritingStyle, careful: boolean): string {
  const document = new Document(null, { version: '1.2', ...(careful && { compat: 'yaml-1.1' }) });
  document.contents = contents;
  const form = { lineWidth: 0, blockQuote: false, flowCollectionPadding: false, singleQuote: single ? true : null };
  return document.toString({ ...form, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER }).trimEnd();
}

/** The part of JSON Schema that is needed to follow a path through the schema of the file. */
export interface SchemaPart {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, SchemaPart>>;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly additionalProperties?: boolean | SchemaPart;
  readonly items?: SchemaPart;
  readonly oneOf?: readonly SchemaPart[];
  readonly anyOf?: readonly SchemaPart[];
  readonly 'x-secret'?: boolean;
}

/** Keys of the map at `path` in the order of the schema; names of one's own stay as they are. */
export function inOrder(keys: readonly string[], path: DocumentPath, schema: object): readonly string[] {
  const order = schemaOrder(path, schema);
  const rank = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  return [...keys].sort((a, b) => rank(a) - rank(b));
}

/** The keys that the schema names for the map at `path`, in its order. */
export function schemaOrder(path: DocumentPath, schema: object): readonly string[] {
  // The schema was compiled by ajv wherever a file is checked; here it is only read.
  const root = schema as SchemaPart;
  const at = path.reduce<readonly SchemaPart[]>(
    (parts, step) => parts.flatMap(part => schemaBelow(part, step, root)),
    resolved(root, root),
  );
  // Names that a map with free names knows have no order.
  return at.flatMap(part => (typeof part.additionalProperties === 'object' ? [] : Object.keys(part.properties ?? {})));
}

function schemaBelow(part: SchemaPart, step: string | number, root: SchemaPart): readonly SchemaPart[] {
  const { properties = {}, additionalProperties: others, items } = part;
  const named = Object.hasOwn(properties, step) ? properties[step] : undefined;
  const below = typeof step === 'number' ? items : (named ?? (typeof others === 'object' ? others : undefined));
  return below ? resolved(below, root) : [];
}

/** A part of the schema with what it refers to, and its alternatives. */
export function resolved(part: SchemaPart, root: SchemaPart): readonly SchemaPart[] {
  const name = part.$ref?.slice('#/$defs/'.length);
  const referred = name === undefined ? undefined : root.$defs?.[name];
  return [part, ...(referred ? [referred] : []), ...(part.oneOf ?? []), ...(part.anyOf ?? [])].flatMap(one =>
    one === part ? [part] : resolved(one, root),
  );
}
