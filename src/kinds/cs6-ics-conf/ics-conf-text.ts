/**
 * Lossless reading and editing of ics.conf.
 *
 * The documented grammar (Calendar Server 6.3 Administration Guide, appendix E.1): one parameter per line that begins
 * in column 1, `name = "value"` with blanks allowed around `=`, the whole value in one pair of double quotes; a line
 * beginning with `!` (or `!!`) is a comment; of several assignments of one name the last in the file wins.
 *
 * What does not follow it is kept, reported, and never half read: nobody documents what the server makes of it.
 */

/** What is wrong with a line that looks like an assignment. */
export type LineProblem =
  | 'indented'
  | 'unquoted'
  | 'two-assignments'
  | 'trailing-text'
  | 'upper-case-name'
  | 'unclosed-quote'
  | 'not-understood';

/** A line that is not a comment and not blank. `line` counts from 1. */
export interface IcsConfLine {
  readonly line: number;
  /** One, or more where several stand on one line; none where nothing could be made of it. */
  readonly assignments: readonly { readonly key: string; readonly value: string }[];
  readonly problem?: LineProblem;
}

/** What is known of a key: the last line that mentions it decides. */
export interface EffectiveValue {
  readonly value: string;
  readonly line: number;
  /** Set where the deciding line breaks the grammar: the server may see another value, or none. */
  readonly problem?: LineProblem;
}

/** One wanted edit: a value, or `undefined` for absent. */
export interface IcsConfEdit {
  readonly key: string;
  readonly value: string | undefined;
}

/** Heads the section that holds the keys a file did not have; the guide recommends such a section at the end. */
export const sectionMark = '! Set by reconcile: coexistence of Calendar Server 6 and 7';

const clean = /^([a-z0-9._[\]-]+)[ \t]*=[ \t]*"([^"]*)"[ \t]*$/;
const assignment = /([A-Za-z0-9._[\]-]+)[ \t]*=[ \t]*"([^"]*)"/g;
const unquoted = /^([A-Za-z0-9._[\]-]+)[ \t]*=[ \t]*(?:'([^']*)'|([^\s"']*))[ \t]*$/;

/** Physical lines with their ends, so that joining them gives the same text. */
function physicalLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function withoutEnd(line: string): string {
  return line.replace(/\r?\n$/, '');
}

function endOf(line: string): string {
  return line.slice(withoutEnd(line).length);
}

/** Every line that is neither blank nor a comment. */
export function parseIcsConf(text: string): readonly IcsConfLine[] {
  return physicalLines(text).flatMap((raw, index) => {
    const line = withoutEnd(raw);
    if (line.startsWith('!') || line.trim() === '') return [];
    return [{ line: index + 1, ...parseLine(line) }];
  });
}

function parseLine(line: string): Omit<IcsConfLine, 'line'> {
  const exact = clean.exec(line);
  if (exact) return { assignments: [{ key: exact[1] ?? '', value: exact[2] ?? '' }] };
  const all = [...line.matchAll(assignment)].map(m => ({ key: (m[1] ?? '').toLowerCase(), value: m[2] ?? '' }));
  if (all.length > 1) return { assignments: all, problem: 'two-assignments' };
  if (all.length === 1) return { assignments: all, problem: singleProblem(line) };
  return parseUnquoted(line);
}

function singleProblem(line: string): LineProblem {
  if (/^[ \t]/.test(line)) return 'indented';
  if (/^[A-Za-z0-9._[\]-]+[ \t]*=[ \t]*"[^"]*"[ \t]*$/.test(line)) return 'upper-case-name';
  return /^[A-Za-z0-9._[\]-]+[ \t]*=/.test(line) ? 'trailing-text' : 'not-understood';
}

function parseUnquoted(line: string): Omit<IcsConfLine, 'line'> {
  const bare = unquoted.exec(line.trim());
  if (bare) {
    const assignments = [{ key: (bare[1] ?? '').toLowerCase(), value: bare[2] ?? bare[3] ?? '' }];
    return { assignments, problem: 'unquoted' };
  }
  const opened = /^[ \t]*([A-Za-z0-9._[\]-]+)[ \t]*=[ \t]*"([^"]*)$/.exec(line);
  if (opened)
    return {
      assignments: [{ key: (opened[1] ?? '').toLowerCase(), value: opened[2] ?? '' }],
      problem: 'unclosed-quote',
    };
  return { assignments: [], problem: 'not-understood' };
}

/** The value of every key that is assigned, by the rule that the last line wins. */
export function effectiveValues(lines: readonly IcsConfLine[]): ReadonlyMap<string, EffectiveValue> {
  const values = new Map<string, EffectiveValue>();
  for (const { line, assignments, problem } of lines) {
    for (const { key, value } of assignments) values.set(key, { value, line, ...(problem && { problem }) });
  }
  return values;
}

/**
 * The guide prints empty defaults as `" "`: a blank value and an empty one are the same.
 * Case counts: nobody documents that it does not.
 */
export function sameValue(a: string, b: string): boolean {
  return a === b || (a.trim() === '' && b.trim() === '');
}

/** The text with the edits made; everything else stays byte for byte. Without edits the same text comes back. */
export function editIcsConf(text: string, edits: readonly IcsConfEdit[]): string {
  const lines = [...physicalLines(text)];
  const effective = effectiveValues(parseIcsConf(text));
  const repairs = new Map<number, Map<string, string>>();
  const missing: string[] = [];
  for (const { key, value } of edits) {
    const live = effective.get(key);
    if (value === undefined) removeKey(lines, key);
    else if (!live) missing.push(`${key} = "${value}"`);
    else if (live.problem)
      repairs.set(live.line, (repairs.get(live.line) ?? new Map<string, string>()).set(key, value));
    else lines[live.line - 1] = withValue(lines[live.line - 1] ?? '', value);
  }
  for (const [line, values] of repairs) lines[line - 1] = repaired(lines[line - 1] ?? '', values);
  return appended(lines, missing);
}

function withValue(line: string, value: string): string {
  return line.replace(/"[^"]*"/, () => `"${value}"`);
}

/** A broken line becomes one clean line for each thing it assigned. */
function repaired(line: string, values: ReadonlyMap<string, string>): string {
  const end = endOf(line);
  return parseLine(withoutEnd(line))
    .assignments.map(({ key, value }) => `${key} = "${values.get(key) ?? value}"`)
    .join(end || '\n')
    .concat(end);
}

/** In our own section a line is removed; elsewhere it becomes a comment, as the guide advises for obsolete ones. */
function removeKey(lines: string[], key: string): void {
  const mark = lines.findIndex(line => withoutEnd(line) === sectionMark);
  lines.forEach((line, index) => {
    const assigns = clean.exec(withoutEnd(line))?.[1] === key;
    if (assigns) lines[index] = mark >= 0 && index > mark ? '' : `!${line}`;
  });
}

function appended(lines: readonly string[], missing: readonly string[]): string {
  if (missing.length === 0) return lines.join('');
  const end = endOf(lines.find(line => endOf(line) !== '') ?? '\n');
  const whole = lines.map((line, i) =>
    i === lines.length - 1 && endOf(line) === '' && line !== '' ? line + end : line,
  );
  const marked = whole.some(line => withoutEnd(line) === sectionMark);
  return [...whole, ...(marked ? [] : [sectionMark + end]), ...missing.map(line => line + end)].join('');
}
