import { type Command, InvalidArgumentError, Option } from 'commander';
import { changeOrigins } from '../core/plan.ts';
import { type Duration, parseDuration, usualAge } from '../core/units.ts';
import { parseShard, type Shard } from '../plan/shard.ts';
import { defaultFile, standardInput, standardOutput } from '../ports/local-files.ts';
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
    ? 'save the plan to this file, for apply; - writes the plan to standard output, and the report to standard error'
    : 'write the report in the format of --format to this file, and text to standard output; - writes the report to standard output, and text to standard error';
  return command
    .option('-o, --output <file>', output)
    .addOption(
      repeated(
        '--report <file>',
        'write the report to this file as well; its ending sets the format (.txt .json .md .sarif .xml .html), or write junit:FILE',
        readReportFile,
      ),
    );
}

/** `sarif:out/report.json`, or a name whose ending tells the format. */
function readReportFile(named: string): ReportFile {
  const [, prefix, file] = /^([a-z]+):(.+)$/.exec(named) ?? [];
  const said = formats.find(one => one === prefix);
  if (named === standardOutput || file === standardOutput)
    throw new InvalidArgumentError('Standard output takes one report: -o - writes it.');
  if (said !== undefined && file !== undefined) return { format: said, file };
  const format = formatOfFile(named);
  if (format !== undefined) return { format, file: named };
  throw new InvalidArgumentError(
    `The ending of "${named}" is no known format. Name the format in front:\n    --report ${formats.join('|')}:FILE`,
  );
}

/** Gives a command `--connections-from`. */
export function addTrustOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--connections-from <rev>',
      'for pull requests: take hosts and logins from this trusted revision; a host that differs is not contacted',
    ),
  );
}

/** Gives a command the options to plan from a snapshot. */
export function addLiveOptions(command: Command): Command {
  return command
    .addOption(new Option('--live <file>', 'plan from this snapshot, without connections and credentials'))
    .addOption(
      new Option('--max-age <age>', 'with --live: the highest age of the snapshot, such as 12h or 7d')
        .argParser(durationOf)
        .default(usualAge, usualAge.text),
    );
}

function durationOf(text: string): Duration {
  const milliseconds = parseDuration(text);
  if (milliseconds) return { text, milliseconds };
  throw new InvalidArgumentError('Expected a number with s, m, h or d, such as 90m, 12h or 7d.');
}

/** `--lock-wait`: waits for the locks of another run. */
export function lockWait(): Option {
  return new Option(
    '--lock-wait <time>',
    'wait this long for the lock of another run, such as 10m, then start from the present state (default: do not wait)',
  ).argParser(durationOf);
}

/** Gives a command `--shard`. */
export function addShardOption(command: Command): Command {
  return command.addOption(
    new Option('--shard <i/n>', 'read one of n parts only; -o saves the part, and merge joins all parts').argParser(
      shardOf,
    ),
  );
}

function shardOf(text: string): Shard {
  const shard = parseShard(text);
  if (shard) return shard;
  throw new InvalidArgumentError(
    'Expected the number of the part, a slash and the number of parts (at most 999), such as 2/4.',
  );
}

/** Gives a command the options that every command has. */
export function common(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'format of the output')
        .choices(['text', 'json'])
        .default('text', '$RECONCILE_FORMAT or text'),
    )
    .option('--verbose', 'list every host and account')
    .addOption(
      new Option(
        '-q, --quiet',
        'print only errors and the last lines of a text report; no progress, no notes',
      ).conflicts('verbose'),
    )
    .option('-C, --chdir <folder>', 'work as if started in this folder')
    .option('--no-color', 'print without colour');
}

/** The estate files that are named by `-f`. */
export interface FileOptions {
  readonly file?: readonly string[];
}

/** What the argument of estate files is, for help. */
export const estateFiles = 'estate files, merged by key (default: $RECONCILE_FILE or estate.yaml)';

/** `-f`: the estate files. */
export function file(): Option {
  return repeated(
    '-f, --file <file>',
    'an estate file, or - for standard input (default: $RECONCILE_FILE or estate.yaml)',
  );
}

/** `--runs`: the folder of the records of runs. */
export function runsOption(): Option {
  return new Option(
    '--runs <folder>',
    'folder with the records of runs (default: $RECONCILE_RUNS or a folder in ~/.local/state/reconcile)',
  );
}

/** `--base`: the earlier revision or file that says which changes are new and which are drift. */
export function baseOption(): Option {
  return new Option(
    '--base <rev|file>',
    'separate what is new since this revision from drift and from changes that are not applied yet',
  );
}

/** `--applied`: what was applied last. */
export function appliedOption(): Option {
  return new Option(
    '--applied <rev|file>',
    'with --base: the revision that was applied last (default: from the records of runs)',
  );
}

/** `--only`: narrows what is changed. */
export function only(): Option {
  return names('--only <name,...>', 'change these only: hosts, "directory", kinds, or cohorts');
}

/** `--except`: leaves something out of what is changed. */
export function except(): Option {
  return names('--except <name,...>', 'leave these out: hosts, "directory", kinds, or cohorts; also of --only');
}

/** `--origin`: narrows what is changed to what comes from there. */
export function originOption(): Option {
  return names(
    '--origin <name,...>',
    'change only differences of this origin: drift, not-applied or planned; --base or the last complete run decides',
    changeOrigins,
  );
}

/** `--at`: plans for another time. */
export function at(): Option {
  return new Option(
    '--at <date>',
    'show what would be planned then, with the live state of now: a day (UTC), or a time with its zone',
  ).argParser(dateOf);
}

/** A day or a time on a command line, as it was written; anything else is an error. */
export function dateOf(text: string): string {
  const [, day = '', time] = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  const begin = Date.parse(`${day}T00:00:00Z`);
  const isDay = Number.isFinite(begin) && new Date(begin).toISOString().startsWith(day);
  if (isDay && (time === undefined || Number.isFinite(Date.parse(text)))) return text;
  throw new InvalidArgumentError(
    'Expected a day such as 2026-12-05, or a time with its zone such as 2026-12-05T22:30+01:00.',
  );
}

/**
 * An option whose value is a list of names, separated by commas; given again, it adds to the list. It takes one word, so that a
 * file after it stays a file. With `known` it takes these names only.
 */
export function names(flags: string, description: string, known?: readonly string[]): Option {
  const option = new Option(flags, description);
  return (known ? option.choices(known) : option).argParser((text: string, before: readonly string[] = []) => {
    const named = text.split(',').map(name => name.trim());
    const wrong = named.find(name => name === '' || (known && !known.includes(name)));
    if (wrong === undefined) return [...before, ...named];
    throw new InvalidArgumentError(known ? `Allowed are ${known.join(', ')}.` : 'Expected names separated by commas.');
  });
}

/** An option that may be given several times, each time with one value, which `read` understands. */
export function repeated(
  flags: string,
  description: string,
  read: (value: string) => unknown = value => value,
): Option {
  return new Option(flags, `${description}; may be given several times`).argParser(
    (value: string, before: readonly unknown[] = []) => [...before, read(value)],
  );
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

/** The files a command line names, each once; `-f` comes first. */
export function namedFiles(...named: readonly (readonly string[] | undefined)[]): readonly string[] {
  const files = [...new Set(named.flatMap(some => some ?? []))];
  return files.length > 0 ? files : [defaultFile];
}

/** Whether a file that is named to `apply` is a saved plan, which is known by its name; estate files are YAML. */
export function isPlanFile(file: string): boolean {
  return file.endsWith('.json');
}

/** Whether a word that may be the name of a target is an estate file: it ends as YAML does, has a folder, or is standard input. */
export function isEstateFile(word: string): boolean {
  return word === standardInput || word.includes('/') || /\.ya?ml$/i.test(word);
}

/** The schemas there are: of the file, of a saved plan, and of what commands print. */
export const schemaNames = [
  'estate',
  'plan',
  'report',
  'audit',
  'verify',
  'doctor',
  'import',
  'snapshot',
  'part',
  'record',
  'desired',
  'runs',
  'drift-event',
  'verify-event',
  'audit-event',
  'run-event',
] as const;

/** One of them. */
export type SchemaName = (typeof schemaNames)[number];
