import type { Command } from 'commander';
import { count } from '../core/count.ts';
import { distinctFindings, type Finding, TargetProblem } from '../core/finding.ts';
import { type DrawCommand, drawAlone, nextCommands } from '../core/next-command.ts';
import { printable } from '../core/printable.ts';
import { isSecretName } from '../estate/literal-secrets.ts';
import { type Taking, takeSnapshot } from '../snapshot/take.ts';
import { filterAttributes } from '../snapshot/told-filters.ts';
import { exitCodes } from './exit-code.ts';
import { unwritableFile } from './files.ts';
import { type CommonOptions, endProgress, printFindings } from './output.ts';
import type { Outside } from './outside.ts';
import { addTrustOption, loadTrusted, type TrustOptions } from './trusted-connections.ts';
import { withEstate } from './with-estate.ts';

/** The options of `snapshot`. */
export interface SnapshotOptions extends CommonOptions, TrustOptions {
  readonly output: string;
  readonly attribute?: readonly string[];
  readonly group?: readonly string[];
  readonly calendars?: boolean;
}

const help = `
  It holds what a plan reads: ics.conf, domain map, options and process list of each host, and of each account the
  attributes that the kinds need and the filters of the file look at. Passwords are masked, and never read in the directory.
  Whoever has it knows the names and mail addresses of all accounts: keep it where the estate file is kept, or closer.
  What a changed file may need besides is named: --attribute for filters, --group, --calendars where calendars are deleted.
  0: it is whole; 4: a host could not be read, and the snapshot says so where it is planned from.`;

/** Gives a command the options of `snapshot` besides the common ones. */
export function addSnapshotOptions(command: Command): Command {
  return addTrustOption(command)
    .requiredOption('-o, --output <file>', 'the file to write, JSON lines packed with gzip: live.jsonl.gz')
    .option('--attribute <name...>', 'further attributes of accounts, for filters that are yet to come')
    .option('--group <dn...>', 'groups that are to be cohorts')
    .option('--calendars', 'the calendars of every CS6 host, also where the file deletes none')
    .addHelpText('after', help);
}

/** `snapshot`: reads what a plan reads and keeps it, without secrets, for `plan --live`. */
export async function snapshotCommand(
  files: readonly string[],
  options: SnapshotOptions,
  outside: Outside,
): Promise<number> {
  return withEstate(await loadTrusted(files, options, outside), options, outside, async (state, { ports }) => {
    const { attribute: attributes = [], group: groups = [], calendars = false } = options;
    const secret = [...filterAttributes(state), ...attributes].filter(isSecretName);
    if (secret.length > 0) return fail([secretAttribute(secret)], exitCodes.error, options, outside);
    const takenAt = outside.clock.now();
    const wish = { state, attributes, groups, calendars, takenAt, tool: outside.version };
    try {
      const taking = await takeSnapshot(wish, ports);
      const unwritten = await write(options.output, taking, outside);
      endProgress(outside);
      if (unwritten) return fail([unwritten], exitCodes.error, options, outside);
      outside.stdout(
        options.format === 'json' ? json(options.output, taking) : text(options.output, taking, options.draw),
      );
      const { unread } = taking.facts;
      return unread.length > 0
        ? fail(distinctFindings(unread), exitCodes.incomplete, options, outside)
        : exitCodes.done;
    } catch (problem) {
      if (!(problem instanceof TargetProblem)) throw problem;
      return fail([problem.finding], exitCodes.incomplete, options, outside);
    }
  });
}

/** Standard output has facts of a snapshot only, in whichever format. */
function fail(findings: readonly Finding[], exitCode: number, options: CommonOptions, outside: Outside): number {
  printFindings(findings, { ...options, format: 'text' }, outside);
  return exitCode;
}

async function write(file: string, taking: Taking, outside: Outside): Promise<Finding | undefined> {
  try {
    await outside.writePacked(file, taking.lines());
    return undefined;
  } catch (error) {
    if (error instanceof TargetProblem) throw error;
    return unwritableFile(file, error);
  }
}

function text(file: string, taking: Taking, draw: DrawCommand = drawAlone): string {
  const { head, hosts } = taking.facts;
  const masked = hosts.filter(host => host.masked > 0).map(host => `${host.name} ${host.masked}`);
  const lines = [
    `${file}  ${head.estate}  taken ${head.takenAt}  ${count(hosts.length, 'host')}  ${count(taking.accounts(), 'account')}`,
    `  attributes  ${head.directory.attributes.join(' ')}`,
    `  masked      ${masked.length > 0 ? masked.join(', ') : 'nothing looked like a secret'}`,
    'Plan from it, anywhere and without credentials:',
    `    ${draw(nextCommands.planFrom(file))}`,
  ];
  return `${printable(lines.join('\n'))}\n`;
}

function json(file: string, taking: Taking): string {
  const { head, hosts, unread } = taking.facts;
  const facts = {
    command: 'snapshot',
    file,
    estate: head.estate,
    takenAt: head.takenAt,
    hosts: hosts.map(({ name, masked }) => ({ name, masked })),
    accounts: taking.accounts(),
    attributes: head.directory.attributes,
    unread: distinctFindings(unread),
  };
  return `${JSON.stringify(facts, null, 2)}\n`;
}

function secretAttribute(names: readonly string[]): Finding {
  return {
    severity: 'error',
    code: 'snapshot.secret-attribute',
    summary: 'A snapshot never holds passwords',
    detail: `${[...new Set(names)].join(', ')}: by its name it holds a secret, and a snapshot goes where nobody has credentials.\nLeave it out of --attribute, and look at something else in the filters of the file.`,
  };
}
