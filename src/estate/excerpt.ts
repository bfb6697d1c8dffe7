import type { Excerpt, SourcePosition } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import { isSecretName, mask } from './literal-secrets.ts';
import type { SourceText, Span } from './source-text.ts';

/** Longer lines of a file that is not sound are not shown at all. */
const longestGuess = 1_000;

/** How much of a long line is shown, and how much of that before the mark. */
const widest = 100;
const lead = 40;

/** The line of a place, made printable and cut to fit, with what is meant in it; secrets are masked. */
export function excerptOf(source: SourceText, where: SourcePosition, end: number, hidden: readonly Span[]): Excerpt {
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
export function guessedSecrets(source: SourceText, lineNumber: number): readonly Span[] {
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
