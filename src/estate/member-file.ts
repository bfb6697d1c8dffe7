import { decodeText } from './decode.ts';
import { readCsvNames } from './member-csv.ts';
import { largestMemberFile, longestMemberLine, mostNames, noNames, tooLarge } from './member-findings.ts';
import { collectNames, type MemberNames, type NameCollector } from './member-names.ts';
import type { SourceText } from './source-text.ts';

/** Lines of the longest file: one for each name, and as many for blanks and comments. */
const mostLines = 2 * mostNames;

/** The names in a file with members: CSV where its name says so, otherwise one on each line. */
export function readMemberFile(file: string, content: Uint8Array): MemberNames {
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
