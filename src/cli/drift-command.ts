import type { BaseRequest } from '../app/earlier-states.ts';
import type { TrustRequest } from '../app/trusted-connections.ts';
import { type DriftRequest, watchDrift } from '../app/watch-drift.ts';
import type { SecretReference } from '../core/desired.ts';
import { printable } from '../core/printable.ts';
import type { Report } from '../core/report.ts';
import type { NotifySettings, Told } from '../ports/daemon.ts';
import type { Log } from '../ports/progress.ts';
import { readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFailure, printReport, reportingOn } from './output.ts';

/** The options of `drift`. */
export interface DriftOptions extends CommonOptions, BaseRequest, TrustRequest {
  /** Milliseconds between the end of a look and the beginning of the next; absent: one look. */
  readonly every?: number;
  /** Percent of `every` by which that varies. */
  readonly jitter: number;
  readonly log: 'text' | 'json';
  /** Path of the file that remembers what was told. */
  readonly state?: string;
  readonly webhook?: Told;
  readonly webhookSecret?: SecretReference;
  readonly mailTo?: readonly string[];
  readonly mailFrom?: string;
  readonly sendmail: string;
  readonly metricsFile?: string;
  readonly metricsListen?: { readonly host: string; readonly port: number };
}

/** What the options ask for. */
function driftRequest(options: DriftOptions, files: readonly string[]): DriftRequest {
  const { metricsFile: file, metricsListen: listen } = options;
  const metrics = { ...(file !== undefined && { file }), ...(listen && { listen }) };
  return { ...options, files, notify: notifySettings(options), metrics };
}

function notifySettings(options: DriftOptions): NotifySettings {
  const { webhook, webhookSecret, mailTo, mailFrom, sendmail } = options;
  return {
    ...(webhook && { webhook: { url: webhook, ...(webhookSecret && { secret: webhookSecret }) } }),
    ...(mailTo && { mail: { to: mailTo, program: sendmail, ...(mailFrom !== undefined && { from: mailFrom }) } }),
  };
}

/** `drift`: what live has that the files have not. */
export async function driftCommand(
  files: readonly string[],
  given: DriftOptions,
  environment: Environment,
): Promise<number> {
  const options = reportingOn(given, 'drift', files);
  const result = await watchDrift(driftRequest(options, files), {
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
function withoutStatus(environment: Environment, { every }: DriftOptions): Environment {
  if (every === undefined) return environment;
  return { ...environment, terminal: { ...environment.terminal, status: () => {} } };
}

function sayStopping({ log, quiet }: DriftOptions, { terminal }: Environment): void {
  if (log === 'text' && !quiet) terminal.stderr('Stopping. A check that is under way is finished first.\n');
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
  { log, verbose, quiet }: Pick<DriftOptions, 'log' | 'verbose' | 'quiet'>,
  { terminal, clock }: Pick<Environment, 'terminal' | 'clock'>,
): Log {
  return (level, event, message, more = {}) => {
    if (quiet && level !== 'error') return;
    const at = clock.now();
    if (log === 'json') terminal.stderr(`${JSON.stringify({ at, level, event, message, ...more })}\n`);
    else if (verbose || level !== 'info') terminal.stderr(`${at} ${level} ${printable(message)}\n`);
  };
}
