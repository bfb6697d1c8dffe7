import type { Command } from 'commander';
import { type SavedSnapshot, saveSnapshot } from '../app/save-snapshot.ts';
import type { TrustRequest } from '../app/trusted-connections.ts';
import { type DrawCommand, drawAlone, nextCommands } from '../core/next-command.ts';
import { printable } from '../core/printable.ts';
import { exitCodes } from '../core/report.ts';
import { count } from '../core/units.ts';
import { readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { addTrustOption, names, repeated } from './options.ts';
import { type CommonOptions, printFailure, printFindings } from './output.ts';

/** The options of `snapshot`. */
export interface SnapshotOptions extends CommonOptions, TrustRequest {
  readonly output: string;
  readonly attribute?: readonly string[];
  readonly group?: readonly string[];
  readonly calendars?: boolean;
}

const help = `
A snapshot holds what a plan reads: ics.conf, the domain map, the options and
the process list of each host. Of each account it holds the attributes that the
plan and the filters of the file need. Passwords in files of hosts are masked.
Passwords in the directory are never read.

A snapshot holds the names and mail addresses of all accounts. Protect it like
the estate file.

A later plan may need more than today's file reads. Read it now: --attribute for
new filters, --group for new cohorts, --calendars before calendars are deleted.

For snapshot, 0 means that the snapshot is whole. 4 means that a host could not
be read. A plan from such a snapshot says so.`;

/** Gives a command the options of `snapshot` besides the common ones. */
export function addSnapshotOptions(command: Command): Command {
  return addTrustOption(command)
    .requiredOption('-o, --output <file>', 'the file to write, JSON lines packed with gzip: live.jsonl.gz')
    .addOption(names('--attribute <name,...>', 'read these attributes of accounts as well, for later filters'))
    .addOption(repeated('--group <dn>', 'read this group as well, for a later cohort'))
    .option('--calendars', 'list the calendars of every CS6 host, even if the file deletes none')
    .addHelpText('after', help);
}

/** `snapshot`: reads what a plan reads and keeps it, without secrets, for `plan --live`. */
export async function snapshotCommand(
  files: readonly string[],
  options: SnapshotOptions,
  environment: Environment,
): Promise<number> {
  const { output: saveTo, attribute: attributes = [], group: groups = [], calendars = false, draw } = options;
  const request = { ...options, files, saveTo, attributes, groups, calendars };
  const saved = await saveSnapshot(request, readContext(environment, options));
  // Standard output has facts of a snapshot only, in whichever format.
  const asText = { ...options, format: 'text' } as const;
  if ('failed' in saved) return printFailure(saved, asText, environment);
  environment.terminal.stdout(options.format === 'json' ? json(saveTo, saved) : text(saveTo, saved, draw));
  if (saved.unread.length === 0) return exitCodes.done;
  printFindings(saved.unread, asText, environment);
  return exitCodes.incomplete;
}

function text(
  file: string,
  { estate, takenAt, hosts, accounts, attributes }: SavedSnapshot,
  draw: DrawCommand = drawAlone,
): string {
  const masked = hosts.filter(host => host.masked > 0).map(host => `${host.name} ${host.masked}`);
  const lines = [
    `${file}  ${estate}  taken ${takenAt}  ${count(hosts.length, 'host')}  ${count(accounts, 'account')}`,
    `  attributes  ${attributes.join(' ')}`,
    `  masked      ${masked.length > 0 ? masked.join(', ') : 'nothing looked like a secret'}`,
    'Plan from it, anywhere and without credentials:',
    `    ${draw(nextCommands.planFrom(file))}`,
  ];
  return `${printable(lines.join('\n'))}\n`;
}

function json(file: string, { estate, takenAt, hosts, accounts, attributes, unread }: SavedSnapshot): string {
  const facts = { command: 'snapshot', file, estate, takenAt, hosts, accounts, attributes, unread };
  return `${JSON.stringify(facts, null, 2)}\n`;
}
