import type { Finding } from '../core/finding.ts';
import type { SourceText } from './source-text.ts';

/** Bytes of the largest file with members. */
export const largestMemberFile = 32_000_000;

/** Members of one file. */
export const mostNames = 1_000_000;

/** Characters of one name; servers allow fewer. */
export const longestName = 1_000;

/** Characters of one line of the file. */
export const longestMemberLine = 20_000;

function wrong(code: string, summary: string, detail: string, where: Finding['where']): Finding {
  return { severity: 'error', code, summary, detail, ...(where && { where }) };
}

/** A line is named and never quoted: an estate file that a stranger wrote could name any file of this machine. */
function atLine(source: SourceText, line: number, finding: Omit<Finding, 'where' | 'excerpt'>): Finding {
  return { ...finding, where: { file: source.file, line, column: 1 } };
}

/** The file is not one of the estate's own. */
export function outsideOfEstate(file: string, folder: string, where: Finding['where']): Finding {
  const detail = `${file} does not lie below ${folder}, or a link leads out of it.\nFiles with members lie below the folder of the estate file that names them, so that a changed estate file shows no other file of this machine. Move it there.`;
  return wrong('estate.members-outside', 'A file with members outside of the estate', detail, where);
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
export function notAName(source: SourceText, line: number, reason: string): Finding {
  return atLine(source, line, {
    severity: 'error',
    code: 'estate.members-name',
    summary: 'A line of a file with members does not name an account',
    detail: `${reason}\nWrite a uid, or the whole DN of an account; in a CSV file a DN stands in double quotes.`,
  });
}

/** The same account once more. */
export function twice(source: SourceText, line: number, before: number): Finding {
  return atLine(source, line, {
    severity: 'error',
    code: 'estate.members-twice',
    summary: 'A member stands twice',
    detail: `The name in this line stands in line ${before} already; case does not count.\nRemove one of the two, and see whether somebody else was meant.`,
  });
}
