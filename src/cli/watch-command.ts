import { type TakeLook, watchEstate } from '../app/watch-estate.ts';
import { printable } from '../core/printable.ts';
import type { Report } from '../core/report.ts';
import type { Log } from '../ports/progress.ts';
import type { Seen, Watched } from '../watch/watched.ts';
import { readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type NotifyOptions, type WatchOptions, watchRequest } from './notify-options.ts';
import { type CommonOptions, printFailure, printReport } from './output.ts';

/** Looks once or again and again, prints what is new, and tells who is to hear of it; returns the exit code. */
export async function watchCommand<S extends Seen>(
  watched: Watched<S>,
  take: TakeLook<S>,
  options: CommonOptions & WatchOptions,
  environment: Environment,
): Promise<number> {
  const { files = [] } = options.about ?? {};
  const result = await watchEstate(watched, take, watchRequest(options, files), {
    ...readContext(withoutStatus(environment, options), options),
    watching: environment.watching,
    onInterrupt: stop =>
      environment.terminal.onInterrupt(() => {
        sayStopping(options, environment);
        stop();
      }),
    log: makeLog(options, environment),
    report: report => printLook(report, options, environment),
  });
  return 'failed' in result ? printFailure(result, options, environment) : result.exitCode;
}

/** A program that stays says in its log what it does; one that looks once shows it. */
export function withoutStatus(environment: Environment, { every }: Pick<WatchOptions, 'every'>): Environment {
  if (every === undefined) return environment;
  return { ...environment, terminal: { ...environment.terminal, status: () => {} } };
}

function sayStopping({ log, quiet }: CommonOptions & WatchOptions, { terminal }: Environment): void {
  if (log !== 'json' && !quiet) terminal.stderr('Stopping. A check that is under way is not finished.\n');
}

async function printLook(
  report: Report,
  options: CommonOptions & WatchOptions,
  environment: Environment,
): Promise<number> {
  if (options.every === undefined || options.format !== 'json' || options.output !== undefined)
    return printReport(report, options, environment);
  // Of many reports on one output each is a line, so that the end of each is known.
  environment.terminal.stdout(`${JSON.stringify(report)}\n`);
  return report.exitCode;
}

/** Messages on standard error. As JSON each is an object on a line; as text what is ordinary is left out unless asked for. */
export function makeLog(
  { log, verbose, quiet }: Pick<NotifyOptions & CommonOptions, 'log' | 'verbose' | 'quiet'>,
  { terminal, clock }: Pick<Environment, 'terminal' | 'clock'>,
): Log {
  return (level, event, message, more = {}) => {
    if (quiet && level !== 'error') return;
    const at = clock.now();
    if (log === 'json') terminal.stderr(`${JSON.stringify({ at, level, event, message, ...more })}\n`);
    else if (verbose || level !== 'info') terminal.stderr(`${at} ${level} ${printable(message)}\n`);
  };
}
