import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import { memberKey, nameProblem } from '../ldap/distinguished-name.ts';
import type { SourceText } from './source-text.ts';

/** Bytes of the largest file with members. */
export const largestMemberFile = 32_000_000;

/** Members of one file. */
export const mostNames = 1_000_000;

/** Characters of one name; servers allow fewer. */
const longestName = 1_000;

/** Characters of one line of the file. */
export const longestMemberLine = 20_000;

/** A line is named and never quoted: an estate file that a stranger wrote could name any file of this machine. */
function atLine(source: SourceText, line: number, finding: Omit<Finding, 'where' | 'excerpt'>): Finding {
  return { ...finding, where: { file: source.file, line, column: 1 } };
}

/** The file is not one of the estate's own. */
export function outsideOfEstate(file: string, folder: string, where: Finding['where']): Finding {
  const detail = `${file} is not below ${folder}, or a link leads out of it.\nFiles with members must be below the folder of the estate file that names them. Otherwise a changed estate file could show any file of this machine. Move it there.`;
  return finding('estate.members-outside', { detail, where });
}

/** The file is not there, is no file, or may not be read. */
export function unreadable(file: string, reason: string, where: Finding['where']): Finding {
  const detail = `${file}: ${reason}.\nPut the file there, or correct the path. It is relative to the file that contains it.`;
  return finding('estate.members-unreadable', { detail, where });
}

/** More than a site can mean. */
export function tooLarge(file: string, what: string, line = 1): Finding {
  const detail = `${what}\nIs it another file? For very many accounts, use an LDAP filter or a group.`;
  return finding('estate.members-too-large', { detail, where: { file, line, column: 1 } });
}

/** Nobody stands in it. */
export function noNames(file: string): Finding {
  const detail =
    'A file without names is usually a mistake, such as a failed export.\nAdd names to the file, or remove the cohort.';
  return finding('estate.members-empty', { detail, where: { file, line: 1, column: 1 } });
}

/** The first line does not say where the names are. */
export function badHeader(file: string, reason: string): Finding {
  const detail = `${reason}\nStart the file with a line that names its columns, such as:\n    uid\nIf the file has one account on each line and no header, its name must not end in .csv.`;
  return finding('estate.members-header', {
    detail,
    where: {
      file,
      line: 1,
      column: 1,
    },
  });
}

/** The file is no CSV there. */
export function badCsv(file: string, line: number, detail: string): Finding {
  return finding('estate.members-syntax', {
    detail,
    where: {
      file,
      line,
      column: 1,
    },
  });
}

/** A line without an account in it. */
function notAName(source: SourceText, line: number, reason: string): Finding {
  return atLine(
    source,
    line,
    finding('estate.members-name', {
      detail: `${reason}\nWrite a uid, or the whole DN of an account. In a CSV file, put a DN in double quotes.`,
    }),
  );
}

/** The same account once more. */
function twice(source: SourceText, line: number, before: number): Finding {
  return atLine(
    source,
    line,
    finding('estate.members-twice', {
      detail: `Line ${before} already has the same name; case does not count.\nRemove one of the two, and check whether you meant another account.`,
    }),
  );
}

/** The names in a file, each with its line; and what is wrong with them. */
export interface MemberNames {
  readonly list: readonly string[];
  readonly lines: readonly number[];
  readonly findings: readonly Finding[];
}

/** Takes the names of a file one by one. */
export interface NameCollector {
  /** A name and its line; `isDn` where it stands in a column for whole DNs. */
  add(name: string, line: number, isDn: boolean): void;
  /** Something else that is wrong with the file. */
  report(finding: Finding): void;
  /** Whether more would help nobody. */
  full(): boolean;
  names(): MemberNames;
}

/** More than are shown anyhow. */
const mostFindings = 250;

/** Collects names; each must be one, and stand once. */
export function collectNames(source: SourceText): NameCollector {
  const first = new Map<string, number>();
  const list: string[] = [];
  const lines: number[] = [];
  const findings: Finding[] = [];
  const report = (finding: Finding): void => {
    if (findings.length < mostFindings) findings.push(finding);
  };
  const add = (name: string, line: number, isDn: boolean): void => {
    const wrong = memberProblem(name, isDn);
    const key = memberKey(name);
    const before = first.get(key);
    if (wrong !== undefined) report(notAName(source, line, wrong));
    else if (before !== undefined) report(twice(source, line, before));
    else {
      first.set(key, line);
      list.push(name);
      lines.push(line);
    }
  };
  return {
    add,
    report,
    full: () => list.length > mostNames || findings.length >= mostFindings,
    names: () => ({ list, lines, findings }),
  };
}

/** `1.23457E+11`, with a comma in other countries. */
const shortened = /^-?\d(?:[.,]\d+)?E[+-]\d{2,3}$/i;

/** Why a text cannot be the name of an account; nothing where it can. */
function memberProblem(name: string, isDn: boolean): string | undefined {
  if (name === '') return 'It has no name, so an account would be missing.';
  if (name.length > longestName) return `It has more than ${longestName.toLocaleString('en-US')} characters.`;
  if (/[\t\r\n\u0085\u2028\u2029]/.test(name)) return 'The name contains a tab or a line end.';
  if (shortened.test(name))
    return 'A spreadsheet has shortened this number, and its last digits are lost. Format the column as text and save the file again.';
  const problem = isDn || /[=,]/.test(name) ? nameProblem(name) : undefined;
  if (!problem) return undefined;
  const form = isDn ? 'It is not a DN, but is in the column for DNs' : 'It contains a comma or "=", but is not a DN';
  return `${form}: at character ${problem.offset + 1}, ${problem.reason}`;
}
