import { type SavedSnapshot, saveSnapshot } from '../app/save-snapshot.ts';
import type { TrustRequest } from '../app/trusted-connections.ts';
import { type DrawCommand, drawAlone, nextCommands } from '../core/next-command.ts';
import { printable, printableJson } from '../core/printable.ts';
import { exitCodes } from '../core/report.ts';
import { count } from '../core/units.ts';
import { standardOutput } from '../ports/local-files.ts';
import { flow, prose, type Style } from '../report/text/layout.ts';
import { readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFailure, printFindings, styleOn } from './output.ts';

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
  environment.terminal.stdout(
    options.format === 'json'
      ? json(saveTo, saved)
      : text(saveTo, saved, styleOn('stdout', options, environment), draw),
  );
  if (saved.unread.length === 0) return exitCodes.done;
  printFindings(saved.unread, asText, environment);
  return exitCodes.incomplete;
}

function text(
  file: string,
  { estate, takenAt, hosts, accounts, attributes }: SavedSnapshot,
  style: Style,
  draw: DrawCommand = drawAlone,
): string {
  const masked = hosts.filter(host => host.masked > 0).map(host => `${host.name} ${host.masked}`);
  const isNamed = file !== standardOutput;
  const facts = [
    isNamed ? file : 'standard output',
    estate,
    `taken ${takenAt}`,
    count(hosts.length, 'host'),
    count(accounts, 'account'),
  ];
  const secrets = masked.length > 0 ? masked.join(', ') : 'nothing looked like a secret';
  const lines = [
    ...flow(
      facts.map(fact => ({ text: printable(fact) })),
      style,
    ),
    ...prose(`attributes  ${printable(attributes.join(' '))}`, style, { by: 2, more: 14 }),
    ...prose(`masked      ${printable(secrets)}`, style, { by: 2, more: 14 }),
    ...(isNamed ? planLines(file, draw) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function planLines(file: string, draw: DrawCommand): readonly string[] {
  return [
    'To plan from it, on any machine and without credentials:',
    `    ${printable(draw(nextCommands.planFrom(file)))}`,
  ];
}

function json(file: string, { estate, takenAt, hosts, accounts, attributes, unread }: SavedSnapshot): string {
  const facts = { command: 'snapshot', file, estate, takenAt, hosts, accounts, attributes, unread };
  return printableJson(facts);
}
