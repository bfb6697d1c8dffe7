/**
 * Lossless reading and editing of ics.conf.
 *
 * The documented grammar (Calendar Server 6.3 Administration Guide, appendix E.1): one parameter per line that begins
 * in column 1, `name = "value"` with blanks allowed around `=`, the whole value in one pair of double quotes; a line
 * beginning with `!` (or `!!`) is a comment; of several assignments of one name the last in the file wins.
 *
 * What does not follow it is kept, reported, and never half read: nobody documents what the server makes of it.
 */

/**
 * What is wrong with a line that looks like an assignment.
 *
 * `hash-comment`: the iPlanet 5.0 guide begins comments with `!` in its English edition and with `#` in its Japanese one.
 * By either reading the line assigns nothing.
 *
 * `wrapped`: the value is in quotes on the next line, as the guides print long assignments; both lines belong together.
 */
export type LineProblem =
  | 'hash-comment'
  | 'wrapped'
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
  /** How many lines of the file it takes: 2 where it is wrapped. */
  readonly height: 1 | 2;
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
const sectionMark = '! Set by reconcile: coexistence of Calendar Server 6 and 7';

const clean = /^([a-z0-9._[\]-]+)[ \t]*=[ \t]*"([^"]*)"[ \t]*$/;
/** Not within another word: `x/a.b = "1"` assigns nothing that is known. */
const assignment = /(?<![^\s"])([A-Za-z0-9._[\]-]+)[ \t]*=[ \t]*"([^"]*)"/g;
const unquoted = /^([A-Za-z0-9._[\]-]+)[ \t]*=[ \t]*(?:'([^']*)'|([^\s"']*))[ \t]*$/;
/** A name whose value has not begun, or has begun and has no end. */
const unfinished = /^[ \t]*([A-Za-z0-9._[\]-]+)[ \t]*=[ \t]*("[^"]*)?$/;
const onlyQuoted = /^[ \t]*(?:"([^"]*)"|'([^']*)')[ \t]*$/;
/** The rest of a value, and no assignment of its own. */
const onlyClosed = /^(?![ \t]*(?:[!#]|[A-Za-z0-9._[\]-]+[ \t]*=))([^"]*)"[ \t]*$/;

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

/** Every line that is neither blank nor a comment, and comments that the guide does not know where they look like a value. */
export function parseIcsConf(text: string): readonly IcsConfLine[] {
  const lines = physicalLines(text).map(withoutEnd);
  const parsed: IcsConfLine[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (isSilent(line)) continue;
    const wrapped = parseWrapped(line, lines[at + 1] ?? '');
    parsed.push({ line: at + 1, ...(wrapped ?? { height: 1, ...parseLine(line) }) });
    if (wrapped) at++;
  }
  return parsed;
}

/** Blank, or a comment that nobody would take for anything else. */
function isSilent(line: string): boolean {
  const text = line.trim();
  return line.startsWith('!') || text === '' || (text.startsWith('#') && !/[\w\]][ \t]*=/.test(text));
}

function parseWrapped(line: string, next: string): Omit<IcsConfLine, 'line'> | undefined {
  const [, name, begun] = unfinished.exec(line) ?? [];
  if (name === undefined) return undefined;
  const rest = begun === undefined ? onlyQuoted.exec(next) : onlyClosed.exec(next);
  if (!rest) return undefined;
  const value = `${begun?.slice(1) ?? ''}${rest[1] ?? rest[2] ?? ''}`;
  return { height: 2, assignments: [{ key: name.toLowerCase(), value }], problem: 'wrapped' };
}

function parseLine(line: string): Pick<IcsConfLine, 'assignments' | 'problem'> {
  const exact = clean.exec(line);
  if (exact) return { assignments: [{ key: exact[1] ?? '', value: exact[2] ?? '' }] };
  if (/^[ \t]*#/.test(line)) return { assignments: [], problem: 'hash-comment' };
  if (/^[ \t]*!/.test(line)) return { assignments: [], problem: 'indented' };
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

function parseUnquoted(line: string): Pick<IcsConfLine, 'assignments' | 'problem'> {
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

/** A file as it was read: its lines, and what they make of every key. */
export interface IcsConf {
  readonly lines: readonly IcsConfLine[];
  readonly values: ReadonlyMap<string, EffectiveValue>;
}

const known = new WeakMap<Buffer, IcsConf>();

/** The same of a file's bytes, of which each is one character, whatever the encoding. Each content is parsed once, whoever asks. */
export function icsConfOf(content: Buffer): IcsConf {
  const before = known.get(content);
  if (before) return before;
  const lines = parseIcsConf(content.toString('latin1'));
  const read = { lines, values: effectiveValues(lines) };
  known.set(content, read);
  return read;
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
  const lines = physicalLines(text);
  const parsed = parseIcsConf(text);
  const effective = effectiveValues(parsed);
  const wanted = new Map(edits.map(({ key, value }) => [key, value]));
  const mark = lines.findIndex(line => withoutEnd(line) === sectionMark);
  const edited = [...lines];
  for (const { line, height, assignments, problem } of parsed) {
    const due = new Map(
      assignments.flatMap(({ key }) => {
        const decides = effective.get(key)?.line === line;
        return wanted.has(key) && (decides || wanted.get(key) === undefined) ? [[key, wanted.get(key)] as const] : [];
      }),
    );
    if (due.size === 0) continue;
    const before = lines.slice(line - 1, line - 1 + height);
    edited.fill('', line - 1, line - 1 + height);
    edited[line - 1] = problem
      ? repaired(before, assignments, due)
      : rewritten(before.join(''), [...due.values()][0], mark >= 0 && line - 1 > mark);
  }
  const missing = edits.flatMap(({ key, value }) =>
    value === undefined || effective.has(key) ? [] : [`${key} = "${value}"`],
  );
  return appended(edited, missing);
}

/** In our own section a line is removed; elsewhere it becomes a comment, as the guide advises for obsolete ones. */
function rewritten(line: string, value: string | undefined, ours: boolean): string {
  if (value !== undefined) return line.replace(/"[^"]*"/, () => `"${value}"`);
  return ours ? '' : `!${line}`;
}

/**
 * A broken line becomes one clean line for each thing it assigned and still is to. Where something of it is to be
 * absent, the line as it was stays above them as a comment.
 */
function repaired(
  before: readonly string[],
  assignments: IcsConfLine['assignments'],
  due: ReadonlyMap<string, string | undefined>,
): string {
  const end = endOf(before.join(''));
  const kept = assignments.filter(({ key }) => !due.has(key) || due.get(key) !== undefined);
  const clean = kept.map(({ key, value }) => `${key} = "${due.get(key) ?? value}"`);
  const removed = [...due.values()].includes(undefined) ? before.map(line => `!${withoutEnd(line)}`) : [];
  return [...removed, ...clean].join(endOf(before[0] ?? '') || '\n').concat(end);
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
