import { groupBy } from '../core/collections.ts';
import { type Excerpt, type Finding, mostNamed, type Severity, type SourcePosition } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import { count, wordFor } from '../core/units.ts';
import { type FindingCode, finding } from '../findings/catalogue.ts';
import { isSecretName, mask, quotable, withoutSecrets } from './literal-secrets.ts';
import type { ValueNode } from './node.ts';
import type { SourceText, Span } from './source-text.ts';

/** Longer lines of a file that is not sound are not shown at all. */
const longestGuess = 1_000;

/** How much of a long line is shown, and how much of that before the mark. */
const widest = 100;

const lead = 40;

/** The line of a place, made printable and cut to fit, with what is meant in it; secrets are masked. */
function excerptOf(source: SourceText, where: SourcePosition, end: number, hidden: readonly Span[]): Excerpt {
  const line = source.line(where.line);
  const from = Math.min((where.column ?? 1) - 1, line.length);
  const lineStart = source.offset({ file: source.file, line: where.line });
  const to = Math.max(from, Math.min(end - lineStart, line.trimEnd().length));
  const first = line.length > widest ? whole(line, Math.max(0, from - lead)) : 0;
  const last = line.length > widest ? whole(line, Math.min(line.length, first + widest)) : line.length;
  const shown = (a: number, b: number): string =>
    showRange(line, Math.min(a, last), Math.min(b, last), lineStart, hidden);
  const before = `${first > 0 ? '…' : ''}${shown(first, from)}`;
  const meant = shown(from, to);
  const after = `${shown(to, last)}${last < line.length ? '…' : ''}`;
  return { line: `${before}${meant}${after}`, column: before.length + 1, length: Math.max(1, meant.length) };
}

/** Never between the two halves of one character. */
function whole(line: string, at: number): number {
  const code = line.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}

function showRange(line: string, from: number, to: number, lineStart: number, hidden: readonly Span[]): string {
  let shown = '';
  let at = from;
  const spans = hidden
    .map(({ start, end }) => ({ start: Math.max(from, start - lineStart), end: Math.min(to, end - lineStart) }))
    .filter(({ start, end }) => start < end)
    .sort((a, b) => a.start - b.start);
  for (const { start, end } of spans) {
    shown += printable(line.slice(at, Math.max(at, start))) + (end > at ? mask : '');
    at = Math.max(at, end);
  }
  return shown + printable(line.slice(at, to));
}

/**
 * What to hide in a file that is not sound YAML, where no tree tells keys from values: what follows a name like
 * `password` in its line, what is indented below such a line, and long runs that could be a key.
 */
function guessedSecrets(source: SourceText, lineNumber: number): readonly Span[] {
  const start = source.offset({ file: source.file, line: lineNumber });
  const line = source.line(lineNumber);
  const wholeLine = { source, start, end: start + line.length };
  if (line.length > longestGuess || belowSecretName(source, lineNumber)) return [wholeLine];
  const pair = /([\w.-]+)["']?\s*[:=]\s*/g;
  for (const match of line.matchAll(pair)) {
    if (isSecretName(match[1] ?? '')) return [{ ...wholeLine, start: start + match.index + match[0].length }];
  }
  return [...line.matchAll(/[A-Za-z0-9+/=]{40,}/g)].map(match => ({
    source,
    start: start + match.index,
    end: start + match.index + match[0].length,
  }));
}

/** Looks at the few lines above, up to the one this line is indented below. */
function belowSecretName(source: SourceText, lineNumber: number): boolean {
  const indent = (line: string) => line.length - line.trimStart().length;
  const own = indent(source.line(lineNumber));
  for (let above = lineNumber - 1; above > Math.max(0, lineNumber - 50); above -= 1) {
    const line = source.line(above).slice(0, longestGuess);
    if (line.trim() === '' || indent(line) >= own) continue;
    return isSecretName(/^\s*["']?([\w.-]+)["']?\s*:/.exec(line)?.[1] ?? '');
  }
  return false;
}

/** A file that findings point into. */
export interface ShownFile {
  readonly file: string;
  /** Absent where there is no text to show. */
  readonly source?: SourceText | undefined;
  /** What stands in it; absent where that could not be made out, and secrets are only guessed. */
  readonly part?: ValueNode | undefined;
  readonly hidden: readonly Span[];
  readonly secrets: readonly string[];
}

/** A reader needs no more. */
const mostFindings = 200;

/** So many equal warnings are shown one by one, each with its line. */
const mostEqual = 5;

/** The worst first. */
const severities: readonly Severity[] = ['error', 'warning', 'note'];

/** Cuts what a hostile file can make long. */
const longestLine = 1_000;

/** Findings as they are handed out: in the order of the files, one for each place and code, with the line, without secrets. */
export function showFindings(findings: readonly Finding[], files: readonly ShownFile[]): readonly Finding[] {
  const ends = new Map(files.map(({ file, part }) => [file, part ? endsOf(part) : new Map<number, number>()]));
  const secrets = quotable(files.flatMap(file => file.secrets));
  const ordered = inFileOrder(
    once(findings),
    files.map(({ file }) => file),
  );
  const { kept, cut } = withinLimit(foldEqual(ordered));
  const told = kept.map(finding => {
    const said = { ...finding, detail: withoutSecrets(cutLines(finding.detail), secrets) };
    const shown = files.find(({ file }) => file === finding.where?.file);
    return shown ? withExcerpt(said, shown, ends.get(shown.file)) : said;
  });
  const [next] = cut;
  return next ? [...told, more(next, cut.length)] : told;
}

/** Makes one of many warnings of a file that say the same, as of every host of a farm: the first, which names the lines of all. */
function foldEqual(ordered: readonly Finding[]): readonly Finding[] {
  const remarks = ordered.filter(({ severity, where, about }) => severity !== 'error' && where && !about);
  const alike = groupBy(remarks, ({ severity, code, detail, where }) =>
    JSON.stringify([where?.file, severity, code, detail]),
  );
  const folded = new Map<Finding, Finding | undefined>();
  for (const [first, ...others] of alike.values()) {
    if (!first || others.length < mostEqual) continue;
    const names = [first, ...others].slice(0, mostNamed).map(({ where }) => `line ${where?.line}`);
    folded.set(first, { ...first, about: { count: others.length + 1, names } });
    for (const other of others) folded.set(other, undefined);
  }
  return ordered.flatMap(one => (folded.has(one) ? (folded.get(one) ?? []) : one));
}

/** The worst so many findings, in their order, and the others, the worst first: warnings never push an error out. */
function withinLimit(ordered: readonly Finding[]): {
  readonly kept: readonly Finding[];
  readonly cut: readonly Finding[];
} {
  if (ordered.length <= mostFindings) return { kept: ordered, cut: [] };
  const worst = severities.flatMap(severity => ordered.filter(one => one.severity === severity));
  const shown = new Set(worst.slice(0, mostFindings));
  return { kept: ordered.filter(one => shown.has(one)), cut: worst.slice(mostFindings) };
}

/** As severe as the worst that is not listed: a file with nothing but warnings stays valid, however many they are. */
function more({ severity, where }: Finding, cut: number): Finding {
  const advice =
    severity === 'error'
      ? 'Is it another file? Otherwise fix these problems, and run the command again.'
      : 'None of them is an error. To see them, fix what is listed, and run the command again.';
  return finding('estate.more-problems', {
    severity,
    detail: `${mostFindings} findings are listed, and ${count(cut, 'more', 'more')} ${wordFor(cut, 'is', 'are')} not.\n${advice}`,
    where,
  });
}

function withExcerpt(
  finding: Finding,
  { source, part, hidden }: ShownFile,
  ends?: ReadonlyMap<number, number>,
): Finding {
  const { where } = finding;
  if (!source || !where) return finding;
  const start = source.offset(where);
  const lineEnd = start - (where.column ?? 1) + 1 + source.line(where.line).trimEnd().length;
  const end = Math.max(start + 1, Math.min(ends?.get(start) ?? wordEnd(source, start), lineEnd));
  const excerpt = excerptOf(source, where, end, part ? hidden : guessedSecrets(source, where.line));
  return { ...finding, where: { ...where, endColumn: (where.column ?? 1) + end - start }, excerpt };
}

function wordEnd(source: SourceText, start: number): number {
  const rest = source.text.slice(start, start + 1_000);
  return start + (/^(?:[^\s,:{}[\]]+|.)/.exec(rest)?.[0].length ?? 1);
}

/** Where each key and value ends, by where it begins; of a map that begins with its first key, the key counts. */
function endsOf(root: ValueNode): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const visit = (part: ValueNode): void => {
    ends.set(part.span.start, part.span.end);
    if (part.form === 'list') for (const item of part.items) visit(item);
    if (part.form === 'map') {
      for (const { key, part: value } of part.entries.values()) {
        ends.set(key.start, key.end);
        visit(value);
      }
    }
  };
  visit(root);
  return ends;
}

/** What the schema or a rule says about a place that was already found unreadable is only an echo. */
function once(findings: readonly Finding[]): readonly Finding[] {
  const said = new Set<string>();
  return findings.filter(({ where, code, detail }) => {
    if (!where) return true;
    const place = `${where.file}:${where.line}:${where.column}`;
    const words = `${place} ${code} ${detail}`;
    if (said.has(place) || said.has(words)) return false;
    said.add(unreadable.has(code) ? place : words);
    return true;
  });
}

/** Codes of findings after which nothing more is said about the same place. */
const unreadable: ReadonlySet<string> = new Set<FindingCode>([
  'estate.alias',
  'estate.tag',
  'estate.number-form',
  'estate.literal-secret',
  'estate.env-not-allowed',
  'estate.env-unset',
  'estate.env-untrusted',
  'estate.env-form',
]);

function inFileOrder(findings: readonly Finding[], files: readonly string[]): readonly Finding[] {
  const order = ({ where }: Finding) => [where ? files.indexOf(where.file) : -1, where?.line ?? 0, where?.column ?? 0];
  const compare = (a: readonly number[], b: readonly number[]): number => {
    const at = a.findIndex((value, i) => value !== b[i]);
    return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
  };
  return findings
    .map(finding => ({ finding, key: order(finding) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ finding }) => finding);
}

function cutLines(text: string): string {
  if (text.length <= longestLine) return text;
  return text
    .split('\n')
    .map(line => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line))
    .join('\n');
}
