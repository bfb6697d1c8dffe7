import { parse } from 'csv-parse/sync';
import { count } from '../core/count.ts';
import { badCsv, badHeader } from './member-findings.ts';
import type { NameCollector } from './member-names.ts';
import type { SourceText } from './source-text.ts';

/** Bytes of one record, which may go over several lines. */
const longestRecord = 100_000;

/** Where the names stand in a record. */
interface Columns {
  readonly uid: number;
  readonly dn: number;
}

/** Reads the names of a CSV file whose header has a column `uid` or `dn`. */
export function readCsvNames(source: SourceText, into: NameCollector): void {
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
    const parted = /[;\t]/.test(header.join('')) ? ' Columns are parted by commas.' : '';
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
  return `It has ${count(cells, 'cell')}, and the header has another number of columns.\nA value with a comma in it, as every DN is, stands in double quotes.`;
}

const otherwise = 'It could not be read as CSV.\nOpen the file in a spreadsheet and save it as CSV once more.';

const words: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE:
    'Something follows right after a closing double quote.\nWrite a double quote inside of a value twice.',
  CSV_QUOTE_NOT_CLOSED: 'A double quote is not closed before the end of the file.\nClose it where the value ends.',
  INVALID_OPENING_QUOTE: 'A double quote stands inside of a value.\nPut the value in quotes, and the inner one twice.',
  CSV_MAX_RECORD_SIZE: `One record has more than ${longestRecord.toLocaleString('en-US')} bytes.\nIs a double quote not closed?`,
};
