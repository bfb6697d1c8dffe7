import { type Failure, failedReport } from '../app/context.ts';
import { writeFileText } from '../app/files.ts';
import { managedTargets } from '../app/load-estate.ts';
import type { Finding } from '../core/finding.ts';
import { type DrawCommand, drawAlone, programName } from '../core/next-command.ts';
import { printableJson } from '../core/printable.ts';
import type { Report, ReportedCommand } from '../core/report.ts';
import { exitCodes } from '../core/report.ts';
import { findingPages } from '../findings/areas.ts';
import { type Format, findingsWithLines, type RenderFacts, renderReport } from '../report/format.ts';
import { renderFindings } from '../report/text/finding-lines.ts';
import { makeStyle, type Style } from '../report/text/layout.ts';
import { type Environment, textColumns, wantsColor } from './environment.ts';
import type { ReportFile } from './options.ts';

/** What printing needs. */
export type PrintEnvironment = Pick<
  Environment,
  'terminal' | 'files' | 'variables' | 'version' | 'clock' | 'readProvenance' | 'calledAs'
>;

/** The options every command has; those that do not report know `text` and `json` only. */
export interface CommonOptions {
  /** Draws the commands that messages name; absent where no command was given that they could be made from. */
  readonly draw?: DrawCommand;
  readonly format: Format;
  readonly verbose?: boolean;
  /** Errors and the end of a text report only. */
  readonly quiet?: boolean;
  /** `--no-color` makes it false. */
  readonly color: boolean;
  /** Files that get the report besides standard output. */
  readonly report?: readonly ReportFile[];
  /** The file that gets what `--format` says, `-` for standard output; text goes to standard output, or to standard error. */
  readonly output?: string;
  /** What is reported on; absent for commands that do not report. */
  readonly about?: About;
}

/** What a report says of itself also where a command fails at once. */
export interface About {
  readonly command: ReportedCommand;
  /** The estate files, or the saved plan. */
  readonly files: readonly string[];
  /** The files whose commit counts, where these are others. */
  readonly from?: readonly string[];
}

/** The options of a command that reports. */
export function reportingOn<Options extends CommonOptions>(
  options: Options,
  command: ReportedCommand,
  files: readonly string[],
  from = files,
): Options {
  return { ...options, about: { command, files, from } };
}

/** Prints a report on standard output and writes it to files; gives its exit code, or that of an error where a file cannot be written. */
export async function printReport(
  given: Report,
  options: CommonOptions,
  environment: PrintEnvironment,
  savedPlan?: string,
): Promise<number> {
  const { format, output } = options;
  const shown = output === undefined ? format : 'text';
  const files = reportFiles(options);
  // Their text has no first line that names a commit: git would be asked for nothing.
  const isNamed = shown !== 'text' || (given.command !== 'validate' && given.command !== 'failed');
  const report = isNamed || files.length > 0 ? withProvenance(given, environment, options.about) : given;
  const facts = { ...renderFacts(options, environment), ...(savedPlan !== undefined && { savedPlan }) };
  // Standard output has results only, and the text of a failure is none.
  const stream = report.command === 'failed' && shown === 'text' ? 'stderr' : 'stdout';
  const painted = await renderReport(report, shown, {
    ...facts,
    ...{ color: wantsColor(options, environment, stream), columns: textColumns(environment, stream) },
  });
  environment.terminal[stream](painted);
  return (await writeReports(report, files, options, environment)) ? report.exitCode : exitCodes.error;
}

/**
 * A report with who asked for it, and the commit that its estate files are from. What was found with a plan counts: to know it
 * starts git, which is asked once.
 */
export function withProvenance<R extends Report>(
  report: R,
  { readProvenance }: Pick<Environment, 'readProvenance'>,
  about: About | undefined,
): R {
  if (report.actor !== undefined) return report;
  if (!('plan' in report)) return { ...report, ...readProvenance(about?.from ?? about?.files ?? []) };
  const { actor, commit, clean, job } = report.plan;
  const by = { actor, commit, clean, job };
  return { ...report, ...Object.fromEntries(Object.entries(by).filter(([, value]) => value !== undefined)) };
}

/** The files that options want the report in. */
export function reportFiles({ report = [], format, output }: CommonOptions): readonly ReportFile[] {
  return output === undefined ? report : [...report, { format, file: output }];
}

/** Writes a report to files, and says on standard error which could not be written; whether all were. */
export async function writeReports(
  report: Report,
  files: readonly ReportFile[],
  options: CommonOptions,
  environment: PrintEnvironment,
): Promise<boolean> {
  const facts = renderFacts(options, environment);
  const unwritten: Finding[] = [];
  for (const { format, file } of files) {
    const problem = await writeFileText(file, await renderReport(report, format, facts), environment.files);
    if (problem) unwritten.push(problem);
  }
  if (unwritten.length > 0) printFindings(unwritten, { ...options, format: 'text' }, environment);
  return unwritten.length === 0;
}

/** What rendering for a file needs: without colour. */
export function renderFacts({ verbose, quiet, draw }: CommonOptions, environment: PrintEnvironment): RenderFacts {
  const { version, clock, files } = environment;
  const [now, place] = [clock.now(), files.pathInRepository];
  const facts = {
    color: false,
    columns: textColumns(environment),
    verbose: verbose ?? false,
    ...(quiet && { quiet }),
    version,
    now,
    place,
    help: codeHelp,
    managed: managedTargets,
  };
  return { ...facts, ...(draw && { draw }) };
}

function codeHelp(code: string): ReturnType<RenderFacts['help']> {
  return findingPages.find(page => page.code === code);
}

/** Prints why a command ended before it had a result, in every format that was asked for; returns the exit code. */
export async function printFailure(
  failure: Failure,
  options: CommonOptions,
  environment: PrintEnvironment,
): Promise<number> {
  if (!options.about) {
    printFindings(failure.failed, options, environment);
    return failure.exitCode;
  }
  const { command, files } = options.about;
  return printReport(failedReport(command, files, failure), options, environment);
}

/** Prints findings of a command that does not report. */
export function printFindings(given: readonly Finding[], options: CommonOptions, environment: PrintEnvironment): void {
  const { draw = drawAlone } = options;
  const program = options.format === 'json' ? programName : environment.calledAs;
  const findings = findingsWithLines(given, (next, saved) => draw(next, saved, program));
  if (options.format === 'json') environment.terminal.stdout(printableJson({ findings }));
  else
    environment.terminal.stderr(
      `${renderFindings(findings, styleOn('stderr', options, environment), options.verbose ?? false).join('\n')}\n`,
    );
}

/** How text on a stream looks. */
export function styleOn(
  stream: 'stdout' | 'stderr',
  options: Pick<CommonOptions, 'color'>,
  environment: Pick<Environment, 'terminal' | 'variables'>,
): Style {
  return makeStyle(wantsColor(options, environment, stream), textColumns(environment, stream));
}
