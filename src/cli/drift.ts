import { watchDrift } from '../app/watch-drift.ts';
import { printable } from '../core/printable.ts';
import type { Report } from '../core/report.ts';
import type { Log } from '../ports/log.ts';
import { readContext } from './contexts.ts';
import { type DriftOptions, driftRequest } from './drift-options.ts';
import type { Environment } from './environment.ts';
import { printFailure, printReport, reportingOn } from './output.ts';

/** `drift`: what live has that the files have not. */
export async function driftCommand(
  files: readonly string[],
  given: DriftOptions,
  environment: Environment,
): Promise<number> {
  const options = reportingOn(given, 'drift', files);
  const result = await watchDrift(driftRequest(options, files), {
    ...readContext(environment, options),
    watching: environment.watching,
    onInterrupt: environment.terminal.onInterrupt,
    log: makeLog(options, environment),
    report: report => printLook(report, options, environment),
  });
  return 'failed' in result ? printFailure(result, options, environment) : result.exitCode;
}

async function printLook(report: Report, options: DriftOptions, environment: Environment): Promise<number> {
  if (options.every === undefined || options.format !== 'json' || options.output !== undefined)
    return printReport(report, options, environment);
  // Of many reports on one output each is a line, so that the end of each is known.
  environment.terminal.stdout(`${JSON.stringify(report)}\n`);
  return report.exitCode;
}

/** Messages on standard error. As JSON each is an object on a line; as text what is ordinary is left out unless asked for. */
function makeLog(
  { log, verbose }: { readonly log: 'text' | 'json'; readonly verbose?: boolean },
  { terminal, clock }: Pick<Environment, 'terminal' | 'clock'>,
): Log {
  return (level, event, message, more = {}) => {
    const at = clock.now();
    if (log === 'json') terminal.stderr(`${JSON.stringify({ at, level, event, message, ...more })}\n`);
    else if (verbose || level !== 'info') terminal.stderr(`${at} ${level} ${printable(message)}\n`);
  };
}
