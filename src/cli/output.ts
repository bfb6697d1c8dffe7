import type { Finding } from '../core/finding.ts';
import type { Report } from '../core/report.ts';
import { renderFindings } from '../render/findings.ts';
import { renderJson } from '../render/json.ts';
import { makeStyle } from '../render/style.ts';
import { renderText } from '../render/text.ts';
import type { Outside } from './outside.ts';

/** The options every command has. */
export interface CommonOptions {
  readonly format: 'text' | 'json';
  readonly verbose?: boolean;
  /** `--no-color` makes it false. */
  readonly color: boolean;
}

/** Prints a report on standard output, and gives its exit code. */
export function printReport(report: Report, options: CommonOptions, outside: Outside, savedPlan?: string): number {
  const text =
    options.format === 'json'
      ? renderJson(report)
      : renderText(report, {
          color: wantsColor(options, outside),
          verbose: options.verbose ?? false,
          ...(savedPlan !== undefined && { savedPlan }),
        });
  outside.stdout(text);
  return report.exitCode;
}

/** Prints findings where there is no plan to show them with. */
export function printFindings(findings: readonly Finding[], options: CommonOptions, outside: Outside): void {
  if (options.format === 'json') outside.stdout(`${JSON.stringify({ findings }, null, 2)}\n`);
  else
    outside.stderr(
      `${renderFindings(findings, makeStyle(wantsColor(options, outside)), options.verbose ?? false).join('\n')}\n`,
    );
}

/** Whether to paint; https://no-color.org: any value but the empty one. */
export function wantsColor(options: Pick<CommonOptions, 'color'>, outside: Outside): boolean {
  return options.color && outside.stdoutIsTerminal && !outside.environment['NO_COLOR'];
}

/** Progress, on a terminal only and in one line. */
export function progressOf(outside: Outside): (message: string) => void {
  if (!outside.stderrIsTerminal) return () => {};
  return message => outside.stderr(`\r\u001b[K${message}`);
}

/** Takes the progress line away before anything else is printed. */
export function endProgress(outside: Outside): void {
  if (outside.stderrIsTerminal) outside.stderr('\r\u001b[K');
}
