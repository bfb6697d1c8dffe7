import { type Channels, openChannels } from '../app/channels.ts';
import { type Failure, failedReport, failure, problemOf } from '../app/context.ts';
import type { RunFacts } from '../app/run-plan.ts';
import { type TakeLook, type WatchContext, watchEstate } from '../app/watch-estate.ts';
import { TargetProblem } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import type { Report } from '../core/report.ts';
import { exitCodes } from '../core/report.ts';
import type { Log } from '../ports/progress.ts';
import { type RunReport, runNotice } from '../watch/run-notice.ts';
import type { Seen, Watched } from '../watch/watched.ts';
import { readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type NotifyOptions, notifySettings, type WatchOptions, watchRequest } from './notify-options.ts';
import { type CommonOptions, printFailure, printReport, withProvenance } from './output.ts';

/** Looks once or again and again, prints what is new, and tells who is to hear of it; returns the exit code. */
export async function watchCommand<S extends Seen>(
  watched: Watched<S>,
  take: TakeLook<S>,
  options: CommonOptions & WatchOptions,
  environment: Environment,
  afterLook?: WatchContext['afterLook'],
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
    ...(afterLook && { afterLook }),
  });
  return 'failed' in result ? printFailure(result, options, environment) : result.exitCode;
}

/**
 * Does something in an environment whose connections are kept from one look to the next, and ends them; with one look only, or
 * where nothing can be kept, in the same environment.
 */
export async function keepingConnections<R>(
  environment: Environment,
  { every }: Pick<WatchOptions, 'every'>,
  action: (environment: Environment) => Promise<R>,
): Promise<R> {
  if (every === undefined || !environment.keepConnections) return action(environment);
  const kept = await environment.keepConnections(every);
  const { toRead, toMail } = kept;
  try {
    return await action({ ...environment, connections: { ...environment.connections, toRead, toMail } });
  } finally {
    // Not waited for: after an interrupt a host may not answer.
    kept.close().catch(() => {});
  }
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
  { log, verbose, quiet }: Pick<WatchOptions & CommonOptions, 'log' | 'verbose' | 'quiet'>,
  { terminal, clock }: Pick<Environment, 'terminal' | 'clock'>,
): Log {
  return (level, event, message, more = {}) => {
    if (quiet && level !== 'error') return;
    const at = clock.now();
    if (log === 'json') terminal.stderr(`${JSON.stringify({ at, level, event, message, ...more })}\n`);
    else if (verbose || level !== 'info') terminal.stderr(`${at} ${level} ${printable(message)}\n`);
  };
}

/** What became of a plan that was to be run. */
type Result = RunFacts | Failure;

/** Tells of a result after it was printed; never rejects. */
type TellRun = (result: Result) => Promise<void>;

/**
 * Runs an apply or an undo. Where options name somewhere, its result is sent there. What they name is opened first: a wrong
 * address or a missing secret ends the command before anything is done. A notification that is not accepted is named on standard
 * error, and changes no exit code.
 */
export async function withRunNotices(
  command: 'apply' | 'undo',
  options: CommonOptions & NotifyOptions,
  environment: Environment,
  action: (tell: TellRun) => Promise<number>,
): Promise<number> {
  const channels = await openAll(options, environment);
  if (!channels) return action(async () => {});
  if ('failed' in channels) return printFailure(channels, options, environment);
  const never = new AbortController().signal;
  const tell: TellRun = async result => {
    const report = reportOf(command, result, options, environment);
    const notice = report && runNotice(report, { command, at: environment.clock.now(), tool: environment.version });
    if (!notice) return;
    await Promise.all(channels.names.map(name => channels.send(name, notice, `${command} ended`, never)));
  };
  channels.began(never);
  try {
    const code = await action(tell);
    const succeeded = code === exitCodes.done || code === exitCodes.differences;
    await channels.ended(succeeded, `${command}: exit code ${code}`, never);
    return code;
  } catch (problem) {
    await tell(failure([problemOf(problem)]));
    await channels.ended(false, `${command}: failed unexpectedly`, never);
    throw problem;
  }
}

async function openAll(
  options: CommonOptions & NotifyOptions,
  environment: Environment,
): Promise<Channels | Failure | undefined> {
  const settings = notifySettings(options);
  if (Object.keys(settings).length === 0) return undefined;
  try {
    return await openChannels(settings, await environment.watching(), makeLog(options, environment));
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return failure([problem.finding]);
  }
}

/** As it is printed; a person who said no needs no notice. */
function reportOf(
  command: 'apply' | 'undo',
  result: Result,
  { about }: CommonOptions,
  environment: Environment,
): RunReport | undefined {
  const files = about?.files ?? [];
  if (!('failed' in result)) {
    const { declined, ...facts } = result;
    return declined ? undefined : withProvenance<RunReport>({ command, ...facts }, environment, about);
  }
  return withProvenance<RunReport>(failedReport(command, files, result), environment, about);
}
