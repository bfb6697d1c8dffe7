import { type Command, InvalidArgumentError, Option } from 'commander';
import type { BaseRequest } from '../app/earlier-states.ts';
import type { TrustRequest } from '../app/trusted-connections.ts';
import { type DriftRequest, watchDrift } from '../app/watch-drift.ts';
import type { SecretReference } from '../core/desired.ts';
import { printable } from '../core/printable.ts';
import type { Report } from '../core/report.ts';
import { known, parseDuration, parsePercent } from '../core/units.ts';
import type { NotifySettings, Told } from '../ports/daemon.ts';
import type { Log } from '../ports/progress.ts';
import { readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { addTrustOption } from './options.ts';
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

const driftHelp = `
Repeated checks:
  With --every the command stays. It prints a report when the differences have
  changed since the last check. The time counts from the end of a check. Ctrl-C
  or SIGTERM ends it with the exit code of the last check.

Notifications:
  The webhook and the mail are sent when drift appears, changes or ends, and
  when something cannot be read or can be read again. The webhook gets JSON (see
  "reconcile schema drift-event"), signed as www.standardwebhooks.com describes.
  While the command stays it remembers what it sent. --state keeps that for the
  next call.

  Write an address or a secret as env:NAME or file:PATH. The address of a
  webhook may also be a plain URL.

  OTEL_EXPORTER_OTLP_ENDPOINT and the other OpenTelemetry variables turn on
  traces.`;

/** The options of `drift` that no other command has. */
export function addDriftOptions(command: Command): Command {
  return addTrustOption(command)
    .option('--every <time>', 'stay, and check again after this time: 30s, 15m, 2h', duration)
    .option('--jitter <percent>', 'vary that time at random by this share', percent, 10)
    .option('--webhook <url>', 'notify this address when the state changes', told)
    .option('--webhook-secret <where>', 'the key that signs the webhook: env:NAME or file:PATH', secret)
    .addOption(
      new Option(
        '--mail-to <address>',
        'send mail to this address when the state changes; may be given several times',
      ).argParser((text: string, before: readonly string[] = []) => [...before, address(text)]),
    )
    .option('--mail-from <address>', 'the sender of the mail (default: chosen by sendmail)', address)
    .option('--sendmail <program>', 'the program that sends mail, called with -t -i', '/usr/sbin/sendmail')
    .option('--state <file>', 'remember what was sent, for the next call')
    .option('--metrics-file <file>', 'write metrics for the textfile collector of node_exporter')
    .option(
      '--metrics-listen <address>',
      'with --every: serve metrics at /metrics, for example on 127.0.0.1:9464',
      listenAddress,
    )
    .addOption(
      new Option('--log <form>', 'format of the messages on standard error').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', driftHelp);
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

/** Longer waits are for cron. */
const longest = known(parseDuration, '7d');

function duration(text: string): number {
  const milliseconds = parseDuration(text);
  if (!milliseconds || milliseconds > longest)
    throw new InvalidArgumentError('Expected a number with s, m, h or d, from 1s to 7d, such as 15m.');
  return milliseconds;
}

function percent(text: string): number {
  const number = parsePercent(text.endsWith('%') ? text : `${text}%`);
  if (number === undefined || number === 100) throw new InvalidArgumentError('Expected a percentage from 0% to 99%.');
  return number;
}

function secret(text: string): SecretReference {
  const found = reference(text);
  if (!found)
    throw new InvalidArgumentError('Every user of this machine can read a command line. Write env:NAME or file:PATH.');
  return found;
}

function reference(text: string): SecretReference | undefined {
  const [, place, name] = /^(env|file):(.+)$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  return place === 'env' ? { env: name } : { file: name };
}

function told(text: string): Told {
  const found = reference(text);
  if (found) return found;
  if (!/^https?:\/\//i.test(text)) throw new InvalidArgumentError('Expected https://…, env:NAME or file:PATH.');
  return { literal: text };
}

/** One plain address: no name, no list, nothing that could be a word or a header of its own. */
function address(text: string): string {
  if (
    !/^[^\s@<>()[\]\\,;:"-][^\s@<>()[\]\\,;:"]*@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text) ||
    text.length > 254
  )
    throw new InvalidArgumentError('Expected one plain address, such as ops@example.com.');
  return text;
}

function listenAddress(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535)
    throw new InvalidArgumentError('Expected an address and a port, such as 127.0.0.1:9464 or [::1]:9464.');
  return { host, port };
}

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
