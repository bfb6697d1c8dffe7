import { type PlannedState, withoutConnections } from '../core/connection.ts';
import type { ManagedTarget } from '../core/declared.ts';
import type { Finding } from '../core/finding.ts';
import { type DrawCommand, drawAlone } from '../core/next-command.ts';
import type { Report, ReportedCommand } from '../core/report.ts';
import { codePages } from '../explain/code-pages.ts';
import { targetsOf } from '../kinds/registry.ts';
import { type Format, findingsWithLines, type RenderFacts, renderReport } from '../report/format.ts';
import { renderFindings } from '../report/text/finding-lines.ts';
import { makeStyle } from '../report/text/style.ts';
import { exitCodes } from './exit-code.ts';
import { writeFileText } from './files.ts';
import type { ReadOutside } from './outside.ts';
import type { ReportFile } from './report-options.ts';

/** The options every command has; those that do not report know `text` and `json` only. */
export interface CommonOptions {
  /** Draws the commands that messages name; absent where no command was given that they could be made from. */
  readonly draw?: DrawCommand;
  readonly format: Format;
  readonly verbose?: boolean;
  /** `--no-color` makes it false. */
  readonly color: boolean;
  /** Files that get the report besides standard output. */
  readonly report?: readonly ReportFile[];
  /** The file that gets what `--format` says; standard output has text then. */
  readonly output?: string;
  /** What is reported on; absent for commands that do not report. */
  readonly about?: About;
}

/** What a report says of itself also where a command fails at once. */
export interface About {
  readonly command: ReportedCommand;
  /** The estate files, or the saved plan. */
  readonly files: readonly string[];
  /** The name of the estate, once it is known. */
  readonly estate?: string;
}

/** The options of a command that reports. */
export function reportingOn<Options extends CommonOptions>(
  options: Options,
  command: ReportedCommand,
  files: readonly string[],
): Options {
  return { ...options, about: { command, files } };
}

/** The same once the name of the estate is known. */
export function reportingOf<Options extends CommonOptions>(options: Options, estate: string | undefined): Options {
  return options.about && estate !== undefined ? { ...options, about: { ...options.about, estate } } : options;
}

/** Prints a report on standard output and writes it to files; gives its exit code, or that of an error where a file cannot be written. */
export async function printReport(
  report: Report,
  options: CommonOptions,
  outside: ReadOutside,
  savedPlan?: string,
): Promise<number> {
  const { format, output } = options;
  const shown = output === undefined ? format : 'text';
  const facts = { ...renderFacts(options, outside), ...(savedPlan !== undefined && { savedPlan }) };
  const painted = await renderReport(report, shown, { ...facts, color: wantsColor(options, outside) });
  // Standard output has results only, and the text of a failure is none.
  if (report.command === 'failed' && shown === 'text') outside.stderr(painted);
  else outside.stdout(painted);
  return (await writeReports(report, reportFiles(options), options, outside)) ? report.exitCode : exitCodes.error;
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
  outside: ReadOutside,
): Promise<boolean> {
  const facts = renderFacts(options, outside);
  const unwritten: Finding[] = [];
  for (const { format, file } of files) {
    const problem = await writeFileText(file, await renderReport(report, format, facts), outside);
    if (problem) unwritten.push(problem);
  }
  if (unwritten.length > 0) printFindings(unwritten, { ...options, format: 'text' }, outside);
  return unwritten.length === 0;
}

/** What rendering for a file needs: without colour. */
export function renderFacts({ verbose, draw }: CommonOptions, { version, clock }: ReadOutside): RenderFacts {
  const now = clock.now();
  const facts = { color: false, verbose: verbose ?? false, version, now, help: codeHelp, managed: managedOf };
  return { ...facts, ...(draw && { draw }) };
}

function managedOf(desired: PlannedState): readonly ManagedTarget[] {
  return targetsOf(withoutConnections(desired));
}

function codeHelp(code: string): ReturnType<RenderFacts['help']> {
  return codePages.find(page => page.code === code);
}

/** Tells of a command that ended before it had a report of its own, in every format that was asked for; gives the exit code. */
export async function printFailure(
  findings: readonly Finding[],
  exitCode: number,
  options: CommonOptions,
  outside: ReadOutside,
): Promise<number> {
  if (!options.about) {
    printFindings(findings, options, outside);
    return exitCode;
  }
  const { command, files, estate } = options.about;
  const known = estate === undefined ? {} : { estate };
  return printReport({ command: 'failed', of: command, exitCode, ...known, files, findings }, options, outside);
}

/** Prints findings of a command that does not report. */
export function printFindings(given: readonly Finding[], options: CommonOptions, outside: ReadOutside): void {
  const findings = findingsWithLines(given, options.draw ?? drawAlone);
  if (options.format === 'json') outside.stdout(`${JSON.stringify({ findings }, null, 2)}\n`);
  else
    outside.stderr(
      `${renderFindings(findings, makeStyle(wantsColor(options, outside)), options.verbose ?? false).join('\n')}\n`,
    );
}

/** Whether to paint; by https://no-color.org every value counts but the empty one. */
export function wantsColor(options: Pick<CommonOptions, 'color'>, outside: ReadOutside): boolean {
  return options.color && outside.stdoutIsTerminal && !outside.environment['NO_COLOR'];
}

/** Progress, on a terminal only and in one line. */
export function progressOf(outside: ReadOutside): (message: string) => void {
  if (!outside.stderrIsTerminal) return () => {};
  return message => outside.stderr(`\r\u001b[K${message}`);
}

/** Takes the progress line away before anything else is printed. */
export function endProgress(outside: ReadOutside): void {
  if (outside.stderrIsTerminal) outside.stderr('\r\u001b[K');
}
