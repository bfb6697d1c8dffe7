import type { Finding } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import type { SourceText } from './source-text.ts';

/** Bytes of the largest file with members. */
export const largestMemberFile = 32_000_000;

/** Members of one file. */
export const mostNames = 1_000_000;

/** Characters of one name; servers allow fewer. */
export const longestName = 1_000;

/** Characters of one line of the file. */
export const longestMemberLine = 20_000;

/** How much of a name is quoted. */
const widest = 100;

function wrong(code: string, summary: string, detail: string, where: Finding['where']): Finding {
  return { severity: 'error', code, summary, detail, ...(where && { where }) };
}

/** What is said about a line quotes the name in it and nothing else: other columns are nobody's business. */
function atName(source: SourceText, line: number, name: string, finding: Omit<Finding, 'where' | 'excerpt'>): Finding {
  const column = Math.max(0, source.line(line).slice(0, longestMemberLine).indexOf(name)) + 1;
  const shown = printable(quoted(name));
  return {
    ...finding,
    where: { file: source.file, line, column, endColumn: column + Math.max(1, name.length) },
    ...(shown !== '' && { excerpt: { line: shown, column: 1, length: shown.length } }),
  };
}

function quoted(name: string): string {
  return name.length > widest ? `${name.slice(0, widest)}…` : name;
}

/** The file is not there, is no file, or may not be read. */
export function unreadable(file: string, reason: string, where: Finding['where']): Finding {
  const detail = `${file}: ${reason}.\nPut the file there, or correct the path; it is relative to the file it stands in.`;
  return wrong('estate.members-unreadable', 'A file with members cannot be read', detail, where);
}

/** More than a site can mean. */
export function tooLarge(file: string, what: string, line = 1): Finding {
  const detail = `${what}\nIs it another file? Very many accounts are better said as an LDAP filter or a group.`;
  return wrong('estate.members-too-large', 'A file with members is too large', detail, { file, line, column: 1 });
}

/** Nobody stands in it. */
export function noNames(file: string): Finding {
  const detail =
    'A cohort that nobody belongs to is most often a slip, such as an export that failed.\nPut names into the file, or remove the cohort.';
  return wrong('estate.members-empty', 'There is nobody in a file with members', detail, { file, line: 1, column: 1 });
}

/** The first line does not say where the names are. */
export function badHeader(file: string, reason: string): Finding {
  const detail = `${reason}\nBegin the file with a line that names its columns, such as:\n    uid\nA file with one name a line and no header has a name that does not end in .csv.`;
  return wrong('estate.members-header', 'The header of a CSV file does not say which column has the members', detail, {
    file,
    line: 1,
    column: 1,
  });
}

/** The file is no CSV there. */
export function badCsv(file: string, line: number, detail: string): Finding {
  return wrong('estate.members-syntax', 'A line of a file with members is not valid CSV', detail, {
    file,
    line,
    column: 1,
  });
}

/** A line without an account in it. */
export function notAName(source: SourceText, line: number, name: string, reason: string): Finding {
  return atName(source, line, name, {
    severity: 'error',
    code: 'estate.members-name',
    summary: 'A line of a file with members does not name an account',
    detail: `${reason}\nWrite a uid, or the whole DN of an account; in a CSV file a DN stands in double quotes.`,
  });
}

/** The same account once more. */
export function twice(source: SourceText, line: number, name: string, before: number): Finding {
  return atName(source, line, name, {
    severity: 'error',
    code: 'estate.members-twice',
    summary: 'A member stands twice',
    detail: `"${quoted(name)}" stands in line ${before} already; case does not count.\nRemove one of the two, and see whether somebody else was meant.`,
  });
}
