import { type SavedSnapshot, saveSnapshot } from '../app/save-snapshot.ts';
import type { TrustRequest } from '../app/trusted-connections.ts';
import { type DrawCommand, drawAlone, nextCommands } from '../core/next-command.ts';
import { printable } from '../core/printable.ts';
import { exitCodes } from '../core/report.ts';
import { count } from '../core/units.ts';
import { readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFailure, printFindings } from './output.ts';

/** The options of `snapshot`. */
export interface SnapshotOptions extends CommonOptions, TrustRequest {
  readonly output: string;
  readonly attribute?: readonly string[];
  readonly group?: readonly string[];
  readonly calendars?: boolean;
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
