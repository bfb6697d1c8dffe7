/**
 * Lossless reading and editing of a Java properties file, by the rules of java.util.Properties: `#` and `!` begin a
 * comment, a key ends at the first unescaped `=`, `:` or blank, `\` escapes and joins lines, of equal keys the last
 * wins, and blanks at the end of a value belong to it.
 */

/** A logical line: one or, with continuations, several physical ones. Lines count from 1. */
export interface PropertyLine {
  readonly line: number;
  readonly physical: number;
  readonly key: string;
  readonly value: string;
}

/** One wanted edit: a value, or `undefined` for absent. */
export interface PropertyEdit {
  readonly key: string;
  readonly value: string | undefined;
}

function physicalLines(text: string): readonly string[] {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
}

function withoutEnd(line: string): string {
  return line.replace(/[\r\n]+$/, '');
}

/** A line continues when it ends in an odd number of backslashes. */
function continues(line: string): boolean {
  let start = line.length;
  while (line[start - 1] === '\\') start--;
  return (line.length - start) % 2 === 1;
}

/** Every logical line that is neither blank nor a comment. */
export function parseProperties(text: string): readonly PropertyLine[] {
  const lines = physicalLines(text).map(withoutEnd);
  const found: PropertyLine[] = [];
  for (let index = 0; index < lines.length; index++) {
    const first = (lines[index] ?? '').replace(/^[ \t\f]+/, '');
    if (first === '' || first.startsWith('#') || first.startsWith('!')) continue;
    const start = index;
    const pieces = [first];
    while (continues(pieces.at(-1) ?? '') && index + 1 < lines.length) {
      index++;
      pieces.push((pieces.pop() ?? '').slice(0, -1), (lines[index] ?? '').replace(/^[ \t\f]+/, ''));
    }
    found.push({ line: start + 1, physical: index - start + 1, ...splitLogical(pieces.join('')) });
  }
  return found;
}

function splitLogical(logical: string): { readonly key: string; readonly value: string } {
  // One expression for a whole key would take room on the stack for each character.
  let end = 0;
  while (end < logical.length && !/[=: \t\f]/.test(logical[end] ?? '')) end += logical[end] === '\\' ? 2 : 1;
  const rest = /^[ \t\f]*[=:]?[ \t\f]*/.exec(logical.slice(end))?.[0].length ?? 0;
  return { key: unescaped(logical.slice(0, end)), value: unescaped(logical.slice(end + rest)) };
}

const letters: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.)|$)/gs, (_, hex: string | undefined, char: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return char === undefined ? '' : (letters[char] ?? char);
  });
}

/** A line end that stands in a key or a value is written as a letter, or it would end the line. */
function withoutLineEnds(text: string): string {
  return text.replace(/[\n\r]/g, char => (char === '\n' ? '\\n' : '\\r'));
}

function escapeKey(key: string): string {
  return withoutLineEnds(key.replace(/[\\=: #!\t\f]/g, char => `\\${char}`));
}

function escapeValue(value: string): string {
  return withoutLineEnds(value.replaceAll('\\', '\\\\').replace(/^[ \t\f]/, char => `\\${char}`));
}

/** Key -> its last line. */
export function effectiveProperties(lines: readonly PropertyLine[]): ReadonlyMap<string, PropertyLine> {
  return new Map(lines.map(line => [line.key, line]));
}

/** The text with the edits made; everything else stays byte for byte. Without edits the same text comes back. */
export function editProperties(text: string, edits: readonly PropertyEdit[]): string {
  const lines = [...physicalLines(text)];
  const parsed = parseProperties(text);
  const effective = effectiveProperties(parsed);
  const missing: string[] = [];
  for (const { key, value } of edits) {
    const live = effective.get(key);
    if (value === undefined) for (const line of parsed.filter(p => p.key === key)) blank(lines, line);
    else if (live) rewrite(lines, live, value);
    else missing.push(`${escapeKey(key)}=${escapeValue(value)}`);
  }
  return appended(lines, missing);
}

function blank(lines: string[], { line, physical }: PropertyLine): void {
  for (let index = line - 1; index < line - 1 + physical; index++) lines[index] = '';
}

function rewrite(lines: string[], live: PropertyLine, value: string): void {
  const last = lines[live.line + live.physical - 2] ?? '';
  const end = last.slice(withoutEnd(last).length);
  blank(lines, live);
  lines[live.line - 1] = `${escapeKey(live.key)}=${escapeValue(value)}${end}`;
}

function endsContinued(text: string): boolean {
  const last = parseProperties(text).at(-1);
  const lines = physicalLines(text);
  return (
    last !== undefined && last.line + last.physical - 1 === lines.length && continues(withoutEnd(lines.at(-1) ?? ''))
  );
}

function appended(lines: readonly string[], missing: readonly string[]): string {
  if (missing.length === 0) return lines.join('');
  const ended = lines.find(line => withoutEnd(line) !== line);
  const end = ended === undefined ? '\n' : ended.slice(withoutEnd(ended).length);
  const text = lines.join('');
  const gap = text === '' || /[\r\n]$/.test(text) ? '' : end;
  // A file may end in a line that continues: an empty line ends it, or it would take what is added.
  return text + gap + (endsContinued(text) ? end : '') + missing.map(line => line + end).join('');
}
