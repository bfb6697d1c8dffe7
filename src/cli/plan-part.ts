import type { BaseRequest } from '../app/earlier-states.ts';
import { writePrivateFile } from '../app/files.ts';
import type { SourceRequest } from '../app/plan-source.ts';
import { type PartReading, readPart } from '../app/read-part.ts';
import type { TrustRequest } from '../app/trusted-connections.ts';
import { count } from '../core/count.ts';
import { exitCodes } from '../core/exit-code.ts';
import { printable } from '../core/printable.ts';
import { finding } from '../findings/catalogue.ts';
import { readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFailure, printFindings } from './output.ts';

/** What `plan` may be asked besides, most of which a part cannot answer. */
interface PartOptions extends CommonOptions, BaseRequest, SourceRequest, TrustRequest {
  readonly only?: readonly string[];
}

/** `plan --shard` and `--check --shard`: compares a part of the estate and saves what was found; changes nothing. */
export async function partCommand(
  shard: PartReading['shard'],
  files: readonly string[],
  { output, ...options }: PartOptions,
  environment: Environment,
): Promise<number> {
  const alone = othersOf(options);
  if (alone.length > 0) return printFailure(partAlone(alone), options, environment);
  const part = await readPart({ ...options, files, shard }, readContext(environment, options));
  if ('failed' in part) return printFailure(part, options, environment);
  const unsaved = output === undefined ? undefined : await writePrivateFile(output, part.text, environment.files);
  environment.terminal.stdout(options.format === 'json' ? json(part) : text(part, unsaved ? undefined : output));
  const problems = [...part.findings, ...(unsaved ? [unsaved] : [])];
  if (problems.length > 0) printFindings(problems, { ...options, format: 'text' }, environment);
  return unsaved ? exitCodes.error : part.exitCode;
}

function text({ shard: { number, of }, facts }: PartReading, saved: string | undefined): string {
  const { hosts, changes, unread } = facts;
  const lines = [
    `Part ${number} of ${of}: ${hosts.length === 0 ? 'no host' : hosts.join(', ')}, and its share of the accounts. ${count(changes, 'difference')}.`,
    ...(unread.length > 0 ? [`Could not be read: ${unread.join(', ')}.`] : []),
    ...(saved === undefined ? [] : [`${printable(saved)} has it; "merge" makes the plan of all ${of} parts.`]),
  ];
  return `${lines.join('\n')}\n`;
}

function json({ shard, exitCode, facts }: PartReading): string {
  return `${JSON.stringify({ command: 'plan', shard, exitCode, ...facts }, null, 2)}\n`;
}

function othersOf({ only, base, applied, live, report, format }: PartOptions): readonly string[] {
  const named = { only, base, applied, live, report };
  const asked = Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]));
  return ['text', 'json'].includes(format) ? asked : [...asked, `--format ${format}`];
}

function partAlone(names: readonly string[]) {
  const alone = finding('part.alone', {
    detail: `${names.join(', ')}: a part knows what it found, and only all of them together are a plan that can be reported, narrowed or told apart.\nLeave it out here. merge has --report and --format.`,
  });
  return { failed: [alone], exitCode: exitCodes.error };
}
