import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Format, formatOfFile, formats } from '../report/format.ts';

/** A file that gets the report, and how it is written there. */
export interface ReportFile {
  readonly format: Format;
  readonly file: string;
}

/** Gives a command that reports all formats, and files to write the report to; `-o` of one that makes a plan saves that. */
export function addReportOptions(
  command: Command,
  {
    formats: further = [],
    savesPlan = false,
  }: { readonly formats?: readonly string[]; readonly savesPlan?: boolean } = {},
): Command {
  const format = command.options.find(({ long }) => long === '--format');
  format?.choices([...formats, ...further]);
  const output = savesPlan
    ? 'save the plan for apply'
    : 'write what --format says to a file, and text to standard output';
  return command
    .option('-o, --output <file>', output)
    .addOption(
      new Option(
        '--report <file>',
        'write the report to a file as well, as its ending says (.txt .json .md .sarif .xml .html) or as in junit:FILE; may be given several times',
      ).argParser((named: string, before: readonly ReportFile[] = []) => [...before, readReportFile(named)]),
    );
}

/** `sarif:out/report.json`, or a name whose ending tells the format. */
function readReportFile(named: string): ReportFile {
  const [, prefix, file] = /^([a-z]+):(.+)$/.exec(named) ?? [];
  const said = formats.find(one => one === prefix);
  if (said !== undefined && file !== undefined) return { format: said, file };
  const format = formatOfFile(named);
  if (format !== undefined) return { format, file: named };
  throw new InvalidArgumentError(
    `"${named}" does not tell its format. Say it before the name:\n    --report ${formats.join('|')}:FILE`,
  );
}
