import { type Command, InvalidArgumentError, Option } from 'commander';
import type { WatchRequest } from '../app/watch-estate.ts';
import type { SecretReference } from '../core/desired.ts';
import { known, parseDuration, parsePercent } from '../core/units.ts';
import type { NotifySettings, Told } from '../ports/daemon.ts';
import { repeated } from './options.ts';

/** The options of commands that tell people elsewhere. */
export interface NotifyOptions {
  readonly webhook?: Told;
  readonly webhookSecret?: SecretReference;
  readonly slack?: SecretReference;
  readonly teams?: SecretReference;
  readonly mailTo?: readonly string[];
  readonly mailFrom?: string;
  readonly sendmail?: string;
  readonly ping?: SecretReference;
}

/** The options of commands that can stay and look again. */
export interface WatchOptions extends NotifyOptions {
  /** Milliseconds between the end of a look and the beginning of the next; absent: one look. */
  readonly every?: number;
  /** Percent of `every` by which that varies; absent: 10. */
  readonly jitter?: number;
  /** Path of the file that remembers what was told. */
  readonly state?: string;
  readonly metricsFile?: string;
  readonly metricsListen?: { readonly host: string; readonly port: number };
  readonly log?: 'text' | 'json';
}

const usualJitter = 10;
const usualSendmail = '/usr/sbin/sendmail';

/** Gives a command the options that name where notifications go; `when` says what they are sent for. */
export function addNotifyOptions(command: Command, when: string): Command {
  return command
    .option('--webhook <url>', `send JSON to this address ${when}`, told)
    .option('--webhook-secret <where>', 'the key that signs the webhook: env:NAME or file:PATH', secret)
    .option('--slack <where>', `send a message to Slack ${when}: the address of an incoming webhook`, secret)
    .option('--teams <where>', `send a message to Teams ${when}: the address of a workflow`, secret)
    .addOption(repeated('--mail-to <address>', `send mail to this address ${when}`, address))
    .option('--mail-from <address>', 'the sender of the mail (default: chosen by sendmail)', address)
    .option('--sendmail <program>', `the program that sends mail, called with -t -i (default: ${usualSendmail})`)
    .option('--ping <where>', 'ping this health check at the start and at the end', secret);
}

/** Gives a command the options to stay, to tell and to measure. */
export function addWatchOptions(command: Command): Command {
  return addNotifyOptions(
    command
      .option('--every <time>', 'stay, and check again after this time: 30s, 15m, 2h', duration)
      .option('--jitter <percent>', `vary that time at random by this share (default: ${usualJitter})`, percent),
    'when the state changes',
  )
    .option('--state <file>', 'remember what was sent, for the next call')
    .option('--metrics-file <file>', 'write metrics for the textfile collector of node_exporter')
    .option(
      '--metrics-listen <address>',
      'with --every: serve metrics at /metrics, for example on 127.0.0.1:9464',
      listenAddress,
    )
    .addOption(
      new Option('--log <form>', 'format of the messages on standard error (default: text)').choices(['text', 'json']),
    );
}

/** What the help of these commands says of notifications. */
export const notifyHelp = `
  Write an address or a secret as env:NAME or file:PATH. The address of a
  webhook may also be a plain URL. The webhook is signed as
  www.standardwebhooks.com describes. --ping works as healthchecks.io describes:
  a POST to the address with /start at the start, to the address itself after a
  success, and with /fail after a failure.`;

/** What the help of these commands says of staying. */
export const watchHelp = `
Repeated checks:
  With --every the command stays. It prints a report when the result has changed
  since the last check. The time counts from the end of a check. Ctrl-C or
  SIGTERM ends it with the exit code of the last check.`;

/** Whom the options name. */
export function notifySettings(options: NotifyOptions): NotifySettings {
  const { webhook, webhookSecret, slack, teams, mailTo, mailFrom, sendmail: program = usualSendmail, ping } = options;
  return {
    ...(webhook && { webhook: { url: webhook, ...(webhookSecret && { secret: webhookSecret }) } }),
    ...(slack && { slack }),
    ...(teams && { teams }),
    ...(mailTo && { mail: { to: mailTo, program, ...(mailFrom !== undefined && { from: mailFrom }) } }),
    ...(ping && { ping }),
  };
}

/** What the options ask for. */
export function watchRequest(options: WatchOptions, files: readonly string[]): WatchRequest {
  const { every, jitter = usualJitter, state, metricsFile: file, metricsListen: listen } = options;
  return {
    files,
    jitter,
    ...(every !== undefined && { every }),
    ...(state !== undefined && { state }),
    notify: notifySettings(options),
    metrics: { ...(file !== undefined && { file }), ...(listen && { listen }) },
  };
}

/** The options among these that were given, as they are written. */
export function givenWatchOptions(options: WatchOptions): readonly string[] {
  const { every, state, webhook, slack, teams, mailTo, ping, metricsFile, metricsListen } = options;
  const given = { every, state, webhook, slack, teams, mailTo, ping, metricsFile, metricsListen };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [optionName(name)]));
}

/** `mailTo` as `--mail-to`. */
export function optionName(name: string): string {
  return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
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
