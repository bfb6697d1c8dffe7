import { dirname } from 'node:path/posix';
import { parse } from 'csv-parse/sync';
import type { Finding } from '../core/finding.ts';
import { count } from '../core/units.ts';
import { decodeText } from './decode.ts';
import type { DocumentPath, EstateDocument, FileReader, NotRead } from './document.ts';
import { resolvePath } from './document.ts';
import type { EstateFile } from './estate-file.ts';
import {
  badCsv,
  badHeader,
  collectNames,
  largestMemberFile,
  longestMemberLine,
  type MemberNames,
  mostNames,
  type NameCollector,
  noNames,
  outsideOfEstate,
  tooLarge,
  unreadable,
} from './member-names.ts';
import type { SourceText } from './source-text.ts';
import { overValidNodes } from './valid-nodes.ts';

/** Bytes of one record, which may go over several lines. */
const longestRecord = 100_000;

/** Where the names stand in a record. */
interface Columns {
  readonly uid: number;
  readonly dn: number;
}

/** Reads the names of a CSV file whose header has a column `uid` or `dn`. */
function readCsvNames(source: SourceText, into: NameCollector): void {
  let columns: Columns | undefined;
  let headerRead = false;
  const onRecord = (record: readonly string[], lastLine: number): void => {
    const line = lastLine - record.join('').split('\n').length + 1;
    if (columns) addRecord(record, line, columns, into);
    if (headerRead) return;
    headerRead = true;
    const found = findColumns(record);
    if (typeof found === 'string') into.report(badHeader(source.file, found));
    else columns = found;
  };
  reportSyntax(source.file, parseRecords(source.text, onRecord), into);
}

/** A record that could not be read. */
interface CsvProblem {
  readonly code: string;
  readonly line: number;
  readonly cells: number;
}

function parseRecords(
  text: string,
  onRecord: (record: readonly string[], line: number) => void,
): readonly CsvProblem[] {
  const problems: CsvProblem[] = [];
  let read = 0;
  parse(text, {
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: longestRecord,
    on_skip: error => {
      const last = Number(error?.['lines'] ?? 0);
      // A quote that stays open takes all that follows with it: what is wrong begins behind the last good record.
      const line = openEnded.includes(error?.code ?? '') ? read + 1 : last;
      const record: unknown = error?.['record'];
      if (problems.length < mostProblems)
        problems.push({ code: error?.code ?? '', line, cells: Array.isArray(record) ? record.length : 0 });
      read = last;
      return undefined;
    },
    // Kept nowhere: a million records with what is known of each would not fit.
    on_record: (record: readonly string[], { lines }) => {
      read = lines;
      onRecord(record, lines);
      return null;
    },
  });
  return problems;
}

/** More than are shown anyhow. */
const mostProblems = 1_000;

const openEnded: readonly string[] = ['CSV_QUOTE_NOT_CLOSED', 'CSV_MAX_RECORD_SIZE'];

function findColumns(header: readonly string[]): Columns | string {
  const names = header.map(cell => cell.trim().toLowerCase());
  const columns = { uid: names.indexOf('uid'), dn: names.indexOf('dn') };
  if (columns.uid < 0 && columns.dn < 0) {
    const parted = /[;\t]/.test(header.join('')) ? ' Columns are separated by commas.' : '';
    return `None of its ${count(names.length, 'column')} is called "uid" or "dn".${parted}`;
  }
  const double = ['uid', 'dn'].find(name => names.indexOf(name) !== names.lastIndexOf(name));
  return double === undefined ? columns : `Two columns are called "${double}", and only one of them could count.`;
}

function addRecord(record: readonly string[], line: number, { uid, dn }: Columns, into: NameCollector): void {
  // What a spreadsheet leaves below its last row.
  if (into.full() || record.every(cell => cell.trim() === '')) return;
  const wholeName = record[dn]?.trim() ?? '';
  if (wholeName !== '') into.add(wholeName, line, true);
  else into.add(record[uid]?.trim() ?? '', line, false);
}

/** Of quotes that went wrong only the first is told: behind it the parser and the author no longer mean the same cells. */
function reportSyntax(file: string, problems: readonly CsvProblem[], into: NameCollector): void {
  for (const { code, line, cells } of problems) {
    const wrongLength = code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH';
    into.report(badCsv(file, line, wrongLength ? lengthDetail(cells) : (words[code] ?? otherwise)));
    if (!wrongLength) return;
  }
}

function lengthDetail(cells: number): string {
  return `It has ${count(cells, 'cell')}, but the header has another number of columns.\nPut a value with a comma, such as a DN, in double quotes.`;
}

const otherwise = 'It is not valid CSV.\nOpen the file in a spreadsheet and save it as CSV again.';

const words: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE:
    'Text follows right after a closing double quote.\nWrite a double quote inside a value twice.',
  CSV_QUOTE_NOT_CLOSED: 'A double quote is not closed before the end of the file.\nClose it at the end of the value.',
  INVALID_OPENING_QUOTE: 'A double quote is inside a value.\nPut the value in quotes, and write the inner quote twice.',
  CSV_MAX_RECORD_SIZE: `One record has more than ${count(longestRecord, 'byte')}.\nIs a double quote not closed?`,
};

/** Lines of the longest file: one for each name, and as many for blanks and comments. */
const mostLines = 2 * mostNames;

/** The names in a file with members: CSV where its name says so, otherwise one on each line. */
function readMemberFile(file: string, content: Uint8Array): MemberNames {
  const large = tooMuch(file, content);
  if (large) return { list: [], lines: [], findings: [large] };
  const { source, findings } = decodeText(file, content);
  if (!source) return { list: [], lines: [], findings };
  const long = longLine(source);
  if (long !== undefined) return { list: [], lines: [], findings: [lineTooLong(file, long)] };
  const names = collectNames(source);
  if (/\.csv$/i.test(file)) readCsvNames(source, names);
  else readLines(source, names);
  return complete(file, names.names());
}

function complete(file: string, names: MemberNames): MemberNames {
  if (names.list.length > mostNames) {
    const finding = tooLarge(file, `It has more than ${mostNames.toLocaleString('en-US')} names.`);
    return { list: [], lines: [], findings: [finding] };
  }
  if (names.list.length > 0 || names.findings.length > 0) return names;
  return { ...names, findings: [noNames(file)] };
}

/** Before the text is taken apart: what a hostile file makes of it would need far more memory. */
function tooMuch(file: string, content: Uint8Array) {
  if (content.length > largestMemberFile)
    return tooLarge(file, `It has more than ${largestMemberFile.toLocaleString('en-US')} bytes.`);
  let lines = 0;
  for (let at = content.indexOf(10); at >= 0 && lines <= mostLines; at = content.indexOf(10, at + 1)) lines += 1;
  return lines > mostLines ? tooLarge(file, `It has more than ${mostLines.toLocaleString('en-US')} lines.`) : undefined;
}

function longLine({ text }: SourceText): number | undefined {
  let line = 1;
  for (let from = 0; from < text.length; line += 1) {
    const end = text.indexOf('\n', from);
    if ((end < 0 ? text.length : end) - from > longestMemberLine) return line;
    if (end < 0) return undefined;
    from = end + 1;
  }
  return undefined;
}

function lineTooLong(file: string, line: number) {
  return tooLarge(file, `This line has more than ${longestMemberLine.toLocaleString('en-US')} characters.`, line);
}

function readLines({ text }: SourceText, into: NameCollector): void {
  let line = 0;
  for (let from = 0; from < text.length && !into.full(); ) {
    const end = text.indexOf('\n', from);
    const name = text.slice(from, end < 0 ? text.length : end).trim();
    line += 1;
    from = end < 0 ? text.length : end + 1;
    if (name !== '' && !name.startsWith('#')) into.add(name, line, false);
  }
}

/** The members of cohorts that stand in files of their own. */
export interface ListedMembers {
  /** By the name of the cohort. */
  readonly cohorts: ReadonlyMap<string, { readonly file: string; readonly names: MemberNames }>;
  readonly findings: readonly Finding[];
  /** Files that findings may point into. */
  readonly files: readonly string[];
}

/** Reads the files that cohorts name, each once, with every problem in any of them. */
export function readListedMembers(
  estate: EstateFile,
  document: EstateDocument,
  readFile: FileReader = () => ({ reason: 'nothing can read files here' }),
): ListedMembers {
  const asked = askedFiles(estate, document);
  const files = [...new Set(asked.map(({ file }) => file))];
  const read = new Map(asked.map(({ file, folder }) => [file, readNames(file, folder, readFile)]));
  const findings = asked.flatMap(({ file, folder, path }) => {
    const names = read.get(file);
    if (!names) return [];
    if (!('reason' in names)) return names.findings;
    const where = document.at(path);
    return names.outside ? [outsideOfEstate(file, folder, where)] : [unreadable(file, names.reason, where)];
  });
  const cohorts = new Map(
    asked.flatMap(({ cohort, file }) => {
      const names = read.get(file);
      return names && !('reason' in names) ? [[cohort, { file, names }] as const] : [];
    }),
  );
  return { cohorts, findings, files };
}

function readNames(file: string, folder: string, readFile: FileReader): MemberNames | NotRead {
  const content = readFile(file, largestMemberFile, folder);
  return content instanceof Uint8Array ? readMemberFile(file, content) : content;
}

interface AskedFile {
  readonly cohort: string;
  readonly path: DocumentPath;
  readonly file: string;
  /** Where it has to lie: the folder of the estate file that names it. */
  readonly folder: string;
}

function askedFiles(estate: EstateFile, document: EstateDocument): readonly AskedFile[] {
  return overValidNodes(() =>
    Object.keys(estate.cohorts).flatMap(cohort =>
      overValidNodes(() => {
        const members = estate.cohorts[cohort]?.members;
        if (members === undefined || members === 'rest' || members.file === undefined) return [];
        const path = ['cohorts', cohort, 'members', 'file'];
        const folder = dirname(document.at(path).file);
        return [{ cohort, path, folder, file: resolvePath(document, path, members.file) }];
      }),
    ),
  );
}
