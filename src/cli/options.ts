import { type Command, InvalidArgumentError, Option } from 'commander';
import { type SnapshotAge, usualAge } from '../app/plan-estate.ts';
import { parseDuration } from '../core/units.ts';
import { parseShard, type Shard } from '../plan/shard.ts';
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

/** Gives a command `--connections-from`. */
export function addTrustOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--connections-from <rev>',
      'for pull requests: connect only where and as this trusted revision says; what differs is not contacted',
    ),
  );
}

/** Gives a command the options to plan from a snapshot. */
export function addLiveOptions(command: Command): Command {
  return command
    .addOption(new Option('--live <file>', 'plan from a snapshot: opens no connection and needs no credentials'))
    .addOption(
      new Option('--max-age <age>', 'with --live: how old it may be, such as 12h or 7d')
        .argParser(ageOf)
        .default(usualAge, usualAge.text),
    );
}

function ageOf(text: string): SnapshotAge {
  const milliseconds = parseDuration(text);
  if (milliseconds) return { text, milliseconds };
  throw new InvalidArgumentError('It is a number with s, m, h or d behind it: 90m, 12h, 7d.');
}

/** Gives a command `--shard`. */
export function addShardOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--shard <i/n>',
      'look at one of n parts only, which `merge` joins; with -o the part is saved',
    ).argParser(shardOf),
  );
}

function shardOf(text: string): Shard {
  const shard = parseShard(text);
  if (shard) return shard;
  throw new InvalidArgumentError('It is a number, a slash and how many there are, 999 at most: 2/4.');
}

/** Gives a command the options that every command has. */
export function common(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', 'output format').choices(['text', 'json']).default('text'))
    .option('--verbose', 'fold nothing')
    .option('--no-color', 'no colour, as NO_COLOR does');
}

/** The estate files that are named by `-f`. */
export interface FileOptions {
  readonly file?: readonly string[];
}

/** What the argument of estate files is, for help. */
export const estateFiles = 'estate files, merged by key (default: estate.yaml)';

/** `-f`: the estate files. */
export function file(): Option {
  return new Option('-f, --file <file>', 'an estate file; may be given several times').argParser(
    (name: string, before: readonly string[] = []) => [...before, name],
  );
}

/** `--runs`: the folder of the records of runs. */
export function runsOption(): Option {
  return new Option('--runs <folder>', 'where the records of runs are kept (default: in ~/.local/state/reconcile)');
}

/** `--base`: the earlier revision or file that says which changes are new and which are drift. */
export function baseOption(): Option {
  return new Option('--base <rev|file>', 'tell what this revision plans from drift and from what was never applied');
}

/** `--applied`: what was applied last. */
export function appliedOption(): Option {
  return new Option('--applied <rev|file>', 'with --base: what was applied last (default: as the records of runs say)');
}

/** `--only`: narrows what is changed. */
export function only(): Option {
  return new Option('--only <name...>', 'change these only: hosts, "directory", or kinds');
}

/** Reads a whole number from a command line, of which the least is given. */
export function wholeNumber(least: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`Expected a whole number, ${least} or more.`);
    return value;
  };
}
