import { isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Finding } from '../core/finding.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import { findLiteralSecrets } from './literal-secrets.ts';
import { type Entry, lineOf, type MapNode, type ValueNode } from './node.ts';
import { parseYaml } from './parse-yaml.ts';
import { placeOf, type SourceText, type Span } from './source-text.ts';

/** Characters of one key or value; an LDAP filter of a thousand terms has fewer. */
const longestText = 20_000;

/** Keys of one map. Checking names takes time by the square of how many are wrong. */
const mostEntries = 2_000;

/** What a walk over YAML nodes shares. */
interface Walk {
  readonly source: SourceText;
  readonly findings: Finding[];
}

/** A part, and what in it no estate file may have. */
interface Built {
  readonly part: ValueNode;
  readonly findings: readonly Finding[];
}

/** YAML nodes -> parts. Only what reads the same everywhere is let through: no anchors, tags or merge keys. */
function buildNode(root: Node, source: SourceText): Built {
  const walk: Walk = { source, findings: [] };
  const part = build(root, walk, 0);
  return { part, findings: walk.findings };
}

function build(node: unknown, walk: Walk, after: number): ValueNode {
  if (!isNode(node)) return { form: 'scalar', span: span(walk, undefined, after), value: null };
  const place = span(walk, node, after);
  if (isAlias(node)) {
    report(walk, aliasFinding(place));
    return { form: 'scalar', span: place, value: `*${node.source}` };
  }
  if (node.anchor !== undefined) report(walk, aliasFinding(place));
  if (node.tag !== undefined) report(walk, tagFinding(place));
  if (isSeq(node)) return { form: 'list', span: place, items: buildItems(node.items, walk, place) };
  if (isMap(node)) return { form: 'map', span: place, entries: buildEntries(node.items, walk, place) };
  return buildScalar(node, walk, place);
}

function buildItems(items: readonly unknown[], walk: Walk, around: Span): readonly ValueNode[] {
  let after = around.start + 1;
  return items.map(item => {
    const part = build(item, walk, after);
    after = part.span.end;
    return part;
  });
}

function buildScalar(node: Node, walk: Walk, place: Span): ValueNode {
  const value: unknown = isScalar(node) ? node.value : null;
  if (typeof value === 'number' && isScalar(node) && !isPlainNumber(value, node.source))
    report(walk, numberFinding(place));
  if (typeof value === 'string' && value.length > longestText) {
    report(walk, longFinding(place));
    return { form: 'scalar', span: place, value: value.slice(0, 100) };
  }
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  return { form: 'scalar', span: place, value: plain };
}

function isPlainNumber(value: number, source = ''): boolean {
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(source);
}

function buildEntries(items: readonly unknown[], walk: Walk, around: Span): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const extra = items[mostEntries];
  if (isPair(extra)) report(walk, wideFinding(span(walk, extra.key, around.start)));
  for (const item of items.slice(0, mostEntries)) {
    if (!isPair(item)) continue;
    const place = span(walk, item.key, around.start);
    const name = keyName(item, walk, place);
    const part = build(item.value, walk, place.end);
    const first = name === undefined ? undefined : entries.get(name);
    if (first) report(walk, duplicateFinding(place, first.key));
    else if (name !== undefined) entries.set(name, { key: place, part });
  }
  return entries;
}

/** The key as a text; nothing where it is none, or one that no file may have. */
function keyName({ key }: Pair, walk: Walk, place: Span): string | undefined {
  if (isAlias(key)) report(walk, aliasFinding(place));
  else if (!isScalar(key) || typeof key.value !== 'string') report(walk, keyFinding(place));
  else {
    if (key.anchor !== undefined) report(walk, aliasFinding(place));
    if (key.tag !== undefined) report(walk, tagFinding(place));
    if (key.value === '<<') report(walk, mergeKeyFinding(place));
    else if (key.value.length > longestText) report(walk, longFinding(place));
    else if (Object.hasOwn(Object.prototype, key.value)) report(walk, reservedFinding(place));
    else return key.value;
  }
  return undefined;
}

/** From where it begins: a tag or an anchor in front belongs to it. What comes before `after` does not. */
function span({ source }: Walk, node: unknown, after: number): Span {
  if (!isNode(node) || !node.range) return { source, start: after, end: after };
  const [start, end] = node.range;
  const marked = !isAlias(node) && (node.tag !== undefined || node.anchor !== undefined);
  const mark = marked ? source.text.slice(after, start).search(/[!&]/) : -1;
  return { source, start: mark < 0 ? start : after + mark, end };
}

function report(walk: Walk, finding: Finding): void {
  walk.findings.push(finding);
}

function aliasFinding(place: Span): Finding {
  const detail =
    'The value of an alias (*) is defined somewhere else, so a review here does not show a change there.\nWrite out the value, and remove the anchor (&) and the alias.\nIf the text itself begins with * or &, put it in quotes.';
  return finding('estate.alias', { detail, where: placeOf(place) });
}

function tagFinding(place: Span): Finding {
  const detail =
    'A tag (!) asks the program to convert the value. Tags are not supported.\nRemove it. If the text itself begins with "!", put it in quotes.';
  return finding('estate.tag', { detail, where: placeOf(place) });
}

function mergeKeyFinding(place: Span): Finding {
  const detail =
    'YAML 1.2 has no merge key, and programs disagree about its meaning.\nWrite out the keys, or put the shared part in its own file and name it with -f.';
  return finding('estate.merge-key', { detail, where: placeOf(place) });
}

function keyFinding(place: Span): Finding {
  const detail =
    'Every key here is a text. YAML reads this key as a number, true or false, empty, or a map or list.\nIf it is a name, put it in quotes.';
  return finding('estate.key-not-text', { detail, where: placeOf(place) });
}

function reservedFinding(place: Span): Finding {
  const detail = 'Programs that read this file use this name internally.\nChoose another name.';
  return finding('estate.reserved-key', { detail, where: placeOf(place) });
}

function wideFinding(place: Span): Finding {
  const detail = `This map has more than ${mostEntries.toLocaleString('en-US')} keys; it was read up to here.\nIs it another file?`;
  return finding('estate.too-large', { detail, where: placeOf(place) });
}

function longFinding(place: Span): Finding {
  const detail = `It has more than ${longestText.toLocaleString('en-US')} characters.\nIs a quote missing, or is it another file? Put long lists of accounts in a separate file: members: { file: PATH }.`;
  return finding('estate.too-large', { detail, where: placeOf(place) });
}

function numberFinding(place: Span): Finding {
  const detail =
    'Programs read octal, hexadecimal, huge and other uncommon numbers in different ways.\nWrite it in decimal digits without a leading zero. If it is a text, put it in quotes.';
  return finding('estate.number-form', { detail, where: placeOf(place) });
}

function duplicateFinding(place: Span, first: Span): Finding {
  const detail = `The key is already at ${lineOf(first)}. Only one of the two could count, and choosing one would be a guess.\nRemove one, or rename it.`;
  return finding('estate.duplicate-key', { detail, where: placeOf(place) });
}

/** A file as far as it could be read. */
export interface SourceTree {
  readonly source: SourceText;
  /** Its keys and values; absent where it is not sound enough to say anything about them. */
  readonly root?: MapNode;
  /** Everything that stands in it, whether or not it may be gone on with. */
  readonly part?: ValueNode;
  /** Where secrets stand in it, and what they are. */
  readonly hidden: readonly Span[];
  readonly secrets: readonly string[];
  readonly findings: readonly Finding[];
}

/** The text of one file -> its keys and values, with everything in it that no estate file may have. */
export function readTree(source: SourceText): SourceTree {
  const { contents, findings } = parseYaml(source);
  const nothing = { source, hidden: [], secrets: [] };
  if (contents === undefined) return { ...nothing, findings };
  if (contents === null) return { ...nothing, findings: [empty(source)] };
  const { part, findings: unwanted } = buildNode(contents, source);
  const { spans, texts, findings: literal } = findLiteralSecrets(part);
  const read = { source, part, hidden: spans, secrets: texts };
  if (part.form === 'scalar' && part.span.start === part.span.end) return { ...nothing, findings: [empty(source)] };
  if (part.form !== 'map') return { ...read, findings: [...unwanted, ...literal, noMap(part)] };
  // What a merge key brings in is not known here: every key of it would be reported as missing.
  const open = unwanted.some(one => hasCode(one, 'estate.merge-key'));
  return { ...read, ...(!open && { root: part }), findings: [...unwanted, ...literal] };
}

/** Each of several files says for itself which version it is written in. */
export function versionFinding(root: MapNode): Finding | undefined {
  if (root.entries.has('version')) return undefined;
  return finding('estate.missing-key', { detail: 'the file needs "version".', where: placeOf(root.span) });
}

function empty(source: SourceText): Finding {
  return finding('estate.empty', {
    detail: 'It has no keys, only blanks or comments.\nStart with a copy of examples/chapter.yaml.',
    where: source.position(0),
  });
}

function noMap(part: ValueNode): Finding {
  const is = part.form === 'list' ? 'a list' : 'a single value';
  return finding('estate.wrong-type', {
    detail: `An estate file must be a map of keys and values, but this is ${is}.\nIs it another file?`,
    where: placeOf(part.span),
  });
}
